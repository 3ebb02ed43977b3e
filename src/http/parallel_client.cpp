#include "http/parallel_client.h"

#include "http/transfer.h"

#include <unordered_map>
#include <utility>
#include <vector>

#include <curl/curl.h>

namespace diffo::http {
namespace {

struct EasyDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct MultiDeleter {
  void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
};
using Easy = std::unique_ptr<CURL, EasyDeleter>;

constexpr std::size_t most_idle_handles = 64;

struct Exchange {
  Exchange(Easy handle, ClientOptions given, ClientRequest asked, ParallelClient::Done told)
      : easy(std::move(handle)), options(std::move(given)), request(std::move(asked)),
        done(std::move(told)), transfer(easy.get(), options, request) {}

  Easy easy;
  ClientOptions options;
  ClientRequest request;
  ParallelClient::Done done;
  Transfer transfer;
};

} // namespace

class ParallelClient::Impl {
public:
  ~Impl() {
    for (const auto& [easy, exchange] : exchanges)
      curl_multi_remove_handle(multi.get(), easy);
  }

  Easy handle() {
    if (idle.empty())
      return Easy(curl_easy_init());
    Easy easy = std::move(idle.back());
    idle.pop_back();
    return easy;
  }

  void finish(CURL* easy, CURLcode code) {
    const auto found = exchanges.find(easy);
    const std::unique_ptr<Exchange> exchange = std::move(found->second);
    exchanges.erase(found);
    curl_multi_remove_handle(multi.get(), easy);
    auto answer = exchange->transfer.answer_of(code);
    if (idle.size() < most_idle_handles) {
      curl_easy_reset(easy); // it points into what goes
      idle.push_back(std::move(exchange->easy));
    }
    exchange->done(std::move(answer));
  }

  std::unique_ptr<CURLM, MultiDeleter> multi{curl_multi_init()};
  std::vector<Easy> idle;
  std::unordered_map<CURL*, std::unique_ptr<Exchange>> exchanges;
};

Result<ParallelClient> ParallelClient::make(std::size_t kept_connections) {
  if (!curl_ready())
    return Error{ErrorCode::internal, "libcurl cannot be set up"};
  auto impl = std::make_unique<Impl>();
  if (!impl->multi)
    return Error{ErrorCode::internal, "libcurl has no memory for connections"};
  curl_multi_setopt(impl->multi.get(), CURLMOPT_MAXCONNECTS, static_cast<long>(kept_connections));
  return ParallelClient(std::move(impl));
}

Result<void> ParallelClient::begin(ClientOptions options, ClientRequest request, Done done) {
  Easy easy = impl_->handle();
  if (!easy)
    return Error{ErrorCode::internal, "libcurl has no memory for a connection"};
  CURL* const key = easy.get();
  auto exchange = std::make_unique<Exchange>(std::move(easy), std::move(options),
                                             std::move(request), std::move(done));
  TRY(exchange->transfer.prepare());
  if (curl_multi_add_handle(impl_->multi.get(), key) != CURLM_OK)
    return Error{ErrorCode::internal, "libcurl does not take the request"};
  impl_->exchanges.emplace(key, std::move(exchange));
  return {};
}

void ParallelClient::move(std::chrono::milliseconds longest_wait) {
  CURLM* const multi = impl_->multi.get();
  int running = 0;
  curl_multi_perform(multi, &running);
  const auto take_finished = [this, multi] {
    bool some = false;
    int left = 0;
    while (const CURLMsg* told = curl_multi_info_read(multi, &left)) {
      if (told->msg != CURLMSG_DONE)
        continue;
      some = true;
      impl_->finish(told->easy_handle, told->data.result);
    }
    return some;
  };
  if (take_finished())
    return;
  curl_multi_poll(multi, nullptr, 0, static_cast<int>(longest_wait.count()), nullptr);
  curl_multi_perform(multi, &running);
  take_finished();
}

std::size_t ParallelClient::under_way() const {
  return impl_->exchanges.size();
}

void ParallelClient::wake() {
  curl_multi_wakeup(impl_->multi.get());
}

ParallelClient::ParallelClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ParallelClient::ParallelClient(ParallelClient&&) noexcept = default;
ParallelClient& ParallelClient::operator=(ParallelClient&&) noexcept = default;
ParallelClient::~ParallelClient() = default;

} // namespace diffo::http

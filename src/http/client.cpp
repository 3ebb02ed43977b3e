#include "http/client.h"

#include "http/message.h"
#include "http/transfer.h"

#include <utility>

#include <curl/curl.h>

namespace diffo::http {
namespace {

struct EasyDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};

} // namespace

class Client::Impl {
public:
  explicit Impl(ClientOptions given) : options(std::move(given)), handle(curl_easy_init()) {}

  ClientOptions options;
  std::unique_ptr<CURL, EasyDeleter> handle;
};

std::string_view ClientAnswer::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (same_header_name(key, name))
      return value;
  return {};
}

Client::Client(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Client::~Client() = default;

Result<Client> Client::make(ClientOptions options) {
  if (!options.base_url.starts_with("http://") && !options.base_url.starts_with("https://"))
    return Error{ErrorCode::invalid, "the server's address starts with http:// or https://",
                 options.base_url};
  while (options.base_url.ends_with('/'))
    options.base_url.pop_back();
  if (!curl_ready())
    return Error{ErrorCode::internal, "libcurl cannot be set up"};
  auto impl = std::make_unique<Impl>(std::move(options));
  if (!impl->handle)
    return Error{ErrorCode::internal, "libcurl has no memory for a connection"};
  return Client(std::move(impl));
}

Result<ClientAnswer> Client::send(const ClientRequest& request) {
  Transfer transfer(impl_->handle.get(), impl_->options, request);
  TRY(transfer.prepare());
  return transfer.answer_of(curl_easy_perform(impl_->handle.get()));
}

} // namespace diffo::http

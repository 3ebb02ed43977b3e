#include "server/tasks/remote.h"

#include "server/signature.h"

#include <algorithm>
#include <utility>

namespace diffo::server {
namespace {

constexpr std::size_t most_answer_bytes = std::size_t{256} << 10U;

class HttpExecutor final : public Executor {
public:
  explicit HttpExecutor(const ExecutorSettings& settings)
      : settings_(settings), url_(remote_url(settings.url)) {}

  Outcome run(const Attempt& attempt, const Cancellation& cancellation) override {
    http::ClientRequest request;
    request.method = "POST";
    request.target = url_.path;
    request.body = json::to_text(attempt.document);
    request.headers = {{"Content-Type", "application/json"},
                       {"X-Diffo-Task", attempt.task.id},
                       {"Idempotency-Key", attempt.key()}};
    sign(request, settings_.secret);
    const auto answer =
        send_to(url_.server, request, std::chrono::microseconds(settings_.timeout), cancellation);
    constexpr int accepted = 202;
    return outcome_of(answer, answer && answer->status == accepted ? Outcome::Kind::accepted
                                                                   : Outcome::Kind::done);
  }

private:
  ExecutorSettings settings_;
  RemoteUrl url_;
};

} // namespace

RemoteUrl remote_url(const std::string& url) {
  const std::size_t authority = url.find("//") + 2;
  const std::size_t path = std::min(url.find('/', authority), url.size());
  return {url.substr(0, path), path < url.size() ? url.substr(path) : "/"};
}

Result<http::ClientAnswer> send_to(const std::string& server, const http::ClientRequest& request,
                                   std::chrono::microseconds timeout,
                                   const Cancellation& cancellation) {
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(timeout);
  http::Client client = TRY(http::Client::make(
      {.base_url = server,
       .connect_timeout = std::min(milliseconds, std::chrono::milliseconds(5000)),
       .timeout = milliseconds,
       .answer_bytes = most_answer_bytes,
       .cancellation = cancellation}));
  return client.send(request);
}

Outcome outcome_of(const Result<http::ClientAnswer>& answer, Outcome::Kind when_taken) {
  if (!answer)
    return {Outcome::Kind::again, answer.error().text()};
  const int status = answer->status;
  if (status >= 200 && status < 300)
    return {when_taken};
  std::string reason = "answered " + std::to_string(status);
  if (!answer->body.empty())
    reason += ": " + reason_of(answer->body);
  const bool refused = status >= 300 && status < 500;
  const bool passes = status == 408 || status == 409 || status == 425 || status == 429;
  return {refused && !passes ? Outcome::Kind::failed : Outcome::Kind::again, std::move(reason)};
}

std::unique_ptr<Executor> http_executor(const ExecutorSettings& settings) {
  return std::make_unique<HttpExecutor>(settings);
}

} // namespace diffo::server

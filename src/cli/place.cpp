#include "cli/place.h"

#include "base/text.h"
#include "cli/exit_codes.h"
#include "server/open_store.h"

#include <cstdio>
#include <utility>

namespace diffo::cli {

int report(const Error& error) {
  std::fprintf(stderr, "diffo: %s\n", printable(error.text()).c_str());
  return exit_trouble;
}

Result<http::Client> client_of(const Place& place, bool long_running) {
  http::ClientOptions options;
  options.base_url = place.server.empty() ? "http://127.0.0.1:8080" : place.server;
  if (long_running)
    options.timeout = std::chrono::milliseconds(0);
  return http::Client::make(std::move(options));
}

Result<OpenFolder> OpenFolder::open(const Place& place, Folder folder) {
  OpenFolder opened;
  opened.store_ = TRY(server::open_store({.data = place.data,
                                          .clock = opened.clock_.get(),
                                          .read_only = folder == Folder::only_read}));
  return opened;
}

Error error_of(const http::ClientAnswer& answer) {
  if (const auto body = json::read(answer.body)) {
    const std::string_view message = body->text_of("message");
    if (!message.empty())
      return {ErrorCode::unprocessable, std::string(message)};
  }
  return {ErrorCode::unprocessable, "the server answered " + std::to_string(answer.status)};
}

} // namespace diffo::cli

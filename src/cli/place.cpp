#include "cli/place.h"

#include "cli/exit_codes.h"
#include "server/application.h"
#include "tmf/schema.h"

#include <cstdio>

namespace diffo::cli {

int report(const Error& error) {
  std::fprintf(stderr, "diffo: %s\n", error.text().c_str());
  return exit_trouble;
}

Result<http::Client> client_of(const Place& place, bool long_running) {
  http::ClientOptions options;
  options.base_url = place.server.empty() ? "http://127.0.0.1:8080" : place.server;
  if (long_running)
    options.timeout = std::chrono::milliseconds(0);
  return http::Client::make(std::move(options));
}

Result<std::unique_ptr<store::EmbeddedStore>> open_folder(const Place& place, bool existing_only) {
  store::EmbeddedOptions options;
  options.folder = place.data;
  options.create_if_missing = !existing_only;
  return store::EmbeddedStore::open(tmf::inventory_schema(), std::move(options));
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

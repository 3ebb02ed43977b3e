#include "cli/place.h"

#include "base/text.h"
#include "cli/exit_codes.h"
#include "server/database_address.h"
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

Result<std::optional<neo4j::ConnectionOptions>> connection_of(const Database& database) {
  if (database.uri.empty())
    return std::optional<neo4j::ConnectionOptions>();
  return std::optional(TRY(server::read_database_address(
      {.uri = database.uri, .database = database.name, .credentials = database.credentials})));
}

Result<OpenStore> OpenStore::open(const Place& place, Folder folder) {
  OpenStore opened;
  opened.store_ = TRY(server::open_store({.data = place.data,
                                          .database = TRY(connection_of(place.database)),
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

Result<json::Value> asked_object(const std::string& server, http::ClientRequest request) {
  http::Client client = TRY(client_of({.server = server, .data = {}}, false));
  request.headers = {{"Accept", "application/json"}};
  if (!request.body.empty())
    request.headers.emplace_back("Content-Type", "application/json");
  const http::ClientAnswer answer = TRY(client.send(request));
  if (answer.status != 200)
    return error_of(answer);
  auto body = json::read(answer.body, {.max_bytes = std::size_t{64} << 20U, .max_depth = 128});
  if (!body || !body->is_object())
    return Error{ErrorCode::malformed, "the server's answer is no object"};
  return body;
}

} // namespace diffo::cli

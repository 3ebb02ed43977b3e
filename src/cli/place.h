#pragma once

#include "base/time.h"
#include "cli/commands.h"
#include "graph/store.h"
#include "http/client.h"
#include "neo4j/connection.h"

#include <diffo/json.h>

#include <memory>
#include <optional>
#include <string>

namespace diffo::cli {

/// A client of the place's server, or of the default one.
Result<http::Client> client_of(const Place& place, bool long_running);

/// What a folder or database must be before it is opened.
enum class Folder {
  may_be_made,
  only_read ///< it must be there; a full or read-only disk will do
};

/// How the database is reached; nothing without one.
Result<std::optional<neo4j::ConnectionOptions>> connection_of(const Database& database);

/// A store on the place's folder or database, with nobody else's hands on it.
class OpenStore {
public:
  static Result<OpenStore> open(const Place& place, Folder folder);
  [[nodiscard]] graph::Store& store() const { return *store_; }

private:
  std::unique_ptr<SystemClock> clock_ = std::make_unique<SystemClock>();
  std::unique_ptr<graph::Store> store_;
};

/// What a running server answers with 200: one object. Errors: those of the client; of the answer;
/// malformed.
Result<json::Value> asked_object(const std::string& server, http::ClientRequest request);

/// What went wrong according to a server's answer.
Error error_of(const http::ClientAnswer& answer);

} // namespace diffo::cli

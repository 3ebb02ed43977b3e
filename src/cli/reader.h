#pragma once

#include "http/client.h"

#include <diffo/json.h>
#include <diffo/result.h>

#include <functional>
#include <string>
#include <string_view>

namespace diffo::cli {

/// Reads from a running server and can do nothing else: whatever it asks for, it asks by GET. Holds
/// one page at a time. Thread rule: one thread.
class Reader {
public:
  /// `server` is a URL; empty for the default one.
  static Result<Reader> make(const std::string& server);

  /// Calls `take` with each row of a list, page after page. `path` is absolute, `query` is encoded.
  /// Errors: unprocessable with what the server says; malformed where its answer is no such list or
  /// its pages do not end; those of the client and of `take`.
  Result<void> for_each_row(const std::string& path, const std::string& query,
                            const std::function<Result<void>(const json::Value&)>& take);

private:
  explicit Reader(http::Client client) : client_(std::move(client)) {}
  http::Client client_;
};

/// The text of a query string with everything encoded that cannot stand in a URL, such as blanks;
/// what is encoded already stays.
std::string encoded_query(std::string_view text);

} // namespace diffo::cli

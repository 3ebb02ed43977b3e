#pragma once

#include "base/guarded.h"

#include <diffo/bolt.h>
#include <diffo/result.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace diffo::neo4j {

/// Where the database is, and who asks.
struct ConnectionOptions {
  std::string uri;  ///< neo4j.md §2.10
  std::string user; ///< empty: without a login
  bolt::Secret password;
  std::string database; ///< empty: the user's home database
  /// How long a server may stay silent, and how long it may take to reach one.
  std::chrono::milliseconds timeout{15'000};
  /// Set by tests: the database tells what each statement costs it (PROFILE), and this is told.
  std::function<void(const bolt::Statement&, const bolt::Summary&)> profile{};
};

/// Opens a driver; nothing is sent yet. Errors: invalid, for what is no such URI.
Result<bolt::Driver> connect(const ConnectionOptions& options);

/// What went wrong, for a person: with the server's own code where it gave one.
Error error_of(const bolt::Failure& failure);

/// Whether it is trouble of the database or the way there, which whatever is tried next has, too.
bool is_general(const Error& error);

/// The text of a column. Errors: corrupt, for anybody may have written what was read.
Result<std::string> text_in(const bolt::Record& row, std::string_view column);

/// Runs statements together, each list of them as one transaction in one flight. Thread rule: any
/// thread.
class Database {
public:
  /// Errors: those of connect(); unavailable, unauthenticated, where nobody answers or lets us in.
  static Result<std::unique_ptr<Database>> open(const ConnectionOptions& options);

  /// One for each statement, in their order. What may pass is tried again for a moment, within the
  /// timeout. Errors: unavailable and what else the server says.
  Result<std::vector<bolt::EagerResult>> read(const std::vector<bolt::Statement>& statements);
  /// Never tried again here. The failure tells whether the outcome is unknown.
  bolt::Outcome<std::vector<bolt::EagerResult>>
  write(const std::vector<bolt::Statement>& statements);

  /// Why it could not be reached the last time; empty: it could.
  [[nodiscard]] std::string away() const { return *away_.lock(); }
  bolt::Driver& driver() { return driver_; }
  [[nodiscard]] const std::string& name() const { return options_.database; }

private:
  Database(bolt::Driver driver, ConnectionOptions options)
      : driver_(std::move(driver)), options_(std::move(options)) {}
  bolt::Outcome<std::vector<bolt::EagerResult>> run(const std::vector<bolt::Statement>& statements,
                                                    bolt::AccessMode mode);

  bolt::Outcome<std::vector<bolt::EagerResult>>
  profiled(const std::vector<bolt::Statement>& statements, bolt::AccessMode mode);
  bolt::Outcome<std::vector<bolt::EagerResult>>
  attempt(const std::vector<bolt::Statement>& statements, bolt::AccessMode mode);

  bolt::Driver driver_;
  ConnectionOptions options_;
  mutable Guarded<std::string> away_;
  /// What we read is never older than what we wrote. Shared with the sessions.
  std::shared_ptr<bolt::BookmarkManager> bookmarks_ = std::make_shared<bolt::BookmarkManager>();
};

} // namespace diffo::neo4j

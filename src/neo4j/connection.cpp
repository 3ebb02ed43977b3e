#include "neo4j/connection.h"

#include <thread>
#include <utility>

namespace diffo::neo4j {
namespace {

bool has_answered(const bolt::Failure& failure) {
  return failure.kind != bolt::FailureKind::service_unavailable &&
         failure.kind != bolt::FailureKind::session_expired &&
         failure.kind != bolt::FailureKind::pool_timeout &&
         failure.kind != bolt::FailureKind::outcome_unknown;
}

} // namespace

Result<bolt::Driver> connect(const ConnectionOptions& options) {
  bolt::DriverOptions driver;
  driver.connect_timeout = options.timeout;
  driver.acquisition_timeout = options.timeout;
  driver.read_timeout = options.timeout;
  driver.liveness_check_after = std::chrono::seconds(5);
  driver.user_agent = "diffo";
  driver.notifications.minimum_severity = "OFF";
  auto opened = bolt::Driver::open(
      options.uri,
      options.user.empty() ? bolt::AuthToken::none()
                           : bolt::AuthToken::basic(options.user, options.password.reveal()),
      std::move(driver));
  if (!opened)
    return error_of(opened.error());
  return std::move(*opened);
}

Error error_of(const bolt::Failure& failure) {
  Error error = failure;
  error.path.clear();
  // Another leads now, or it is silent: nobody has asked for the wrong thing, or for too much.
  if (failure.retryable() && (error.code == ErrorCode::invalid || error.code == ErrorCode::timeout))
    error.code = ErrorCode::unavailable;
  error.message = "Neo4j: " + failure.message;
  if (!failure.server_code.empty())
    error.message += " (" + failure.server_code + ")";
  return error;
}

bool is_general(const Error& error) {
  return error.code == ErrorCode::unavailable || error.code == ErrorCode::outcome_unknown ||
         error.code == ErrorCode::unauthenticated || error.code == ErrorCode::forbidden;
}

Result<std::string> text_in(const bolt::Record& row, std::string_view column) {
  const std::string* text = row[column].get_if<std::string>();
  if (text == nullptr)
    return Error{ErrorCode::corrupt,
                 "the database has a node of ours whose " + std::string(column) + " is no text"};
  return *text;
}

Result<std::unique_ptr<Database>> Database::open(const ConnectionOptions& options) {
  bolt::Driver driver = TRY(connect(options));
  if (const auto server = driver.verify_connectivity(); !server)
    return error_of(server.error());
  return std::unique_ptr<Database>(new Database(std::move(driver), options));
}

bolt::Outcome<std::vector<bolt::EagerResult>>
Database::run(const std::vector<bolt::Statement>& statements, bolt::AccessMode mode) {
  auto results = options_.profile ? profiled(statements, mode) : attempt(statements, mode);
  if (results || has_answered(results.error()))
    away_.lock()->clear();
  else
    *away_.lock() = error_of(results.error()).message;
  return results;
}

bolt::Outcome<std::vector<bolt::EagerResult>>
Database::profiled(const std::vector<bolt::Statement>& statements, bolt::AccessMode mode) {
  std::vector<bolt::Statement> asked = statements;
  for (bolt::Statement& statement : asked)
    statement.query.insert(0, "PROFILE ");
  auto results = TRY(attempt(asked, mode));
  for (std::size_t index = 0; index < statements.size(); ++index)
    options_.profile(statements[index], results[index].summary);
  return results;
}

bolt::Outcome<std::vector<bolt::EagerResult>>
Database::attempt(const std::vector<bolt::Statement>& statements, bolt::AccessMode mode) {
  bolt::SessionOptions session;
  session.database = options_.database;
  session.mode = mode;
  session.bookmark_manager = bookmarks_;
  bolt::Session opened = driver_.session(std::move(session));
  if (statements.size() != 1 || mode != bolt::AccessMode::read)
    return opened.run_script(statements);
  std::vector<bolt::EagerResult> results;
  results.push_back(TRY(opened.execute(statements.front().query, statements.front().parameters)));
  return results;
}

Result<std::vector<bolt::EagerResult>>
Database::read(const std::vector<bolt::Statement>& statements) {
  constexpr int most_attempts = 3;
  if (statements.empty())
    return std::vector<bolt::EagerResult>();
  const auto until = std::chrono::steady_clock::now() + options_.timeout;
  for (int attempt = 1;; ++attempt) {
    auto results = run(statements, bolt::AccessMode::read);
    if (results)
      return std::move(*results);
    // A node that was found may be erased before it is read; whoever has been silent for so long is
    // not asked again.
    const bool is_gone = results.error().server_code.ends_with("Statement.EntityNotFound");
    if ((!results.error().retryable() && !is_gone) || attempt == most_attempts ||
        std::chrono::steady_clock::now() >= until)
      return error_of(results.error());
    std::this_thread::sleep_for(std::chrono::milliseconds(50 * attempt));
  }
}

bolt::Outcome<std::vector<bolt::EagerResult>>
Database::write(const std::vector<bolt::Statement>& statements) {
  return run(statements, bolt::AccessMode::write);
}

} // namespace diffo::neo4j

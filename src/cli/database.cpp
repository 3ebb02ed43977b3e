#include "base/text.h"
#include "base/time.h"
#include "base/uuid.h"
#include "cli/exit_codes.h"
#include "cli/place.h"
#include "model/schema.h"
#include "neo4j/adoption.h"
#include "neo4j/setup.h"
#include "server/principal.h"

#include <cstdio>

namespace diffo::cli {
namespace {

/// A driver that somebody has answered.
Result<bolt::Driver> reached(const neo4j::ConnectionOptions& connection) {
  bolt::Driver driver = TRY(neo4j::connect(connection));
  if (const auto answered = driver.verify_connectivity(); !answered)
    return neo4j::error_of(answered.error());
  return driver;
}

Result<std::vector<std::string>> initialized(const Database& database) {
  const neo4j::ConnectionOptions connection = *TRY(connection_of(database));
  bolt::Driver driver = TRY(reached(connection));
  return neo4j::initialize(driver, connection.database, model::inventory_schema());
}

Result<std::size_t> print_findings(const Database& database) {
  const neo4j::ConnectionOptions connection = *TRY(connection_of(database));
  bolt::Driver driver = TRY(reached(connection));
  std::size_t count = 0;
  TRY(neo4j::check_shared_graph(driver, connection.database, [&count](const Error& finding) {
    std::printf("%s\n", printable(finding.text()).c_str());
    ++count;
  }));
  return count;
}

/// Prints what is left as it is.
Result<neo4j::Adoption> adopted(const DatabaseCommand& command) {
  const Database& database = command.database;
  const neo4j::ConnectionOptions connection = *TRY(connection_of(database));
  const auto reader = TRY(neo4j::Database::open(connection));
  const OpenStore opened =
      TRY(OpenStore::open({.server = {}, .data = {}, .database = database}, Folder::may_be_made));
  const SystemClock clock;
  SystemUuids uuids;
  neo4j::Adoption adoption;
  const graph::FindingSink print = [](const Error& left) {
    std::printf("%s\n", printable(left.text()).c_str());
  };
  TRY(neo4j::adopt(
      {.database = *reader,
       .store = opened.store(),
       .context =
           [&] { return server::context_of(*server::local_principal(), "adopt", clock, uuids); },
       .adoption = adoption,
       .sink = print},
      command.all_erasures));
  return adoption;
}

void print_counts(const char* what, const neo4j::RootCounts& counts) {
  for (const auto& [family, count] : counts)
    std::printf("%s: %llu %s\n", family.c_str(), static_cast<unsigned long long>(count), what);
}

} // namespace

int database_init(const DatabaseCommand& command) {
  const auto made = initialized(command.database);
  if (!made) {
    for (const Error& problem : made.error().problems)
      std::fprintf(stderr, "diffo: %s\n", printable(problem.text()).c_str());
    return report({made.error().code, made.error().message, made.error().path});
  }
  for (const std::string& one : *made)
    std::printf("%s\n", printable(one).c_str());
  std::printf("%s\n", made->empty() ? "everything was there" : "ready");
  return exit_ok;
}

int database_check(const DatabaseCommand& command) {
  const auto count = print_findings(command.database);
  if (!count)
    return report(count.error());
  if (*count == 0)
    std::printf("clean\n");
  else
    std::printf("%zu findings\n", *count);
  return *count == 0 ? exit_ok : exit_found;
}

int database_adopt(const DatabaseCommand& command) {
  const auto adoption = adopted(command);
  if (!adoption)
    return report(adoption.error());
  print_counts("adopted", adoption->adopted);
  print_counts("changed", adoption->changed);
  print_counts("erased", adoption->erased);
  if (adoption->left != 0)
    std::printf("%llu not adopted\n", static_cast<unsigned long long>(adoption->left));
  else if (adoption->adopted.empty() && adoption->changed.empty() && adoption->erased.empty())
    std::printf("nothing to adopt\n");
  return adoption->left == 0 ? exit_ok : exit_found;
}

} // namespace diffo::cli

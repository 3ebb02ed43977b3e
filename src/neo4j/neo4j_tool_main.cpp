#include <diffo/bolt.h>
#include <diffo/bolt_json.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

// Runs Cypher against the database that DIFFO_NEO4J_URI, _USER and _PASSWORD name, for tests and
// for looking at what lies there:
//
//     diffo_neo4j_tool run [CYPHER…]   each in a transaction of its own, the rows as lines of JSON;
//                                      without one, what stands on standard input
//     diffo_neo4j_tool empty           removes all nodes in batches; constraints and indexes stay
using namespace diffo;

namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name); // NOLINT(concurrency-mt-unsafe): one thread
  return value == nullptr ? "" : value;
}

int report(const bolt::Failure& failure) {
  std::fprintf(stderr, "diffo_neo4j_tool: %s\n", failure.text().c_str());
  return 1;
}

bolt::Outcome<void> run(bolt::Session& session, const std::string& query) {
  auto stream = TRY(session.run(query));
  while (const auto record = TRY(stream.next())) {
    json::Object row;
    for (std::size_t column = 0; column < record->size(); ++column)
      row.append(record->keys()[column], bolt::to_json((*record)[column]));
    std::printf("%s\n", json::to_text(std::move(row)).c_str());
  }
  return {};
}

int run_all(const std::vector<std::string>& queries) {
  auto driver = bolt::Driver::open(
      variable("DIFFO_NEO4J_URI"),
      bolt::AuthToken::basic(variable("DIFFO_NEO4J_USER"), variable("DIFFO_NEO4J_PASSWORD")));
  if (!driver)
    return report(driver.error());
  bolt::SessionOptions options;
  options.database = variable("DIFFO_NEO4J_DATABASE");
  bolt::Session session = driver->session(options);
  for (const std::string& query : queries)
    if (const auto done = run(session, query); !done)
      return report(done.error());
  return 0;
}

} // namespace

int main(int count, char** arguments) {
  std::vector<std::string> words(arguments + 1, arguments + count);
  const std::string command = words.empty() ? "" : words.front();
  if (command == "empty" && words.size() == 1)
    return run_all(
        {"CYPHER 5 MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 2000 ROWS"});
  if (command == "run") {
    words.erase(words.begin());
    if (words.empty())
      words.emplace_back(std::istreambuf_iterator<char>(std::cin),
                         std::istreambuf_iterator<char>());
    return run_all(words);
  }
  std::fprintf(stderr, "usage: diffo_neo4j_tool run [CYPHER…] | empty\n");
  return 2;
}

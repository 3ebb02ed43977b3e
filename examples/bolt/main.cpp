// Remembers people and who knows whom, then asks for them: the Bolt driver in one page.
//
//   bolt_example URI USER PASSWORD          for instance neo4j://localhost neo4j secret
#include <diffo/bolt.h>

#include <cstdio>
#include <string>

namespace bolt = diffo::bolt;

namespace {

bolt::Outcome<void> tell(bolt::Driver& driver) {
  const bolt::ServerInfo server = TRY(driver.verify_connectivity());
  std::printf("%s speaks Bolt %s\n", server.agent.c_str(), server.version.c_str());

  bolt::Session session = driver.session();

  // A managed transaction: begun, run, committed, and all of it once more when the failure may
  // pass.
  const bolt::TransactionWork remember = [](bolt::Transaction& transaction) -> bolt::Outcome<void> {
    for (const char* name : {"Ada", "Grace"})
      TRY(transaction.execute("MERGE (:BoltExample {name: $name})", {{"name", name}}));
    TRY(transaction.execute("MATCH (a:BoltExample {name: 'Ada'}), (b:BoltExample {name: 'Grace'}) "
                            "MERGE (a)-[:KNOWS {since: $since}]->(b)",
                            {{"since", bolt::Date{0}}}));
    return {};
  };
  TRY(session.write(remember));

  // Records as they come; the session has seen its own writes.
  bolt::ResultStream knows =
      TRY(session.run("MATCH (a:BoltExample)-[r:KNOWS]->(b) RETURN a.name, r.since, b.name"));
  while (std::optional<bolt::Record> record = TRY(knows.next()))
    std::printf("%s knows %s since %s\n", bolt::to_text((*record)["a.name"]).c_str(),
                bolt::to_text((*record)["b.name"]).c_str(),
                bolt::to_text((*record)["r.since"]).c_str());

  // All at once, in one call.
  const bolt::EagerResult removed =
      TRY(driver.execute("MATCH (n:BoltExample) DETACH DELETE n RETURN count(n) AS gone"));
  std::printf("removed %s, %lld nodes by the server's count\n",
              bolt::to_text(removed.records.at(0)["gone"]).c_str(),
              static_cast<long long>(removed.summary.counter("nodes-deleted")));
  return {};
}

} // namespace

int main(int count, char** words) {
  if (count != 4) {
    std::fprintf(stderr, "usage: bolt_example URI USER PASSWORD\n");
    return 2;
  }
  bolt::Outcome<bolt::Driver> driver =
      bolt::Driver::open(words[1], bolt::AuthToken::basic(words[2], words[3]));
  if (!driver) {
    std::fprintf(stderr, "%s\n", driver.error().text().c_str());
    return 2;
  }
  const bolt::Outcome<void> told = tell(*driver);
  if (!told) {
    std::fprintf(stderr, "%s\n", told.error().text().c_str());
    return 1;
  }
}

#include "neo4j/setup.h"

#include "neo4j/connection.h"
#include "neo4j/layout.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

namespace diffo::neo4j {
namespace {

/// A constraint or index as it should be.
struct Wanted {
  std::string label;
  std::vector<std::string> properties;
  bool unique = false;

  /// "DiffoRecord(scope, created)".
  [[nodiscard]] std::string text() const {
    std::string text = label + '(';
    for (const std::string& property : properties)
      text += (text.ends_with('(') ? "" : ", ") + property;
    return text + ')';
  }

  [[nodiscard]] std::string statement() const {
    std::string name = unique ? "diffo_unique_" : "diffo_range_";
    name += label;
    std::string list;
    for (const std::string& property : properties) {
      name += '_' + property;
      list += (list.empty() ? "n." : ", n.") + property;
    }
    // All words are the program's own.
    return unique ? "CYPHER 5 CREATE CONSTRAINT " + name + " IF NOT EXISTS FOR (n:" + label +
                        ") REQUIRE (" + list + ") IS UNIQUE"
                  : "CYPHER 5 CREATE RANGE INDEX " + name + " IF NOT EXISTS FOR (n:" + label +
                        ") ON (" + list + ")";
  }
};

/// Those of layout.h and of neo4j.md §3.7.
std::vector<Wanted> all_wanted(const graph::Schema& schema) {
  std::vector<Wanted> wanted{{"DiffoRecord", {"key"}, true},
                             {"DiffoClaim", {"id"}, true},
                             {"DiffoJournal", {"sequence"}, true},
                             {"DiffoHead", {"id"}, true},
                             {"DiffoAnswer", {"name"}, true},
                             {"DiffoCursor", {"name"}, true},
                             {"DiffoSeen", {"id"}, true},
                             {"DiffoTenant", {"name"}, true},
                             {"DiffoWord", {"at"}, true},
                             {"Instance", {"uuid"}, true},
                             {"Specification", {"uuid"}, true},
                             {"Specification", {"name", "majorVersion"}, true},
                             {"Party", {"key"}, true},
                             {"Place", {"key"}, true},
                             {"Entity", {"string"}, true},
                             {"AssignableCharacteristic", {"uuid"}, true},
                             {"DiffoRecord", {"scope", "created"}},
                             {"DiffoVersion", {"key", "sequence"}},
                             {"DiffoJournal", {"time"}},
                             {"DiffoAnswer", {"time"}},
                             {"DiffoSeen", {"key"}},
                             {"DiffoClaim", {"scope"}},
                             {"DiffoClaim", {"until"}},
                             {"DiffoPart", {"uuid"}},
                             {"DiffoPart", {"diffoTarget"}},
                             {"Provider", {"updatedAt"}},
                             {"Provider", {"uuid"}}};
  // With the time behind it, so that what has one key comes in the order of creation.
  for (const graph::IndexDefinition& index : schema.indexes())
    if (index.single_key)
      wanted.push_back({"DiffoRecord", {"scope", index_property(index.number), "created"}});
  return wanted;
}

class Setup {
public:
  Setup(bolt::Driver& driver, const std::string& database) : driver_(driver) {
    options_.database = database;
  }

  Result<bolt::EagerResult> run(std::string_view query, const bolt::Map& parameters = {}) {
    auto answer = driver_.execute(query, parameters, options_);
    if (!answer)
      return error_of(answer.error());
    return std::move(answer).value();
  }

  /// What of these is not there yet, or not to be used.
  Result<std::vector<Wanted>> missing(std::vector<Wanted> wanted) {
    const std::set<std::string> constraints = TRY(present(
        "CYPHER 5 SHOW CONSTRAINTS YIELD type, entityType, labelsOrTypes, properties "
        "WHERE type IN ['UNIQUENESS', 'NODE_KEY', 'NODE_PROPERTY_UNIQUENESS'] AND entityType = "
        "'NODE' RETURN labelsOrTypes AS labels, properties"));
    const std::set<std::string> indexes = TRY(present(
        "CYPHER 5 SHOW INDEXES YIELD type, entityType, labelsOrTypes, properties, state WHERE type "
        "= 'RANGE' AND entityType = 'NODE' AND state = 'ONLINE' RETURN labelsOrTypes AS labels, "
        "properties"));
    std::erase_if(wanted, [&](const Wanted& one) {
      return (one.unique ? constraints : indexes).contains(one.text());
    });
    return wanted;
  }

  /// Makes one. Errors: conflict, naming the nodes that stand in its way.
  Result<void> make(const Wanted& wanted) {
    const auto made = driver_.execute(wanted.statement(), {}, options_);
    if (made)
      return {};
    if (wanted.unique && made.error().server_code.ends_with("Schema.ConstraintCreationFailed"))
      return Error{ErrorCode::conflict, TRY(duplicates(wanted)), wanted.text()};
    if (made.error().server_code.ends_with("Schema.IndexAlreadyExists"))
      return Error{ErrorCode::conflict,
                   "an index that somebody made stands in the way of this constraint, which brings "
                   "its own; drop that one: " +
                       made.error().message,
                   wanted.text()};
    return error_of(made.error());
  }

private:
  Result<std::set<std::string>> present(std::string_view query) {
    const bolt::EagerResult answer = TRY(run(query));
    std::set<std::string> found;
    for (const bolt::Record& record : answer.records) {
      const auto* labels = record["labels"].get_if<bolt::List>();
      const auto* properties = record["properties"].get_if<bolt::List>();
      if (labels == nullptr || labels->size() != 1 || properties == nullptr)
        continue;
      Wanted one;
      if (const auto* label = labels->front().get_if<std::string>())
        one.label = *label;
      for (const bolt::Value& property : *properties)
        if (const auto* name = property.get_if<std::string>())
          one.properties.push_back(*name);
      found.insert(one.text());
    }
    return found;
  }

  /// A sentence that names what several nodes have.
  Result<std::string> duplicates(const Wanted& wanted) {
    constexpr std::size_t most_told = 10;
    std::string list;
    std::string present;
    for (const std::string& property : wanted.properties) {
      list += (list.empty() ? "n." : ", n.") + property;
      present += (present.empty() ? "n." : " AND n.") + property + " IS NOT NULL";
    }
    const bolt::EagerResult answer =
        TRY(run("CYPHER 5 MATCH (n:" + wanted.label + ") WHERE " + present + " WITH [" + list +
                "] AS values, count(*) AS times WHERE times > 1 RETURN values, times ORDER BY "
                "times DESC LIMIT 11"));
    std::string text = "several nodes have the same where each must have its own: ";
    for (std::size_t i = 0; i < std::min(answer.records.size(), most_told); ++i) {
      const bolt::Record& record = answer.records[i];
      text += (i == 0 ? "" : ", ") + bolt::to_text(record["values"]) + " (" +
              bolt::to_text(record["times"]) + " nodes)";
    }
    if (answer.records.size() > most_told)
      text += ", and more";
    return text + "; merge or remove what is too many, then run this again";
  }

  bolt::Driver& driver_;
  bolt::ExecuteOptions options_;
};

constexpr std::string_view make_head =
    "CYPHER 5 MERGE (h:DiffoHead {id: 'main'}) ON CREATE SET h.seq = 0, h.hash = '0', h.epoch = 0, "
    "h.lists = $lists";

} // namespace

Result<std::vector<std::string>> initialize(bolt::Driver& driver, const std::string& database,
                                            const graph::Schema& schema) {
  Setup setup(driver, database);
  std::vector<std::string> made;
  std::vector<Error> problems;
  for (const Wanted& wanted : TRY(setup.missing(all_wanted(schema)))) {
    if (auto done = setup.make(wanted)) {
      made.push_back((wanted.unique ? "unique " : "index on ") + wanted.text());
      continue;
    } else if (done.error().code != ErrorCode::conflict) {
      return done.error();
    } else {
      problems.push_back(std::move(done).error());
    }
  }
  TRY(setup.run("CYPHER 5 CALL db.awaitIndexes(3600)"));
  if (!problems.empty())
    return Error{ErrorCode::conflict,
                 "the database is not ready: " + std::to_string(problems.size()) +
                     (problems.size() == 1 ? " constraint" : " constraints") + " could not be made",
                 {},
                 std::move(problems)};
  bolt::List lists; // of records that are there already, words would be missing
  for (const graph::IndexNumber number : list_indexes_of(schema).numbers)
    lists.emplace_back(std::int64_t{number});
  if (TRY(setup.run(make_head, {{"lists", std::move(lists)}})).summary.counter("nodes-created") > 0)
    made.emplace_back("the head of an empty inventory");
  return made;
}

Result<bool> is_initialized(bolt::Driver& driver, const std::string& database,
                            const graph::Schema& schema) {
  Setup setup(driver, database);
  if (!TRY(setup.missing(all_wanted(schema))).empty())
    return false;
  return !TRY(setup.run("CYPHER 5 MATCH (h:DiffoHead {id: 'main'}) RETURN h.seq")).records.empty();
}

} // namespace diffo::neo4j

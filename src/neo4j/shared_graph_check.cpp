#include "neo4j/connection.h"
#include "neo4j/projection/geometry.h"
#include "neo4j/setup.h"

#include <diffo/json.h>

#include <algorithm>
#include <array>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace diffo::neo4j {
namespace {

/// What a rule is broken by: nodes `n` that match.
struct Rule {
  int number; ///< of neo4j.md §1.15; 0: none of those
  std::string_view broken_by;
  std::string_view what;
};

// Geometries (10) and texts (8, 19) are read. 5 (nil is absent), 16 (unknown properties are kept)
// and 18 (guards are heeded) leave no trace but what is asked here: a database holds no null, and
// nobody can see what is gone.
constexpr std::array rules{
    Rule{1,
         "(n:Specification|Instance|Feature|Characteristic|AssignableCharacteristic|Relationship|"
         "AssignmentRelationship|DefinedSimpleRelationship|ExternalIdentifier|ProcessStatus|Note|"
         "Entity|EntityRef|Event|PlaceRef|PartyRef|Party|Place) WHERE NOT n:Provider AND EXISTS "
         "{(n)--(:Provider)}",
         "lacks the label Provider, so that no reference to it is read"},
    Rule{1, "(n:ResourceInstance) WHERE NOT n:Instance", "lacks the label Instance"},
    Rule{1, "(n:Provider&(Individual|Organization)) WHERE NOT n:Party", "lacks the label Party"},
    Rule{1, "(n:Provider&(GeographicAddress|GeographicSite|GeographicLocation)) WHERE NOT n:Place",
         "lacks the label Place"},
    Rule{2,
         "(n:Provider&(Specification|Instance|Feature|Characteristic|AssignableCharacteristic|"
         "Relationship|AssignmentRelationship|DefinedSimpleRelationship|ExternalIdentifier|"
         "ProcessStatus|Note|Event|EntityRef|PlaceRef|PartyRef)) WHERE n.uuid IS NULL",
         "has no uuid"},
    Rule{2, "(n:Provider&(Party|Place)) WHERE n.key IS NULL", "has no key"},
    Rule{2, "(n:Provider&Entity) WHERE n.string IS NULL", "has no string"},
    Rule{3, "(n:Provider&Feature) WHERE n.isEnabled IS NOT NULL",
         "has isEnabled, which is called isenabled"},
    Rule{4,
         "(n:Provider) WHERE n.specificationId IS NOT NULL OR n.instanceId IS NOT NULL OR "
         "n.sourceId IS NOT NULL OR n.targetId IS NOT NULL OR n.ownerId IS NOT NULL OR n.authorId "
         "IS NOT NULL OR n.partyId IS NOT NULL OR n.placeId IS NOT NULL OR n.featureId IS NOT NULL",
         "has a foreign key as a property, which is a relationship"},
    Rule{5, "(n:Provider) WHERE any(k IN keys(n) WHERE n[k] = 'null')",
         "has the text null where the property should be absent"},
    Rule{6,
         "(n:Provider) WHERE any(k IN ['createdAt', 'updatedAt', 'startedAt', 'stoppedAt', "
         "'timestamp', 'birthDate'] WHERE n[k] IS NOT NULL AND NOT n[k] IS :: ZONED DATETIME)",
         "has a time that is no zoned date-time"},
    Rule{6,
         "(n:Provider) WHERE any(k IN ['createdAt', 'updatedAt', 'startedAt', 'stoppedAt', "
         "'timestamp', 'birthDate'] WHERE n[k] IS :: ZONED DATETIME NOT NULL AND (n[k].timezone <> "
         "'Etc/UTC' OR n[k].nanosecond % 1000 <> 0))",
         "has a time that is not of the zone Etc/UTC, or finer than a microsecond"},
    Rule{7,
         "(n:Provider) WHERE n.uuid IS NOT NULL AND (NOT n.uuid IS :: STRING OR NOT n.uuid =~ "
         "'[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}')",
         "has a uuid that is no lower-case text of a UUID"},
    Rule{9,
         "(n:Provider&Characteristic) WHERE n.values IS NOT NULL AND NOT n.values IS :: "
         "LIST<STRING NOT NULL>",
         "has values that are no list of JSON texts"},
    Rule{11, "(n:Provider&Specification) WHERE EXISTS {(n)-[:SPECIFIED_BY]->()}",
         "has SPECIFIED_BY in the wrong direction"},
    Rule{11, "(n:Provider&Instance) WHERE EXISTS {(n)-[:STATUSES|ANNOTATES]->()}",
         "has STATUSES or ANNOTATES in the wrong direction"},
    Rule{11,
         "(n:Provider&(ExternalIdentifier|Note|Event)) WHERE EXISTS "
         "{(n)-[:REFERENCES|OWNS|AUTHORS|FIRED]->()}",
         "has REFERENCES, OWNS, AUTHORS or FIRED in the wrong direction"},
    Rule{11, "(n:Provider&Characteristic) WHERE EXISTS {(n)-[:HAS]->()}",
         "has HAS in the wrong direction"},
    Rule{12,
         "(n:Provider&(PlaceRef|PartyRef|EntityRef|Relationship|AssignmentRelationship|"
         "DefinedSimpleRelationship)) WHERE COUNT {(n)<-[:RELATES]-()} <> 1",
         "does not have just one RELATES to it"},
    Rule{12,
         "(n:Provider&(PlaceRef|PartyRef|EntityRef|Relationship|AssignmentRelationship|"
         "DefinedSimpleRelationship)) WHERE COUNT {(n)-[:RELATES]->()} <> 1",
         "does not have just one RELATES from it"},
    Rule{13, "(n:Provider&Instance) WHERE COUNT {(n)-[:SPECIFIED_BY]->()} > 1",
         "has more than one SPECIFIED_BY"},
    Rule{13, "(n:Provider&Instance) WHERE COUNT {(n)-[:FIRED]->()} > 1", "has more than one FIRED"},
    Rule{14, "(n:Provider&Event)-[:AFTER]->(o:Event) WHERE n.createdAt < o.createdAt",
         "comes AFTER an event that is newer"},
    Rule{15,
         "(n:Provider&(Specification|AssignableCharacteristic|AssignmentRelationship)) WHERE any(k "
         "IN CASE WHEN n:AssignmentRelationship THEN ['value'] ELSE ['majorVersion', "
         "'minorVersion', 'patchVersion', 'tmfVersion', 'first', 'last'] END WHERE n[k] IS NOT "
         "NULL AND NOT n[k] IS :: INTEGER)",
         "has a number that is no integer"},
    Rule{17,
         "(n:Provider) WHERE n.createdAt IS NOT NULL AND (n.updatedAt IS NULL OR n.updatedAt < "
         "n.createdAt)",
         "was not given the time of its last update"},
    Rule{18, "(n:Provider&(Characteristic|Feature)) WHERE NOT EXISTS {()-[:HAS]->(n)}",
         "belongs to nothing: its owner was deleted without it"},
    Rule{18, "(n:Provider&(Note|ProcessStatus)) WHERE NOT EXISTS {(n)-[:ANNOTATES|STATUSES]->()}",
         "belongs to nothing: its owner was deleted without it"},
    Rule{0,
         "(s:Provider&Instance)-[:RELATES]->(a:AssignmentRelationship) WHERE a.value IS NOT NULL "
         "WITH s, a.thing AS thing, a.value AS value, collect(a) AS same WHERE size(same) > 1 "
         "UNWIND same[1..] AS n WITH n",
         "hands out a value that is handed out already"},
    Rule{20,
         "(n:Provider&(PlaceRef|PartyRef|EntityRef|Relationship|AssignmentRelationship|"
         "DefinedSimpleRelationship)) WHERE EXISTS "
         "{(n)-[:SPECIFIED_BY|REFERENCES|OWNS|STATUSES|ANNOTATES|AUTHORS|FIRED|AFTER]-()} OR "
         "EXISTS {()-[:HAS]->(n)}",
         "has relationships that nothing of its kind has"},
};

constexpr std::size_t most_told = 100; ///< of each rule

constexpr std::string_view returned =
    " RETURN labels(n) AS labels, coalesce(toStringOrNull(n.uuid), toStringOrNull(n.key), "
    "toStringOrNull(n.string), elementId(n)) AS id";

/// "Specification 6f1c…": the labels that tell most, and the key.
std::string name_of_node(const bolt::Record& record) {
  std::string name;
  if (const auto* labels = record["labels"].get_if<bolt::List>())
    for (const bolt::Value& label : *labels)
      if (const auto* text = label.get_if<std::string>();
          text != nullptr && *text != "Provider" && !text->starts_with("Diffo"))
        name += *text + ' ';
  if (const auto* id = record["id"].get_if<std::string>())
    name += *id;
  return name;
}

/// Tells of nodes that break a rule, not of all of them.
class Telling {
public:
  explicit Telling(const graph::FindingSink& sink) : sink_(sink) {}

  void broken(int rule, std::string_view what, const std::string& node) {
    std::size_t& count = counts_.at(static_cast<std::size_t>(rule));
    if (++count <= most_told)
      sink_({ErrorCode::corrupt, name_of_rule(rule) + std::string(what), node});
    else if (count == most_told + 1)
      sink_({ErrorCode::corrupt, name_of_rule(rule) + "more nodes break it", {}});
  }

private:
  static std::string name_of_rule(int rule) {
    return rule == 0 ? std::string() : "rule " + std::to_string(rule) + ": ";
  }

  const graph::FindingSink& sink_;
  std::array<std::size_t, 21> counts_{};
};

bool is_sorted_without_nulls(const json::Value& value) {
  if (value.is_array())
    return std::all_of(value.array().begin(), value.array().end(), is_sorted_without_nulls);
  if (!value.is_object())
    return true;
  std::string_view previous;
  bool first = true;
  for (const auto& [key, member] : value.object()) {
    if (member.is_null() || (!first && key <= previous) || !is_sorted_without_nulls(member))
      return false;
    previous = key;
    first = false;
  }
  return true;
}

/// Dynamic values name the module that they are of.
bool keeps_modules(const json::Value& value) {
  if (value.is_array())
    return std::all_of(value.array().begin(), value.array().end(), keeps_modules);
  if (!value.is_object())
    return true;
  if (value.text_of("type") == "dynamic") {
    const json::Value* inner = value.find("value");
    if (inner == nullptr || !inner->text_of("type").starts_with("Elixir."))
      return false;
  }
  for (const auto& [key, member] : value.object())
    if (!keeps_modules(member))
      return false;
  return true;
}

void check_text(const bolt::Value& value, const std::string& node, Telling& telling) {
  if (const auto* list = value.get_if<bolt::List>()) {
    for (const bolt::Value& item : *list)
      check_text(item, node, telling);
    return;
  }
  const auto* text = value.get_if<std::string>();
  const auto read = text != nullptr ? json::read(*text) : Result<json::Value>(json::Value());
  if (text == nullptr || !read)
    return telling.broken(8, "has a value that is no JSON text", node);
  if (!is_sorted_without_nulls(*read))
    telling.broken(8, "has JSON text whose keys are not in order, or with a null", node);
  if (!keeps_modules(*read))
    telling.broken(19, "has a dynamic value without the name of its module", node);
}

/// Goes through what a query of nodes finds.
Result<void> for_each_row(bolt::Session& session, const std::string& query,
                          const std::function<void(const bolt::Record&)>& visit) {
  auto stream = session.run(query);
  if (!stream)
    return error_of(stream.error());
  while (true) {
    const auto record = stream->next();
    if (!record)
      return error_of(record.error());
    if (!*record)
      return {};
    visit(**record);
  }
}

Result<void> check_texts(bolt::Session& session, Telling& telling) {
  return for_each_row(
      session,
      "CYPHER 5 MATCH (n:Provider&(Characteristic|DefinedSimpleRelationship|ProcessStatus)) WITH "
      "n, [v IN [n.value, n.values, n.characteristic, n.parameterizedMessage] WHERE v IS NOT NULL] "
      "AS texts WHERE size(texts) > 0" +
          std::string(returned) + ", texts",
      [&telling](const bolt::Record& row) {
        check_text(row["texts"], name_of_node(row), telling);
      });
}

/// Rule 10.
void check_geometries_of(const bolt::Map& properties, const std::string& node, Telling& telling) {
  std::set<std::string> attributes;
  for (const bolt::Entry& entry : properties)
    for (const std::string_view suffix : {".json", ".point", ".bbSW", ".bbNE"})
      if (entry.key.ends_with(suffix))
        if (std::string attribute = entry.key.substr(0, entry.key.size() - suffix.size());
            attribute.find('.') == std::string::npos) // else inside of an object
          attributes.insert(std::move(attribute));
  for (const std::string& attribute : attributes)
    if (const std::string_view fault = companion_fault(properties, attribute); !fault.empty())
      telling.broken(10, fault, node);
}

Result<void> check_geometries(bolt::Session& session, Telling& telling) {
  return for_each_row(
      session,
      "CYPHER 5 MATCH (n:Provider&Place) WHERE any(k IN keys(n) WHERE k CONTAINS '.')" +
          std::string(returned) + ", properties(n) AS properties",
      [&telling](const bolt::Record& row) {
        if (const auto* properties = row["properties"].get_if<bolt::Map>())
          check_geometries_of(*properties, name_of_node(row), telling);
      });
}

} // namespace

Result<void> check_shared_graph(bolt::Driver& driver, const std::string& database,
                                const graph::FindingSink& sink) {
  bolt::SessionOptions options;
  options.database = database;
  options.mode = bolt::AccessMode::read;
  bolt::Session session = driver.session(options);
  Telling telling(sink);
  for (const Rule& rule : rules) {
    const auto answer =
        session.execute("CYPHER 5 MATCH " + std::string(rule.broken_by) + std::string(returned) +
                        " LIMIT " + std::to_string(most_told + 1));
    if (!answer)
      return error_of(answer.error());
    for (const bolt::Record& record : answer->records)
      telling.broken(rule.number, rule.what, name_of_node(record));
  }
  TRY(check_geometries(session, telling));
  return check_texts(session, telling);
}

} // namespace diffo::neo4j

#include "neo4j/batch.h"

#include "neo4j/layout.h"
#include "neo4j/projection/statements.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

namespace diffo::neo4j {
namespace {

using bolt::List;
using bolt::Map;
using bolt::Statement;
using bolt::Value;

/// A record before the first commit of a batch and after its last.
struct Folded {
  graph::RecordRef before;
  graph::RecordRef after;
};
using FoldedChanges = std::map<graph::Key, Folded>;

FoldedChanges folded(const Batch& batch) {
  FoldedChanges all;
  for (const graph::DeltaRef& delta : batch.deltas)
    for (const graph::Delta::Change& change : delta->changes) {
      const auto [place, is_new] = all.try_emplace(change.key, Folded{change.before, {}});
      place->second.after = change.after;
    }
  return all;
}

class KeySink final : public graph::IndexSink {
public:
  void add(std::string_view key) override {
    keys.insert(hex_text(key.substr(0, graph::max_index_key_bytes)));
  }
  std::set<std::string> keys;
};

using EdgeNames = std::set<std::pair<graph::ElementKind, graph::Key>>;

EdgeNames edges_of(const graph::RecordRef& record, const graph::Schema& schema) {
  EdgeNames edges;
  if (!record)
    return edges;
  graph::for_each_edge(record->root(schema.dictionary()), [&](const graph::ElementView& edge) {
    edges.emplace(edge.kind(), graph::Key(record->tenant(), edge.target_family(),
                                          std::string(edge.target_id().text())));
  });
  return edges;
}

Map edge_row(const std::string& from, const EdgeNames::value_type& edge) {
  return {{"from", from}, {"to", key_text(edge.second)}, {"kind", std::int64_t{edge.first}}};
}

/// Lists of rows, each for one statement.
struct Rows {
  List versions, erased, put, cut, tied;
  std::set<std::string> loose; ///< may be left without anything that needs their name
  List words_cut, words_tied;
  std::set<std::string> loose_words;
};

Map put_row(const std::string& key, const Folded& change, const graph::Schema& schema) {
  const graph::Record& record = *change.after;
  Map props = index_properties(record, schema);
  if (change.before) // what it was found under and is not any more
    for (const bolt::Entry& old : index_properties(*change.before, schema))
      if (!props.contains(old.key))
        props.set(old.key, Value());
  props.set("scope", scope_text(record.tenant(), record.family(), record.which()));
  props.set("family", std::int64_t{record.family()});
  props.set("sequence", static_cast<std::int64_t>(record.sequence()));
  props.set("created", record.created_at());
  props.set("record", bytes_value(record.bytes()));
  return {{"key", key}, {"props", std::move(props)}};
}

void add_versions(const Batch& batch, Rows& rows) {
  const auto add = [&rows](const graph::Key& key, graph::Sequence sequence, Value record) {
    rows.versions.emplace_back(Map{{"key", key_text(key)},
                                   {"sequence", static_cast<std::int64_t>(sequence)},
                                   {"record", std::move(record)}});
  };
  for (const graph::DeltaRef& delta : batch.deltas)
    for (const graph::Delta::Change& change : delta->changes) {
      if (change.before)
        add(change.key, change.before->sequence(), bytes_value(change.before->bytes()));
      if (!change.after)
        add(change.key, delta->sequence, Value());
    }
}

std::set<std::string> words_of(const graph::RecordRef& record, const graph::Schema& schema,
                               const ListIndexes& lists) {
  std::set<std::string> words;
  if (!record || lists.numbers.empty())
    return words;
  const std::string scope = scope_text(record->tenant(), record->family(), record->which());
  for (const graph::IndexDefinition& index : schema.indexes()) {
    if (index.single_key || !lists.has(index.number) || !covers(index, record->family()))
      continue;
    KeySink sink;
    index.keys(*record, schema.dictionary(), sink);
    for (const std::string& key : sink.keys)
      words.insert(word_text(scope, index.number, key));
  }
  return words;
}

void add_words(const std::string& key, const Folded& change, const graph::Schema& schema,
               const ListIndexes& lists, Rows& rows) {
  const std::set<std::string> before = words_of(change.before, schema, lists);
  const std::set<std::string> after = words_of(change.after, schema, lists);
  for (const std::string& word : before)
    if (!after.contains(word)) {
      rows.words_cut.emplace_back(Map{{"from", key}, {"at", word}});
      rows.loose_words.insert(word);
    }
  for (const std::string& word : after)
    if (!before.contains(word))
      rows.words_tied.emplace_back(Map{{"from", key}, {"at", word}});
}

Rows rows_of(const Batch& batch, const graph::Schema& schema, const ListIndexes& lists) {
  Rows rows;
  add_versions(batch, rows);
  for (const auto& [name, change] : folded(batch)) {
    const std::string key = key_text(name);
    add_words(key, change, schema, lists, rows);
    const EdgeNames before = edges_of(change.before, schema);
    const EdgeNames after = edges_of(change.after, schema);
    for (const auto& edge : before)
      if (after.find(edge) == after.end()) {
        rows.cut.emplace_back(edge_row(key, edge));
        rows.loose.insert(key_text(edge.second));
      }
    for (const auto& edge : after)
      if (before.find(edge) == before.end())
        rows.tied.emplace_back(edge_row(key, edge));
    if (change.after) {
      rows.put.emplace_back(put_row(key, change, schema));
    } else if (change.before) {
      rows.erased.emplace_back(key);
      rows.loose.insert(key);
    }
  }
  return rows;
}

void add(std::vector<Statement>& statements, std::string_view text, List rows) {
  if (!rows.empty())
    statements.push_back(
        {"CYPHER 5 UNWIND $rows AS r " + std::string(text), Map{{"rows", Value(std::move(rows))}}});
}

void add_claims(std::vector<Statement>& statements, const Batch& batch) {
  // Of each claim what the last commit of the batch made of it.
  std::map<std::string, Value> last;
  for (const graph::DeltaRef& delta : batch.deltas) {
    for (const graph::Claim& claim : delta->released)
      last.insert_or_assign(claim_text(claim.scope, claim.key), Value());
    for (const graph::Claim& claim : delta->taken)
      last.insert_or_assign(claim_text(claim.scope, claim.key), Map{{"scope", claim.scope},
                                                                    {"key", claim.key},
                                                                    {"holder", claim.holder},
                                                                    {"branch", claim.branch},
                                                                    {"until", claim.lease_until}});
  }
  List taken;
  List released;
  for (auto& [id, claim] : last)
    if (claim.is_null())
      released.emplace_back(id);
    else
      taken.emplace_back(Map{{"id", id}, {"props", std::move(claim)}});
  add(statements, "MATCH (c:DiffoClaim {id:r}) DELETE c", std::move(released));
  add(statements, "MERGE (c:DiffoClaim {id:r.id}) SET c += r.props", std::move(taken));
}

void add_journal(std::vector<Statement>& statements, const Batch& batch) {
  List rows;
  rows.reserve(batch.deltas.size());
  for (std::size_t index = 0; index < batch.deltas.size(); ++index)
    rows.emplace_back(Map{{"sequence", static_cast<std::int64_t>(batch.deltas[index]->sequence)},
                          {"time", batch.deltas[index]->time},
                          {"body", bytes_value(batch.entries[index])}});
  add(statements, "CREATE (j:DiffoJournal) SET j = r", std::move(rows));
}

void add_aside(std::vector<Statement>& statements, const Batch& batch) {
  List answers;
  answers.reserve(batch.answers.size());
  for (const KeptAnswer& answer : batch.answers)
    answers.emplace_back(to_properties(answer));
  add(statements, "MERGE (a:DiffoAnswer {name:r.name}) SET a += r", std::move(answers));
  List cursors;
  cursors.reserve(batch.aside.cursors.size());
  for (const auto& [name, sequence] : batch.aside.cursors)
    cursors.emplace_back(Map{{"name", name}, {"sequence", static_cast<std::int64_t>(sequence)}});
  add(statements, "MERGE (c:DiffoCursor {name:r.name}) SET c.sequence = r.sequence",
      std::move(cursors));
  List forgotten;
  forgotten.reserve(batch.aside.forgotten_cursors.size());
  for (const std::string& name : batch.aside.forgotten_cursors)
    forgotten.emplace_back(name);
  add(statements, "MATCH (c:DiffoCursor {name:r}) DELETE c", std::move(forgotten));
  List seen;
  seen.reserve(batch.aside.seen.size());
  for (const auto& [place, at] : batch.aside.seen)
    seen.emplace_back(Map{{"id", claim_text(place.first, place.second)},
                          {"key", place.first},
                          {"source", place.second},
                          {"at", at}});
  add(statements,
      "MERGE (s:DiffoSeen {id:r.id}) SET s.key = r.key, s.source = r.source, s.at = CASE WHEN "
      "coalesce(s.at < r.at, true) THEN r.at ELSE s.at END",
      std::move(seen));
}

std::string locked_head() {
  return "CYPHER 5 MATCH (h:DiffoHead {id:'main'}) SET h.diffoLock=1 WITH h, CASE WHEN "
         "h.epoch<>$epoch OR h.seq<>$seq OR coalesce(h.attempt,0)<>$attempt THEN date('" +
         std::string(head_moved) + "') END AS guard ";
}

Statement head_statement(const Batch& batch) {
  std::string text = locked_head() +
                     "SET h.seq=$last, h.hash=$hash, h.time=$time, h.kept=$kept, h.diffoLock=null ";
  Map parameters{{"epoch", batch.before.epoch},
                 {"attempt", batch.attempt},
                 {"seq", static_cast<std::int64_t>(batch.before.sequence)},
                 {"last", static_cast<std::int64_t>(batch.after.sequence)},
                 {"hash", hex_text({reinterpret_cast<const char*>(batch.after.hash.data()),
                                    batch.after.hash.size()})},
                 {"kept", static_cast<std::int64_t>(batch.after.kept_bytes)},
                 {"time", batch.after.time}};
  if (batch.schema) {
    List words;
    const graph::Dictionary& dictionary = batch.schema->dictionary();
    words.reserve(dictionary.size());
    for (std::size_t number = 0; number < dictionary.size(); ++number)
      words.emplace_back(dictionary.text(number));
    text += "SET h.words=$words, h.schema=$schema ";
    parameters.set("words", std::move(words));
    parameters.set("schema", batch.schema->description());
  }
  return {text + "RETURN guard", std::move(parameters)};
}

} // namespace

Value bytes_value(std::string_view bytes) {
  return bolt::Bytes(bytes.begin(), bytes.end());
}

Map index_properties(const graph::Record& record, const graph::Schema& schema) {
  Map props;
  for (const graph::IndexDefinition& index : schema.indexes()) {
    if (std::find(index.families.begin(), index.families.end(), record.family()) ==
        index.families.end())
      continue;
    KeySink sink;
    index.keys(record, schema.dictionary(), sink);
    if (sink.keys.empty())
      continue;
    if (index.single_key) {
      props.set(index_property(index.number), *sink.keys.begin());
      continue;
    }
    List keys;
    keys.reserve(sink.keys.size());
    for (const std::string& key : sink.keys)
      keys.emplace_back(key);
    props.set(index_property(index.number), std::move(keys));
  }
  return props;
}

Statement unmoved_statement(const Head& head, std::int64_t attempt) {
  return {locked_head() + "SET h.diffoLock=null",
          {{"epoch", head.epoch},
           {"attempt", attempt},
           {"seq", static_cast<std::int64_t>(head.sequence)}}};
}

std::vector<Statement> statements_of(const Batch& batch, const graph::Schema& schema,
                                     const ListIndexes& lists) {
  std::vector<Statement> statements{head_statement(batch)};
  Rows rows = rows_of(batch, schema, lists);
  List new_keys;
  new_keys.reserve(batch.new_keys.size());
  for (const Map& row : batch.new_keys)
    new_keys.emplace_back(row);
  add(statements, "MATCH (n:DiffoRecord {key:r.key}) SET n += r.props", std::move(new_keys));
  add(statements, "CREATE (v:DiffoVersion) SET v = r", std::move(rows.versions));
  List gone = rows.erased;
  add(statements, "MATCH (s:DiffoSeen {key:r}) DELETE s", std::move(gone));
  // What is erased keeps its name as long as others refer to it.
  add(statements, "MATCH (n:DiffoRecord {key:r}) SET n = {key:r} REMOVE n:DiffoHidden",
      std::move(rows.erased));
  add(statements, "MERGE (n:DiffoRecord {key:r.key}) SET n += r.props", std::move(rows.put));
  add(statements,
      "MATCH (a:DiffoRecord {key:r.from}) MATCH (a)-[e:DIFFO_REFERS]->(b) WHERE e.kind = r.kind "
      "AND b.key = r.to DELETE e",
      std::move(rows.cut));
  add(statements,
      "MATCH (a:DiffoRecord {key:r.from}) MERGE (b:DiffoRecord {key:r.to}) CREATE "
      "(a)-[:DIFFO_REFERS {kind:r.kind}]->(b)",
      std::move(rows.tied));
  add(statements,
      "MATCH (a:DiffoRecord {key:r.from}) MATCH (a)-[e:DIFFO_HAS]->(w) WHERE w.at = r.at DELETE e",
      std::move(rows.words_cut));
  add(statements,
      "MATCH (a:DiffoRecord {key:r.from}) MERGE (w:DiffoWord {at:r.at}) CREATE "
      "(a)-[:DIFFO_HAS]->(w)",
      std::move(rows.words_tied));
  add(statements, "MATCH (w:DiffoWord {at:r}) WHERE NOT EXISTS { (w)--() } DELETE w",
      List(rows.loose_words.begin(), rows.loose_words.end()));
  add(statements,
      "MATCH (b:DiffoRecord {key:r}) WHERE b.record IS NULL AND NOT EXISTS { (b)--() } DELETE b",
      List(rows.loose.begin(), rows.loose.end()));
  add_claims(statements, batch);
  add_journal(statements, batch);
  add_aside(statements, batch);
  if (batch.former)
    for (Statement& statement :
         relabelling_statements(batch.shown_anew, *batch.former, schema, batch.after.time))
      statements.push_back(std::move(statement));
  std::vector<graph::Delta::Change> changes;
  for (auto& [key, change] : folded(batch))
    changes.push_back({.key = key, .before = change.before, .after = change.after});
  for (Statement& statement : projection_statements(changes, schema))
    statements.push_back(std::move(statement));
  return statements;
}

} // namespace diffo::neo4j

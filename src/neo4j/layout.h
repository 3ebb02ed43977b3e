#pragma once

#include "graph/key.h"
#include "graph/schema.h"

#include <diffo/result.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// How the inventory lies in a Neo4j database (docs/formats/neo4j.md).
///
/// Records: each root that is here, or that something here refers to (a stub), is one node
///
///     (:DiffoRecord {key, scope, family, sequence, created, record, k<N>…})
///
/// with `key` unique ("tenant|family|id"). `record` is the packed record, whole; a stub has `key`
/// alone. `k<N>` are the keys of index N in hexadecimal digits, which keep their order: one text
/// where the index has a single key, else a list of texts. What a record refers to, at
/// any depth, is one relationship for each kind and target:
///
///     (:DiffoRecord)-[:DIFFO_REFERS {kind}]->(:DiffoRecord)
///
/// No range index can be made of lists; so each key in one of `lists` of the head is a node, too:
///
///     (:DiffoRecord)-[:DIFFO_HAS]->(:DiffoWord {at: "scope|index|key"})
///
/// What was there before stands beside: (:DiffoVersion {key, sequence, record}), `record` empty for
/// an erasure. The journal: (:DiffoJournal {sequence, time, body}). Claims: (:DiffoClaim {id,
/// scope, key, holder, branch, until}), `id` unique. The rest: (:DiffoAnswer), (:DiffoCursor),
/// (:DiffoSeen), (:DiffoTenant), and (:DiffoHead {id: "main"}), which every commit locks first.
///
/// Beside it stands what others see, the shared graph of neo4j.md §1, which is written in the same
/// transactions (projection/).
namespace diffo::neo4j {

/// "tenant|family|id".
std::string key_text(const graph::KeyView& key);
/// Errors: corrupt.
Result<graph::Key> read_key_text(std::string_view text);

/// "tenant|family|a" for actual, "tenant|family|e" for expected ones: what a query asks of.
std::string scope_text(graph::Tenant tenant, graph::Family family, graph::Which which);

/// The property that holds the keys of an index: "k7".
std::string index_property(graph::IndexNumber number);

/// The indexes of which a record may have several keys, and for each of these a relationship to a
/// DiffoWord. A plain value.
struct ListIndexes {
  std::vector<graph::IndexNumber> numbers{};
  [[nodiscard]] bool has(graph::IndexNumber number) const;
};
/// Those of a schema.
ListIndexes list_indexes_of(const graph::Schema& schema);

/// What a DiffoWord is known by: `hex` as of hex_text().
std::string word_text(std::string_view scope, graph::IndexNumber number, std::string_view hex);

/// Lower-case hexadecimal digits, two for each byte: ordered as the bytes are.
std::string hex_text(std::string_view bytes);

/// The identity of a claim: scope and key, so that no two pairs give the same.
std::string claim_text(std::string_view scope, std::string_view key);

} // namespace diffo::neo4j

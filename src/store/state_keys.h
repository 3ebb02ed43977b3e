#pragma once

#include "base/byte_order.h"
#include "graph/change_checks.h"
#include "graph/schema.h"
#include "store/identity_table.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The keys of the ordered tree. Three key spaces share it: creation order `C`, declared indexes
/// `I` and reverse edges `R`; each key ends with the ordinal of the record it belongs to.
namespace diffo::store {

/// The dense number of a record; a later created record has a greater one.
using Ordinal = std::uint32_t;
/// Ordinals stay below this, so that their first byte never looks like an escape.
inline constexpr Ordinal max_ordinal = 0xff000000U;
inline constexpr std::size_t ordinal_bytes = 4;
/// Longer ids are refused.
using graph::max_id_bytes;

/// What is common to all keys of a record.
struct RecordClass {
  graph::Tenant tenant = 0;
  graph::Family family = 0;
  graph::Which which = graph::Which::actual;
  friend bool operator==(const RecordClass&, const RecordClass&) = default;
  friend auto operator<=>(const RecordClass&, const RecordClass&) = default;
};
RecordClass class_of(const graph::Record& record);

Ordinal ordinal_of(std::string_view key);

/// `C` tenant family which
std::string creation_prefix(const RecordClass& record_class);
/// Whether a key is one of those, which come first in the tree; and its family.
bool is_creation_key(std::string_view key);
graph::Family family_of_creation_key(std::string_view key);
/// `I` index tenant family which
std::string index_prefix(graph::IndexNumber index, const RecordClass& record_class);
/// Appends an index key, cut and escaped; with its terminator it sorts as the plain keys do.
void append_index_key(std::string& out, std::string_view key);
/// What no key of an edge is less than; they come last in the tree.
std::string first_edge_key();
/// `R` target, then optionally the edge kind, then the class of the source within its tenant.
std::string edge_prefix(Identity target);
std::string edge_prefix(Identity target, graph::ElementKind kind);
std::string edge_prefix(Identity target, graph::ElementKind kind, const RecordClass& source);
/// The target of a reverse edge, if the key is one.
std::optional<Identity> edge_target_of(std::string_view key);
/// The kind of edge that an `R` key tells.
graph::ElementKind edge_kind_of(std::string_view key);
/// The least text greater than all that begin with the prefix.
std::string after_prefix(std::string_view prefix);

/// Strings of one kind in one block; sorts without moving them. Thread rule: one thread.
class KeyList {
public:
  void clear() {
    bytes_.clear();
    places_.clear();
  }
  void reserve(std::size_t bytes, std::size_t count) {
    bytes_.reserve(bytes);
    places_.reserve(count);
  }
  /// Begins a key; append to text(), then call end().
  std::string& text() { return bytes_; }
  void end() {
    places_.push_back({begin_, static_cast<std::uint32_t>(bytes_.size() - begin_)});
    begin_ = bytes_.size();
  }
  void add(std::string_view key) {
    begin_ = bytes_.size();
    bytes_ += key;
    end();
  }
  void start() { begin_ = bytes_.size(); }
  void sort_unique();
  /// The key with its ordinal replaced.
  std::string_view with_ordinal(std::size_t index, Ordinal ordinal);
  [[nodiscard]] std::size_t size() const { return places_.size(); }
  [[nodiscard]] std::string_view operator[](std::size_t index) const {
    return {bytes_.data() + places_[index].begin, places_[index].length};
  }

private:
  struct Place {
    std::size_t begin;
    std::uint32_t length;
  };
  std::string bytes_;
  std::vector<Place> places_;
  std::size_t begin_ = 0;
};

/// Appends the key that every record has.
void add_creation_key(KeyList& keys, const graph::Record& record, Ordinal ordinal);
/// Appends the record's keys of one index.
void add_index_keys(KeyList& keys, const graph::IndexDefinition& index, const graph::Record& record,
                    const graph::Dictionary& dictionary, Ordinal ordinal);

/// One reverse edge, in the order of the tree.
struct ReverseEdge {
  Identity target;
  graph::ElementKind kind;
  graph::Family family;
  graph::Which which;
  Ordinal source;
  friend bool operator==(const ReverseEdge&, const ReverseEdge&) = default;
  friend auto operator<=>(const ReverseEdge&, const ReverseEdge&) = default;
};
void append_edge_key(std::string& out, const ReverseEdge& edge);

/// How the target of an edge gets its number; nothing when it has none.
using IdentityOf = std::function<std::optional<Identity>(const graph::KeyView&)>;
/// Appends the reverse edges of a record; false when a target has no number.
bool add_edges(const graph::Schema& schema, const graph::Record& record, Ordinal ordinal,
               const IdentityOf& identity_of, std::vector<ReverseEdge>& edges);
/// Replaces `keys` by all keys of a record in the tree, sorted; false when a target has no number.
bool keys_of(const graph::Schema& schema, const graph::Record& record, Ordinal ordinal,
             const IdentityOf& identity_of, KeyList& keys);

} // namespace diffo::store

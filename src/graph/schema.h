#pragma once

#include "base/dates.h"
#include "graph/field_path.h"
#include "graph/record.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What the layers above declare about their records, so that stores need not know a TM Forum word.
namespace diffo::graph {

/// How a field is written as a property of a node in a graph database.
enum class PropertyEncoding : std::uint8_t { text, boolean, integer, real, instant, json_text };

/// One modelled field: its dictionary word and, for graph databases, its property.
struct FieldDefinition {
  Word word = 0;
  std::string property; ///< e.g. "operatingStatus"
  PropertyEncoding encoding = PropertyEncoding::text;
};

/// What an element of a kind is.
enum class ElementRole : std::uint8_t { root, part, edge };

/// One kind of element.
struct ElementDefinition {
  ElementKind kind = 0;
  std::string name; ///< for people: "characteristic", "place"
  ElementRole role = ElementRole::part;
  std::vector<std::string> labels{}; ///< of the node it becomes in a graph database
  std::string key_property = "uuid"; ///< the property that holds its identity there
  std::string relationship_type{};   ///< of the relationship that ties it to its owner there
  std::vector<FieldDefinition> fields{};
  /// For edges: an edge of this kind keeps its target from being deleted unless the rules above say
  /// otherwise.
  bool guards_target = false;
  /// The relationship to the owner leads from the part to the owner there (a note annotates its
  /// instance), not the other way round.
  bool points_to_owner = false;
  /// For edges: the type of the relationship that ties the element's node to its target there.
  /// Without labels there is no such node: the relationship ties the owner's node to the target (an
  /// instance and its specification), and what else the edge holds is kept with the owner.
  std::string target_relationship_type = {};
  /// For edges: that relationship leads from the target (a party authors a note).
  bool target_points_here = false;
};

/// One family of roots.
struct FamilyDefinition {
  Family family = 0;
  std::string name; ///< "service"
  /// In a graph database shared with others: the label under which they find roots of the family by
  /// their key property, which is unique under it ("Instance", for services and resources alike).
  std::string shared_label = {};
};

/// Takes the keys of one record for one index. Keys are byte strings whose order is the order of
/// the values.
class IndexSink {
public:
  virtual void add(std::string_view key) = 0;

protected:
  ~IndexSink() = default;
};

/// A declared index: which records it covers and which keys each has there. The store keeps, per
/// index, an ordered set of (tenant, family, which, key, record) and promises nothing about keys
/// longer than max_index_key_bytes: they are cut, so whoever asks must look at the record too
/// then.
struct IndexDefinition {
  IndexNumber number = 0;
  std::string name; ///< "name", "startDate", "serviceCharacteristic.value"
  std::vector<Family> families;
  std::function<void(const Record&, const Dictionary&, IndexSink&)> keys;
  /// A record never has more than one key, so that a graph database can keep it as a property of
  /// the root, where ranges and orders are found with an ordinary index.
  bool single_key = false;
  /// The texts at this path are what has keys there, and nothing else has: text keys; under
  /// Reading::instant instant keys for dates and text keys for the rest. A store answers
  /// comparisons and orders of the path and reading with the index. Nothing: the index is known by
  /// its name alone.
  std::optional<FieldPath> path = {};
  Reading reading = Reading::text;
  /// Keys may depend on when the record was created. Beside that they depend on its content alone:
  /// never on its sequence or on when it was changed.
  bool by_creation = false;
};

inline constexpr std::size_t max_index_key_bytes = 48;

/// Who made a schema, for the layers above that want to find back from a revision to what they
/// declared: a model. Only its maker knows more of it.
class SchemaOwner {
public:
  SchemaOwner() = default;
  SchemaOwner(const SchemaOwner&) = delete;
  SchemaOwner& operator=(const SchemaOwner&) = delete;
  virtual ~SchemaOwner() = default;
};

/// Where a schema comes from.
struct SchemaOrigin {
  /// From this whoever opens a store can make the schema again (EmbeddedOptions::make_schema);
  /// stores keep it and do not look inside. Empty: it is the program's own.
  std::string description = {};
  /// Lives as long as whoever shares the schema: share both through the aliasing constructor of
  /// shared_ptr.
  const SchemaOwner* owner = nullptr;
};

/// Everything declared. A revision has one and shares it, for a commit may replace it while others
/// still read with the former (ChangeSet::replace_schema). Thread rule: immutable once shared.
class Schema {
public:
  Schema(std::span<const std::string_view> words, std::vector<FamilyDefinition> families,
         std::vector<ElementDefinition> elements, std::vector<IndexDefinition> indexes);

  /// The same with more words, which a store knows beside the program's.
  Schema(const Schema& program, const std::vector<std::string>& more_words);

  /// Said once, before it is shared.
  void set_origin(SchemaOrigin origin) { origin_ = std::move(origin); }
  [[nodiscard]] const std::string& description() const { return origin_.description; }
  /// Nothing: nobody said so.
  [[nodiscard]] const SchemaOwner* owner() const { return origin_.owner; }

  [[nodiscard]] const Dictionary& dictionary() const { return dictionary_; }
  [[nodiscard]] const std::vector<FamilyDefinition>& families() const { return families_; }
  [[nodiscard]] const std::vector<ElementDefinition>& elements() const { return elements_; }
  [[nodiscard]] const std::vector<IndexDefinition>& indexes() const { return indexes_; }
  [[nodiscard]] const FamilyDefinition* family(Family number) const;
  [[nodiscard]] const ElementDefinition* element(ElementKind kind) const;
  [[nodiscard]] const IndexDefinition* index(std::string_view name) const;
  /// The kinds of edges that keep their targets from being deleted.
  [[nodiscard]] std::vector<ElementKind> guarding_kinds() const;
  /// A number that changes when the indexes or their names do; a store recomputes what it persisted
  /// of them.
  [[nodiscard]] std::uint64_t fingerprint() const;

private:
  Dictionary dictionary_;
  SchemaOrigin origin_;
  std::vector<FamilyDefinition> families_;
  std::vector<ElementDefinition> elements_;
  std::vector<IndexDefinition> indexes_;
};

/// Order-preserving keys of values, for indexes and sorting. Kinds order as: number, instant, text.
void append_text_key(std::string& key, std::string_view text);
void append_number_key(std::string& key, double number);
void append_instant_key(std::string& key, std::int64_t microseconds);

/// Calls `visit(edge, owner_chain_depth)` for every element with a target, at any depth.
void for_each_edge(const ElementView& element,
                   const std::function<void(const ElementView&)>& visit);

} // namespace diffo::graph

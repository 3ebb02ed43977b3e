#pragma once

#include "base/dates.h"
#include "graph/field_path.h"
#include "graph/record.h"

#include <diffo/json.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What the layers above declare about their records, so that stores need not know a TM Forum word.
namespace diffo::graph {

/// How a field is written as a property of a node in a graph database.
enum class PropertyEncoding : std::uint8_t {
  text,
  boolean,
  integer,
  real,
  instant,
  json_text,
  /// JSON text that names the type of the value; what is an array becomes a list of such texts
  /// under `list_property`.
  tagged,
};

/// One modelled field: its dictionary word and, for graph databases, its property.
struct FieldDefinition {
  Word word = 0;
  std::string property; ///< e.g. "operatingStatus"
  PropertyEncoding encoding = PropertyEncoding::text;
  std::string list_property = {}; ///< where lists of a tagged field stand: "values"
  /// The record keeps it as extra under the word's text, not as a field.
  bool in_extra = false;
};

/// What a property of a node says that is not the value of one field.
enum class PropertySource : std::uint8_t {
  constant,     ///< the same of all elements of the kind
  which,        ///< what is or what should be
  owner_word,   ///< what the element belongs to: `as_owner` of its owner
  target_word,  ///< the name of the family that an edge leads to
  target_link,  ///< the link to what an edge leads to
  has_list,     ///< whether the tagged field is a list
  version_part, ///< one number of a version ("v1.2.0"), the constant where there is none
};

/// One such property. It counts before a field of the same property.
struct PropertyDefinition {
  std::string property;
  PropertySource source = PropertySource::constant;
  json::Value constant = {};
  Word word = 0;        ///< of has_list and version_part: the field
  std::size_t part = 0; ///< of version_part: 0 for the first number
};

/// Another form in which others keep elements of a kind: nodes with these labels, of which the
/// members of the element's tagged field are properties of their own.
struct AlternativeForm {
  std::vector<std::string> labels;
  std::vector<std::pair<std::string, std::string>> members = {}; ///< property and member, renamed
  std::vector<std::string> aside = {}; ///< properties that are kept and not shown
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
  /// For edges: the type of the relationship that ties the element's node to its target there. (For
  /// parts see `named_family`.)
  /// Without labels there is no such node: the relationship ties the owner's node to the target (an
  /// instance and its specification), and what else the edge holds is kept with the owner.
  std::string target_relationship_type = {};
  /// For edges: that relationship leads from the target (a party authors a note).
  bool target_points_here = false;
  /// What its node has there beside its fields.
  std::vector<PropertyDefinition> properties = {};
  std::string as_owner = {}; ///< what its parts are said to belong to there: "feature"
  bool has_times = true;     ///< its node says when it was made and changed
  bool ours_alone = false;   ///< others have no form for it there
  /// Of a root: its own family; of an edge: the one it leads to, 0 where that may be any.
  Family family = 0;
  /// For parts with a target_relationship_type: where this field says the id of a root of that
  /// family, the relationship ties the part to it.
  Family named_family = 0;
  Word naming_field = 0;
  std::vector<AlternativeForm> alternatives = {};
  std::vector<std::string> aside = {}; ///< properties that are kept and not shown
};

/// One family of roots.
struct FamilyDefinition {
  Family family = 0;
  std::string name; ///< "service"
  /// In a graph database shared with others: the label under which they find roots of the family by
  /// their key property, which is unique under it ("Instance", for services and resources alike).
  std::string shared_label = {};
  std::string shared_key = "uuid"; ///< that key property
  /// Properties that together are unique under that label, too.
  std::vector<std::string> shared_unique = {};
  std::string shared_link = {}; ///< what stands before the id in links that are kept there
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

/// Whether records of that family have keys in the index.
[[nodiscard]] bool covers(const IndexDefinition& index, Family family);

/// The form of an element of a kind that users declare, in a graph database.
struct DeclaredForm {
  std::vector<std::string> labels{}; ///< all of them; none: those of the element's kind
  json::Object properties{};         ///< beside what the element says
};

/// The same for roots and parts.
struct DeclaredForms {
  /// All labels of a root, by what it holds; none: those of its kind.
  std::function<std::vector<std::string>(const ElementView& root)> root_labels{};
  std::function<DeclaredForm(const ElementView& root, const ElementView& owner,
                             const ElementView& part)>
      part{};
};

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
  /// Said once, before it is shared.
  void set_declared_forms(DeclaredForms forms) { declared_forms_ = std::move(forms); }
  [[nodiscard]] const DeclaredForms& declared_forms() const { return declared_forms_; }

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
  DeclaredForms declared_forms_;
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

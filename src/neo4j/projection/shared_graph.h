#pragma once

#include "graph/record.h"
#include "graph/schema.h"

#include <diffo/bolt_value.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Records as the graph that others read and write, too, has them (neo4j.md §1): what the schema
/// says of labels, properties and relationships, made into nodes. Texts of the model are the
/// schema's alone.
///
/// Our own bookkeeping stands beside theirs, which others ignore: the label `DiffoPart`;
/// `diffoOwner`, the key of the record that a node belongs to; `diffoTarget`, the key of the root
/// that a relationship of type `diffoTie` leads from the node to, or will when that root is there;
/// `diffoAt`, the `updatedAt` with which we wrote the node, or found it to say what its record
/// says: where the two differ, somebody else has been there since.
///
/// Others fail over a node between two roots (a reference, a relationship) that leads to nothing.
/// As long as its target is not there such a node is hidden: it has our label alone, its own are
/// the list `diffoLabels`, and a relationship DIFFO_HOLDS ties it to what holds it.
namespace diffo::neo4j {

inline constexpr std::string_view part_label = "DiffoPart";
inline constexpr std::string_view owner_property = "diffoOwner";
inline constexpr std::string_view target_property = "diffoTarget";
inline constexpr std::string_view tie_property = "diffoTie";
inline constexpr std::string_view labels_property = "diffoLabels";
inline constexpr std::string_view hidden_type = "DIFFO_HOLDS";
inline constexpr std::string_view created_property = "createdAt";
inline constexpr std::string_view updated_property = "updatedAt";
inline constexpr std::string_view stamp_property = "diffoAt";

/// All of them: what no attribute is.
inline constexpr std::array bookkeeping_properties{
    owner_property,   target_property,  tie_property,  labels_property,
    created_property, updated_property, stamp_property};

/// What finds a node: a label with an index of the property.
struct NodeName {
  std::string label;
  std::string property;
  std::string key;
  friend auto operator<=>(const NodeName&, const NodeName&) = default;
};

/// A relationship of a node, which has no properties.
struct Tie {
  NodeName other;
  std::string type;
  bool outward = true; ///< it leads from the node to the other
  friend bool operator==(const Tie&, const Tie&) = default;
};

struct SharedNode {
  NodeName name;
  std::vector<std::string> labels;
  bolt::Map properties;
  std::optional<Tie> holder{}; ///< ties a part to the node that it is part of
  std::optional<Tie> target{}; ///< ties it to another root, which may not be there
  /// The part has an identity from elsewhere: its node may be there without our having written it.
  bool brought = false;
  bool needs_target = false; ///< it is hidden while its target is not there
  /// The record whose node holds it; empty: its own.
  std::string held_by{};
  friend bool operator==(const SharedNode&, const SharedNode&) = default;
};

/// All nodes of a record: its root first, whatever holds a part before the part. A root that others
/// know as a node between two other roots (an assignment) has parts of one of these alone.
struct SharedGraph {
  std::string owner; ///< key_text of the record
  std::vector<SharedNode> nodes;
  friend bool operator==(const SharedGraph&, const SharedGraph&) = default;
};

/// Whether a root may have that id there: others fail over all of a list where one identity in it
/// is none of theirs, a UUID in lower case where they have UUIDs.
bool can_be_named(const graph::Key& key, const graph::Schema& schema);
/// Whether roots of a family have a form that others know.
bool is_shared(const graph::FamilyDefinition& family);
/// Whether elements of a kind have a node or, without labels of their own, a relationship that
/// others know.
bool is_shared(const graph::ElementDefinition& element);

bool has_all(const std::vector<std::string>& labels, const std::vector<std::string>& wanted);
/// The alternative form of elements of a kind whose labels are all there; a null pointer for none.
const graph::AlternativeForm* alternative_of(const graph::ElementDefinition& definition,
                                             const std::vector<std::string>& labels);

/// The property that a member of the value has on a node with these labels, of a kind that others
/// declare.
std::string property_of_member(const graph::ElementDefinition& definition,
                               const std::vector<std::string>& labels, const std::string& member);

/// The nodes of a record. Empty for what others have no form for, and beyond the first tenant.
SharedGraph project(const graph::Record& record, const graph::Schema& schema);

} // namespace diffo::neo4j

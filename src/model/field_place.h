#pragma once

#include <diffo/domain_model.h>

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Fields of characteristic kinds as model files name them (domain.md §1.1): by the name of their
/// declaration, or by where the wire has them. Both mean the same field; where one field is called
/// on the wire what another is declared as, the declared name counts.
namespace diffo::model {

/// A kind by its name; a null pointer for none.
using KindNamed = std::function<const DeclaredKind*(std::string_view)>;

class DeclaredKinds;
/// Those of a model, which outlives it.
KindNamed by_name(const DeclaredKinds& kinds);

/// Where something stands in values of a characteristic kind. Looks into the declaration.
struct FieldPlace {
  std::vector<std::string> path{}; ///< the members on the way, as they are on the wire
  /// What stands there; none: an object that is made of several fields, or what a field of
  /// Scalar::any has inside, of which nothing is declared.
  const Field* field = nullptr;
  bool open = false; ///< nothing is declared of it
};

/// What a path into values of a type means: `length_amount`, `length.amount`, `speeds.downstream`;
/// in a list, of each of its items. Nothing where the type has no such field. Of a kind that is not
/// declared, and of Scalar::any, whatever the path says.
std::optional<FieldPlace> place_of_field(const KindNamed& kinds, const Type& type,
                                         std::string_view path);

/// The members on the way to what a model calls `characteristic.field` in values of the
/// characteristic; of what the kind (a null pointer: none) does not know, as it is written. No
/// field is all of the value.
std::vector<std::string> members_of(const DeclaredKinds& kinds, const DeclaredKind* kind,
                                    std::string_view characteristic, std::string_view field);

/// The field of a characteristic kind that is declared under a name; a null pointer for none.
const Field* field_declared(const DeclaredKind& kind, std::string_view name);

/// The object on the wire that a field is a member of, and as which; a null pointer for none.
std::pair<const Group*, std::string_view> group_of(const DeclaredKind& kind,
                                                   std::string_view field);

/// What can be named in values of a kind, for messages: the names of fields, and their paths on the
/// wire where these are others.
std::vector<std::string> names_of_fields(const DeclaredKind& kind);

/// The parts of a path, which points separate.
std::vector<std::string> split_path(std::string_view path);

/// What stands at a path of members in a value, through lists item by item; a list that is reached
/// through another one counts item by item, too. What is missing is left out.
struct ValuesAt {
  std::vector<json::Value> values{};
  bool in_list = false; ///< there was a list on the way: there may be any number
};
ValuesAt values_at(const json::Value& value, std::span<const std::string> path);

/// A value that a model file gives, with its members where the wire has them.
json::Value on_the_wire(const KindNamed& kinds, const Type& type, const json::Value& declared);

} // namespace diffo::model

#pragma once

#include "base/dates.h"
#include "graph/field_path.h"
#include "graph/schema.h"
#include "model/api.h"
#include "model/vocabulary.h"

#include <diffo/json.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// The one table of attributes: what is known of an attribute stands in its row, and the codec, the
/// checks, filters and sorts, patches, keyed lists, the published documents and the mapping to a
/// graph database are derived from it. Adding an attribute is adding a row.
namespace diffo::model {

/// Where a record keeps an attribute.
enum class Home : std::uint8_t {
  property, ///< a field of the element, when its value fits there
  part,     ///< children of the kind `holds`
  edge,     ///< children of the kind `holds` that lead to their target, if they have one
  extra,    ///< as it came, under its own name
  derived,  ///< nowhere: made when it is shown
  inner,    ///< the reference itself, whose attributes are the rows of Of::reference
};

/// The JSON form of an attribute in a version.
enum class Form : std::uint8_t {
  none, ///< the version does not publish it; it may come all the same, in any form
  text,
  boolean,
  number,
  object,
  texts,
  objects,
  any,
};

/// What counts where a record has nothing.
enum class Otherwise : std::uint8_t {
  nothing,
  created_at, ///< the moment of its creation
  class_name, ///< the class that all of the API have
};

/// What an entity or an item shows in a version that demands what it came without in the other one
/// (tmf.md §1.8). It is shown and never kept: writing it back changes nothing.
enum class StandIn : std::uint8_t {
  nothing,
  name,         ///< its name, where it has one
  trading_name, ///< of an organization: the name that it trades under, where it has one
  id,           ///< its id, where it has one
  creation,     ///< of items: the moment of the record's creation
  empty_text,   ///< of items: nobody said anything
  null,         ///< of items: there is no value
  enabled,      ///< of characteristics: one that says whether it is enabled, which is so by default
  url,          ///< where this server would have what a reference leads to
};
/// The attribute whose value stands in; empty where it is none of the entity or item itself.
std::string_view source_of(StandIn stand_in);

/// Which event tells of its change (tmf.md §1.5), where a collection has one of its own for it.
enum class Tells : std::uint8_t {
  value, ///< that of attributes
  state,
  operating_status,
};

/// Which of the objects that an edge is shown as has the attribute.
enum class Of : std::uint8_t {
  self,      ///< there is but one
  around,    ///< the object around a reference
  reference, ///< the reference
};

/// What is known of an attribute. A plain value; texts are literals or outlive the model.
struct Attribute {
  graph::ElementKind owner = 0;
  std::string_view name; ///< on the wire
  Home home = Home::property;
  Form v4 = Form::text;
  Form v5 = Form::text;
  Of of = Of::self;
  /// Of parts and edges: the kind of the children. Of objects that are kept as they came: the kind
  /// whose rows tell their attributes, 0 when nothing is known of them.
  graph::ElementKind holds = 0;
  Reading reading = Reading::value;
  Otherwise otherwise = Otherwise::nothing;
  StandIn stand_in_v4 = StandIn::nothing; ///< in what came in v5 without it
  StandIn stand_in_v5 = StandIn::nothing; ///< in what came in v4 without it
  /// What v5 of a resource calls it, where that is another name than its own.
  std::string_view name_in_newer_resource = {};
  /// The word it is kept under, where that is another than its name.
  std::string_view kept_as = {};
  /// The words of its enumeration, separated by spaces, where everybody has the same.
  std::string_view words = {};
  /// The words of its enumeration where records and versions have different ones.
  const Vocabulary* vocabulary = nullptr;
  /// What the published documents call its values: `date-time`, `uri`, or a schema of theirs.
  std::string_view schema = {};
  bool demanded_v4 = false; ///< of a new entity
  bool demanded_v5 = false;
  /// What the server gives a new entity that comes without it: a JSON value. Empty: nothing.
  std::string_view supplied = {};
  /// The moment of the last change: of a new entity, and of one whose own stays as it was.
  bool stamped = false;
  /// Of an entity, only one published class of which has it.
  std::string_view only_class = {};
  /// In a graph database: the property and how values are written there; empty: it has none.
  std::string_view property = {};
  graph::PropertyEncoding encoding = graph::PropertyEncoding::text;
  /// The number of its index, 0 for none. Numbers are never reused.
  graph::IndexNumber index = 0;
  bool fixed = false; ///< cannot be changed in an entity that is there
  Tells tells = Tells::value;
  /// Kept, exported, and shown to nobody.
  bool hidden = false;

  [[nodiscard]] Form form(Version version) const { return version == Version::v4 ? v4 : v5; }
  [[nodiscard]] bool is_in(Version version) const { return form(version) != Form::none; }
  /// Where its value stands in a root: what no version publishes is extra in a record that was
  /// written before anybody declared it.
  [[nodiscard]] graph::FieldPath::End end() const {
    return is_in(Version::v4) || is_in(Version::v5) ? graph::FieldPath::End::field
                                                    : graph::FieldPath::End::member;
  }
  [[nodiscard]] bool is_demanded(Version version) const {
    return version == Version::v4 ? demanded_v4 : demanded_v5;
  }
  /// The form that a version demands of it. That of what one version enumerates is its form in
  /// both: no other value is a word.
  [[nodiscard]] Form demanded_form(Version version) const {
    if (is_in(version) || !is_enumerated())
      return form(version);
    return v4 != Form::none ? v4 : v5;
  }
  [[nodiscard]] StandIn stand_in(Version version) const {
    return version == Version::v4 ? stand_in_v4 : stand_in_v5;
  }
  [[nodiscard]] bool has_stand_in() const {
    return stand_in_v4 != StandIn::nothing || stand_in_v5 != StandIn::nothing;
  }
  [[nodiscard]] bool is_enumerated() const { return vocabulary != nullptr || !words.empty(); }
  /// Whether its enumeration has the word; that of a version that does not publish it is that of
  /// the other.
  [[nodiscard]] bool has_word(std::string_view word, Version version) const;
  /// The words of its enumeration in a version, separated by spaces.
  [[nodiscard]] std::string words_in(Version version) const;
  /// Whether a member is one object, not an array, in both versions.
  [[nodiscard]] bool is_single() const { return v4 == Form::object && v5 == Form::object; }
  /// The word it is kept under.
  [[nodiscard]] std::string_view kept_word() const { return kept_as.empty() ? name : kept_as; }
  [[nodiscard]] std::string_view name_in(Api api, Version version) const {
    return !name_in_newer_resource.empty() && api == Api::resource && version == Version::v5
               ? name_in_newer_resource
               : name;
  }
  /// Whether nothing can stand below it.
  [[nodiscard]] bool is_scalar() const {
    return reading != Reading::value || v4 == Form::boolean || v4 == Form::number ||
           v5 == Form::boolean || v5 == Form::number;
  }
};

/// Whether a value has the form; the items of a list are not looked at.
bool fits(const json::Value& value, Form form);
/// What is demanded of a value that has not: "must be a string". Empty for forms that all have.
std::string_view demand_of(Form form);

/// What a JSON object that is no element is described by: the shapes of values.
namespace shapes {
inline constexpr graph::ElementKind time_period = 200;
inline constexpr graph::ElementKind quantity = 201;
} // namespace shapes

/// All attributes of the inventory and its neighbours, those of one owner together.
std::vector<Attribute> inventory_attributes();

} // namespace diffo::model

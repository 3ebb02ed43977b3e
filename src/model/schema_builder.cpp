#include "model/schema_builder.h"

#include "graph/field_reader.h"
#include "model/declared.h"
#include "model/field_place.h"
#include "model/irregular.h"
#include "model/schema.h"
#include "model/shared_form.h"
#include "model/split.h"
#include "model/value_path.h"
#include "model/words.h"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace diffo::model {
namespace {

using graph::Dictionary;
using graph::ElementDefinition;
using graph::ElementRole;
using graph::ElementView;
using graph::FieldDefinition;
using graph::FieldPath;
using graph::IndexDefinition;
using graph::IndexSink;
using graph::Record;
using graph::ValueView;
using graph::Word;

// Indexes of more than one attribute. Numbers are never reused; those of attributes stand in the
// table.
constexpr graph::IndexNumber characteristic_index = 18;
constexpr graph::IndexNumber irregular_index = 19;
constexpr graph::IndexNumber collection_index = 20;
/// Those that kinds declare are numbered anew with each model: a commit that replaces one makes all
/// indexes anew where they differ.
constexpr graph::IndexNumber first_characteristic_index = 2000;

/// The dictionary: the words whose numbers are fixed, those of a store if there are any, then names
/// that only the table has.
std::vector<std::string_view> words_of(const std::vector<Attribute>& attributes,
                                       const std::vector<std::string>& known) {
  std::vector<std::string_view> words(known.begin(), known.end());
  if (known.empty())
    words.assign(std::begin(inventory_words), std::end(inventory_words));
  const auto add = [&words](std::string_view name) {
    if (!name.empty() && std::find(words.begin(), words.end(), name) == words.end())
      words.push_back(name);
  };
  for (const Attribute& row : attributes)
    for (const std::string_view name : {row.name, row.name_in_newer_resource, row.kept_as})
      add(name);
  return words;
}

std::vector<graph::FamilyDefinition> families() {
  std::vector<graph::FamilyDefinition> all = {
      {family_service, "service", "Instance"},
      {family_resource, "resource", "Instance"},
      {family_party, "party", "Party"},
      {family_place, "place", "Place"},
      {family_entity, "entity", "Entity"},
      {family_specification, "specification", "Specification"},
      {family_expectation, "expectation", "DiffoExpectation"},
      {family_subscription, "subscription", "DiffoSubscription"},
      {family_task, "task", "DiffoTask"},
      {family_assignment, "assignment", "DiffoAssignment"},
      {family_decision, "decision", "DiffoDecision"},
      {family_observation_source, "observationSource", "DiffoObservationSource"},
      {family_model, "model", "DiffoModel"},
      {family_catalog, "catalog", "DiffoCatalog"},
      {family_topic, "topic", "DiffoTopic"}};
  for (graph::FamilyDefinition& family : all)
    add_shared_form(family);
  return all;
}

/// All texts as keys.
class TextKeys : public graph::ValueSink {
public:
  explicit TextKeys(IndexSink& sink) : sink_(sink) {}
  bool take_text(std::string_view text) override {
    sink_.add(key_of_text(text, Reading::text));
    return true;
  }
  bool take_moment(std::int64_t /*microseconds*/) override { return true; }
  bool take_other(const json::Value& /*value*/) override { return true; }

private:
  IndexSink& sink_;
};

class Builder {
public:
  Builder(const std::vector<Attribute>& attributes, const std::vector<Kind>& kinds,
          const SchemaExtras& extras)
      : attributes_(attributes), kinds_(kinds), extras_(extras),
        words_(words_of(attributes, extras.words)) {}

  [[nodiscard]] std::unique_ptr<const graph::Schema> build(const graph::SchemaOwner& model) const {
    auto schema = std::make_unique<graph::Schema>(words_, families(), elements(), indexes());
    schema->set_origin({.description = extras_.description, .owner = &model});
    if (extras_.declared != nullptr && !extras_.declared->empty())
      schema->set_declared_forms(shared_forms(*extras_.declared));
    return schema;
  }

private:
  [[nodiscard]] Word word_of(std::string_view text) const {
    return static_cast<Word>(std::find(words_.begin(), words_.end(), text) - words_.begin());
  }
  [[nodiscard]] Word word_of(const Attribute& row) const { return word_of(row.kept_word()); }

  // neo4j.md §1.1–1.6.
  [[nodiscard]] std::vector<ElementDefinition> elements() const {
    std::vector<ElementDefinition> all;
    for (const Kind& kind : kinds_) {
      ElementDefinition& element = all.emplace_back();
      element.kind = kind.kind;
      element.name = kind.name;
      element.role = kind.role;
      element.family = kind.target;
      for (const std::string_view label : split(kind.labels, ' '))
        element.labels.emplace_back(label);
      element.key_property = kind.key_property;
      element.points_to_owner = kind.points_to_owner;
      element.relationship_type = kind.relationship;
      if (kind.role == ElementRole::edge) {
        element.target_relationship_type = kind.relationship;
        if (element.labels.empty()) // the relationship ties the owner itself to the target
          element.relationship_type.clear();
      }
      for (const Attribute& row : attributes_)
        if (row.owner == kind.kind && !row.property.empty())
          element.fields.push_back({.word = word_of(row),
                                    .property = std::string(row.property),
                                    .encoding = row.encoding,
                                    .in_extra = row.home == Home::extra});
      add_shared_form(element);
    }
    return all;
  }

  [[nodiscard]] std::vector<IndexDefinition> indexes() const {
    std::vector<IndexDefinition> all;
    for (const Attribute& row : attributes_)
      if (row.index != 0)
        add_index(all, row);
    const std::vector<graph::Family> instances = {family_service, family_resource};
    all.push_back({characteristic_index, "characteristic", instances, characteristic_keys});
    all.push_back(
        {irregular_index, "irregular", instances, irregular_keys(attributes_, kinds_), true});
    all.push_back({collection_index,
                   collection_index_name,
                   {family_party, family_place, family_specification, family_catalog, family_topic},
                   collection_keys,
                   true});
    if (extras_.declared != nullptr)
      add_declared(all, *extras_.declared);
    std::sort(all.begin(), all.end(), [](const IndexDefinition& a, const IndexDefinition& b) {
      return a.number < b.number;
    });
    return all;
  }

  void add_index(std::vector<IndexDefinition>& all, const Attribute& row) const {
    const Kind* owner = kind(row.owner);
    if (owner->role != ElementRole::root) {
      all.push_back(index_of_part(row));
      return;
    }
    for (IndexDefinition& index : all)
      if (index.number == row.index) {
        if (std::find(index.families.begin(), index.families.end(), owner->target) ==
            index.families.end())
          index.families.push_back(owner->target);
        return;
      }
    all.push_back({row.index, std::string(row.name), {owner->target}, keys_of(row), true});
    // Of a type, the class that is shown where none was given depends on the family.
    if (row.otherwise == Otherwise::class_name)
      return;
    IndexDefinition& index = all.back();
    index.by_creation = row.otherwise == Otherwise::created_at;
    index.path = FieldPath{.end = row.end(), .member = member_of(row)};
    if (row.otherwise == Otherwise::created_at)
      index.path->otherwise = FieldPath::Otherwise::created_at;
    index.reading = stored_reading(row);
  }

  static std::string member_of(const Attribute& row) { return std::string(row.kept_word()); }
  static Reading stored_reading(const Attribute& row) {
    return row.reading == Reading::instant ? Reading::instant : Reading::text;
  }

  /// The keys of all parts of a kind.
  [[nodiscard]] IndexDefinition index_of_part(const Attribute& row) const {
    IndexDefinition index{.number = row.index, .name = {}, .families = {}, .keys = {}};
    for (const Attribute& home : attributes_)
      if (const Kind* root = kind(home.owner); home.holds == row.owner && root != nullptr &&
                                               root->role == ElementRole::root &&
                                               home.home == Home::part) {
        index.name = std::string(home.name) + '.' + std::string(row.name);
        index.families.push_back(root->target);
      }
    index.keys = [part = row.owner, word = word_of(row), reading = row.reading](
                     const Record& record, const Dictionary& dictionary, IndexSink& sink) {
      ElementView child;
      for (auto children = record.root(dictionary).children(); children.next(child);)
        if (child.kind() == part)
          if (const ValueView value = child.field(word);
              value && value.kind() == json::Kind::string)
            sink.add(key_of_text(value.text(), reading));
    };
    index.path =
        FieldPath{.parts = {{row.owner}}, .end = FieldPath::End::member, .member = member_of(row)};
    index.reading = stored_reading(row);
    return index;
  }

  /// Where the values of a characteristic have what a kind indexes of it; of one that is inherited,
  /// where those have it that it may be read from.
  static void add_members(std::set<std::vector<std::string>>& all, const DeclaredKinds& declared,
                          const DeclaredKind& kind, std::string_view name) {
    const std::string_view head = head_of(name);
    const std::string_view field = tail_of(name);
    const auto add = [&](const Field* characteristic) {
      if (characteristic == nullptr)
        return;
      if (auto place = place_of_field(by_name(declared), characteristic->type, field))
        all.insert(std::move(place->path));
    };
    add(kind.characteristic(head));
    for (const Inherited& inherited : kind.inherited_characteristics)
      if (inherited.name == head)
        for (const DeclaredKind* other : declared.instance_kinds())
          add(other->characteristic(inherited.read));
  }

  /// `characteristic.field` of any kind indexes that member of all characteristics: a filter does
  /// not say of which kind it asks.
  static void add_declared(std::vector<IndexDefinition>& all, const DeclaredKinds& declared) {
    std::set<std::vector<std::string>> members;
    for (const DeclaredKind* kind : declared.instance_kinds())
      for (const std::string& name : kind->indexes)
        if (name.find('.') != std::string::npos)
          add_members(members, declared, *kind, name);
    graph::IndexNumber number = first_characteristic_index;
    for (const std::vector<std::string>& member : members) {
      std::string name = "characteristic.value";
      for (const std::string& part : member)
        name += '.' + part;
      IndexDefinition index{.number = number++,
                            .name = std::move(name),
                            .families = {family_service, family_resource},
                            .keys = {}};
      const FieldPath path{.parts = {{kinds::characteristic}},
                           .end = FieldPath::End::member,
                           .member = "value",
                           .inside = member};
      index.keys = [path](const Record& record, const Dictionary& dictionary, IndexSink& sink) {
        TextKeys keys(sink);
        graph::FieldReader(path, dictionary).read(record, record.root(dictionary), keys);
      };
      index.path = path;
      index.reading = Reading::text;
      all.push_back(std::move(index));
    }
  }

  using Keys = std::function<void(const Record&, const Dictionary&, IndexSink&)>;
  using ClassNames = std::vector<std::pair<graph::Family, std::string>>;

  [[nodiscard]] Keys keys_of(const Attribute& row) const {
    return [word = word_of(row), member = member_of(row), end = row.end(), reading = row.reading,
            otherwise = row.otherwise, classes = class_names()](
               const Record& record, const Dictionary& dictionary, IndexSink& sink) {
      const ElementView root = record.root(dictionary);
      ValueView value = root.field(word);
      if (!value && end == FieldPath::End::member && root.has_extra())
        value = root.extra(member);
      if (value && value.kind() == json::Kind::string) {
        sink.add(key_of_text(value.text(), reading));
      } else if (otherwise == Otherwise::created_at) {
        std::string key;
        graph::append_instant_key(key, record.created_at());
        sink.add(key);
      } else if (otherwise == Otherwise::class_name) {
        for (const auto& [family, name] : classes)
          if (family == record.family())
            sink.add(key_of_text(name, reading));
      }
    };
  }

  [[nodiscard]] ClassNames class_names() const {
    ClassNames names;
    for (const Kind& kind : kinds_)
      if (kind.role == ElementRole::root && !kind.type.service.empty())
        names.emplace_back(kind.target, std::string(kind.type.service));
    return names;
  }

  static void collection_keys(const Record& record, const Dictionary& dictionary, IndexSink& sink) {
    if (const auto api = api_of_root(record.root(dictionary).kind()))
      sink.add(collection_key(*api));
  }

  static void characteristic_keys(const Record& record, const Dictionary& dictionary,
                                  IndexSink& sink) {
    ElementView child;
    for (auto children = record.root(dictionary).children(); children.next(child);) {
      if (child.kind() != kinds::characteristic)
        continue;
      const ValueView name = child.field(words::name);
      const ValueView value = child.field(words::value);
      if (!name || !value)
        continue;
      const json::Kind kind = value.kind();
      if (kind != json::Kind::array && kind != json::Kind::object && kind != json::Kind::null)
        sink.add(characteristic_key(name.text(), value.to_json()));
    }
  }

  [[nodiscard]] const Kind* kind(graph::ElementKind number) const {
    const auto found = std::find_if(kinds_.begin(), kinds_.end(),
                                    [number](const Kind& one) { return one.kind == number; });
    return found == kinds_.end() ? nullptr : &*found;
  }

  const std::vector<Attribute>& attributes_;
  const std::vector<Kind>& kinds_;
  const SchemaExtras& extras_;
  std::vector<std::string_view> words_;
};

} // namespace

std::unique_ptr<const graph::Schema> build_schema(const std::vector<Attribute>& attributes,
                                                  const std::vector<Kind>& kinds,
                                                  const graph::SchemaOwner& model,
                                                  const SchemaExtras& extras) {
  return Builder(attributes, kinds, extras).build(model);
}

} // namespace diffo::model

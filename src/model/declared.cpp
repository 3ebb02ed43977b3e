#include "model/declared.h"

#include "model/kinds.h"
#include "model/words.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace diffo::model {
namespace {

/// Numbers of indexes that are declared; those of the table of attributes are far below.
constexpr graph::IndexNumber first_declared_index = 1000;

std::string_view text_of(const graph::Element& element, graph::Word word) {
  const json::Value* value = element.field(word);
  const std::string* text = value != nullptr ? value->if_string() : nullptr;
  return text != nullptr ? std::string_view(*text) : std::string_view();
}

bool names_index(const DeclaredKind& kind, const Field& attribute) {
  return std::any_of(kind.indexes.begin(), kind.indexes.end(),
                     [&](const std::string& name) { return kind.attribute(name) == &attribute; });
}

Reading reading_of(const Type& type) {
  if (type.array)
    return Reading::value;
  switch (type.scalar) {
  case Scalar::symbol:
  case Scalar::string:
  case Scalar::uuid:
  case Scalar::ip:
    return Reading::text;
  case Scalar::date_time:
    return Reading::instant;
  case Scalar::integer:
  case Scalar::number:
  case Scalar::boolean:
  case Scalar::any:
  case Scalar::kind:
    break;
  }
  return Reading::value;
}

} // namespace

std::optional<std::int64_t> major_version_of(std::string_view text) {
  if (!text.empty() && (text.front() == 'v' || text.front() == 'V'))
    text.remove_prefix(1);
  const std::string_view major = text.substr(0, text.find('.'));
  std::int64_t number = 0;
  const auto [end, problem] = std::from_chars(major.data(), major.data() + major.size(), number);
  if (problem != std::errc() || end != major.data() + major.size() || number < 0)
    return std::nullopt;
  return number;
}

DeclaredKinds::DeclaredKinds(DomainModel model, hooks::SharedRegistry hooks)
    : model_(std::move(model)), hooks_(std::move(hooks)) {
  for (const Domain& domain : model_.domains)
    for (const DeclaredKind& kind : domain.kinds)
      add(kind);
}

void DeclaredKinds::add(const DeclaredKind& kind) {
  by_name_.emplace(kind.name, &kind);
  for (const auto* fields : {&kind.attributes, &kind.fields, &kind.characteristics})
    compile_patterns(*fields);
  for (const Feature& feature : kind.features)
    compile_patterns(feature.characteristics);
  if (kind.base != Base::instance)
    return;
  instance_kinds_.push_back(&kind);
  if (!kind.specification)
    return;
  by_specification_.emplace(kind.specification->id, &kind);
  versions_[kind.specification->name].emplace(kind.specification->major_version, &kind);
}

void DeclaredKinds::compile_patterns(const std::vector<Field>& fields) {
  for (const Field& field : fields)
    if (!field.type.pattern.empty())
      // The whole text is meant.
      if (auto compiled = Pattern::compile("^(?:" + field.type.pattern + ")$"))
        patterns_.emplace(field.type.pattern, std::move(*compiled));
}

const Pattern* DeclaredKinds::pattern_of(const Type& type) const {
  const auto found = type.pattern.empty() ? patterns_.end() : patterns_.find(type.pattern);
  return found == patterns_.end() ? nullptr : found->second.get();
}

const DeclaredKind* DeclaredKinds::named(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

const DeclaredKind* DeclaredKinds::specified(std::string_view id) const {
  const auto found = by_specification_.find(id);
  return found == by_specification_.end() ? nullptr : found->second;
}

const DeclaredKind* DeclaredKinds::specified(std::string_view name,
                                             std::string_view version) const {
  const auto found = versions_.find(name);
  if (found == versions_.end())
    return nullptr;
  if (version.empty())
    return found->second.rbegin()->second;
  const auto major = major_version_of(version);
  const auto one = major ? found->second.find(*major) : found->second.end();
  return one == found->second.end() ? nullptr : one->second;
}

const DeclaredKind* DeclaredKinds::claiming(const json::Object& document, Api api) const {
  if (empty())
    return nullptr;
  const json::Value* reference =
      document.find(api == Api::service ? "serviceSpecification" : "resourceSpecification");
  const DeclaredKind* kind = nullptr;
  if (reference != nullptr) {
    kind = specified(reference->text_of("id"));
    if (kind == nullptr && !reference->text_of("name").empty())
      kind = specified(reference->text_of("name"), reference->text_of("version"));
  } else if (const json::Value* type = document.find("@type"); type != nullptr) {
    const std::string* name = type->if_string();
    kind = name != nullptr ? named(*name) : nullptr;
  }
  const bool fits = kind != nullptr && kind->base == Base::instance && kind->specification &&
                    api_of(*kind) == api;
  return fits ? kind : nullptr;
}

const DeclaredKind* DeclaredKinds::claiming(const graph::Element& root) const {
  if (empty())
    return nullptr;
  for (const graph::Element& child : root.children) {
    if (child.kind != kinds::specification_reference)
      continue;
    if (child.target)
      if (const DeclaredKind* kind = specified(child.target->id))
        return kind;
    // Without an id it is no reference yet, and kept as it came.
    const bool as_it_came = child.verbatim.has_value();
    const std::string_view name =
        as_it_came ? child.verbatim->text_of("name") : text_of(child, words::name);
    const std::string_view version = as_it_came ? child.verbatim->text_of("version")
                                                : text_of(child, words::number_of("version"));
    return name.empty() ? nullptr : specified(name, version);
  }
  const DeclaredKind* kind = named(text_of(root, words::type));
  return kind != nullptr && kind->base == Base::instance && kind->specification ? kind : nullptr;
}

const DeclaredKind* DeclaredKinds::kind_of(const graph::ElementView& root) const {
  graph::ElementView edge;
  if (empty() || !root.has_children() ||
      !root.children().next_of(kinds::specification_reference, edge) || !edge.has_target())
    return nullptr;
  return specified(edge.target_id().text());
}

const Domain& DeclaredKinds::domain_of(const DeclaredKind& kind) const {
  const auto found =
      std::find_if(model_.domains.begin(), model_.domains.end(), [&kind](const Domain& domain) {
        return !domain.kinds.empty() && &domain.kinds.front() <= &kind &&
               &kind <= &domain.kinds.back();
      });
  DIFFO_ASSERT(found != model_.domains.end()); // a kind of ours stands in one of our domains
  return *found;
}

Api DeclaredKinds::api_of(const DeclaredKind& kind) {
  return kind.half == Half::service ? Api::service : Api::resource;
}

std::vector<Attribute> DeclaredKinds::rows() const {
  std::vector<Attribute> rows;
  graph::IndexNumber next = first_declared_index;
  for (const DeclaredKind* kind : instance_kinds_) {
    const graph::ElementKind owner =
        api_of(*kind) == Api::service ? kinds::service : kinds::resource;
    for (const Field& attribute : kind->attributes) {
      const auto known = std::find_if(rows.begin(), rows.end(), [&](const Attribute& row) {
        return row.owner == owner && row.name == attribute.wire_name();
      });
      Attribute& row = known != rows.end() ? *known : rows.emplace_back();
      row.owner = owner;
      row.name = attribute.wire_name();
      // No version publishes it: what generic records have under the name stays theirs.
      row.v4 = row.v5 = Form::none;
      row.reading = reading_of(attribute.type);
      row.hidden = attribute.hidden;
      if (row.index == 0 && row.reading != Reading::value && names_index(*kind, attribute))
        row.index = next++;
    }
  }
  return rows;
}

} // namespace diffo::model

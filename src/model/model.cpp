#include "model/model.h"

#include "model/declared.h"
#include "model/schema_builder.h"
#include "model/split.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace diffo::model {
Model::Model(std::vector<Attribute> attributes, std::vector<Kind> kinds,
             const Declarations& declarations)
    : declared_(declarations.kinds ? declarations.kinds : std::make_shared<const DeclaredKinds>()),
      attributes_(std::move(attributes)), kinds_(std::move(kinds)) {
  for (const Attribute& row : declared_->rows())
    attributes_.push_back(row);
  std::stable_sort(attributes_.begin(), attributes_.end(),
                   [](const Attribute& a, const Attribute& b) { return a.owner < b.owner; });
  schema_ = build_schema(attributes_, kinds_, *this,
                         {.words = declarations.words,
                          .description = declarations.description,
                          .declared = declared_.get()});
  compile_rows();
  compile_names();
  compile_traits();
  compile_entities();
  for (const Kind& kind : kinds_)
    list_keys_[kind.kind] = list_keys_of(*this, kind);
  shapes_ = document_shapes_of(*this);
}

Model::~Model() = default;

graph::Word Model::word_of(std::string_view text) const {
  return *dictionary().find(text); // the schema has every name of the table in it
}

void Model::compile_rows() {
  for (auto* table : {&words_, &words_in_newer_resource_})
    for (auto& row : *table)
      row.fill(no_home);
  for (std::size_t index = 0; index < attributes_.size(); ++index) {
    const Attribute& row = attributes_[index];
    Range& range = ranges_[row.owner];
    if (range.end == 0)
      range.begin = index;
    range.end = index + 1;
    if (row.owner >= kind_count)
      continue;
    if (row.home == Home::part || row.home == Home::edge) {
      const graph::Word word = word_of(row.name);
      const graph::Word newer = word_of(row.name_in(Api::resource, Version::v5));
      words_[row.owner][row.holds] = word;
      words_in_newer_resource_[row.owner][row.holds] = newer;
      is_single_[row.holds] = row.is_single();
    } else if (row.home == Home::property) {
      compile_field(row);
    }
    has_renamed_[row.owner] |= !row.name_in_newer_resource.empty();
    for (const Version version : {Version::v4, Version::v5})
      if (row.stand_in(version) != StandIn::nothing)
        stand_ins_[version == Version::v4 ? 0 : 1][row.owner].push_back({&row, word_of(row.name)});
  }
}

void Model::compile_names() {
  for (std::size_t owner = 0; owner < ranges_.size(); ++owner) {
    const auto kind = static_cast<graph::ElementKind>(owner);
    if (attributes_of(kind).empty())
      continue;
    named_[0][owner] = named(kind, Api::service, Version::v4);
    named_[1][owner] = named(kind, Api::resource, Version::v5);
  }
}

Model::Named Model::named(graph::ElementKind owner, Api api, Version version) const {
  Named made;
  const auto word = [&](const Attribute* row) { return word_of(row->name_in(api, version)); };
  for (const Attribute& row : attributes_of(owner))
    made.rows.push_back(&row);
  std::stable_sort(made.rows.begin(), made.rows.end(),
                   [&](const Attribute* a, const Attribute* b) { return word(a) < word(b); });
  made.begins.resize(dictionary().size() + 1);
  for (const Attribute* row : made.rows)
    ++made.begins[word(row) + 1U];
  std::partial_sum(made.begins.begin(), made.begins.end(), made.begins.begin());
  return made;
}

void Model::compile_field(const Attribute& row) {
  auto& fields = fields_[row.owner];
  auto& outer = outer_members_[row.owner];
  fields.resize(dictionary().size());
  outer.resize(dictionary().size());
  if (row.of == Of::around)
    outer[word_of(row.kept_word())] = word_of(row.name);
  else
    fields[word_of(row.name)] = &row;
}

void Model::compile_traits() {
  for (const Kind& kind : kinds_)
    for (const Api api : {Api::service, Api::resource}) {
      const bool service = !is_typed_as_resource(api);
      KindTraits& traits = traits_[service ? 0 : 1][kind.kind];
      traits = {kind.build,
                kind.target,
                0,
                service ? kind.type.service : kind.type.resource,
                service ? kind.inner_type.service : kind.inner_type.resource,
                kind.always_leads};
      for (const Attribute& row : attributes_of(kind.kind))
        if (row.home == Home::inner)
          traits.inner = word_of(row.name);
    }
}

void Model::compile_entities() {
  std::vector<std::string_view> of_references;
  for (const Attribute& row : attributes_)
    if (row.of == Of::reference || traits_of(row.owner, Api::service).build == Build::reference)
      of_references.push_back(row.name);
  for (const ApiRow& entry : apis) {
    const Api api = entry.api;
    const graph::ElementKind root = entry.root;
    const auto number = static_cast<std::size_t>(api);
    for (const Attribute& row : attributes_of(root)) {
      if (row.otherwise == Otherwise::created_at || row.has_stand_in())
        standing_[number].push_back({&row, word_of(row.kept_word())});
      if (row.home == Home::derived && row.holds == 0)
        derived_[number].push_back(row.name);
      if (is_of_instances(api) && row.only_class.empty() && row.home != Home::derived &&
          std::find(of_references.begin(), of_references.end(), row.name) == of_references.end())
        of_entities_.push_back(row.name);
    }
    if (!is_of_instances(api))
      continue;
    classes_.push_back(class_of(api));
    for (const std::string_view one : split(kind(root_of(api))->classes, ' '))
      classes_.push_back(one.substr(0, one.find(':')));
  }
  std::sort(of_entities_.begin(), of_entities_.end());
}

std::span<const Attribute> Model::attributes_of(graph::ElementKind owner) const {
  const Range& range = ranges_[owner];
  return std::span(attributes_).subspan(range.begin, range.end - range.begin);
}

const Kind* Model::kind(graph::ElementKind kind) const {
  const auto found = std::find_if(kinds_.begin(), kinds_.end(),
                                  [kind](const Kind& one) { return one.kind == kind; });
  return found == kinds_.end() ? nullptr : &*found;
}

std::optional<graph::Word> Model::home_word(graph::ElementKind owner, graph::ElementKind child,
                                            Api api, Version version) const {
  if (owner >= kind_count || child >= kind_count)
    return std::nullopt;
  const auto& words =
      api == Api::resource && version == Version::v5 ? words_in_newer_resource_ : words_;
  const graph::Word word = words[owner][child];
  return word == no_home ? std::nullopt : std::optional(word);
}

graph::ElementKind Model::home_kind(graph::ElementKind owner, graph::Word attribute, Api api,
                                    Version version) const {
  if (owner >= kind_count)
    return 0;
  for (const Attribute* row : rows_named(owner, attribute, api, version))
    if (row->home == Home::part || row->home == Home::edge)
      return row->holds;
  return 0;
}

const Attribute* Model::outer_row(graph::ElementKind edge, graph::Word name) const {
  for (const Attribute* row : rows_named(edge, name))
    if (row->of == Of::around && row->home == Home::property)
      return row;
  return nullptr;
}

std::string_view Model::swapped_name(graph::ElementKind owner, std::string_view name, Api api,
                                     Version version) const {
  if (api == Api::resource && version == Version::v5 && has_renamed(owner))
    for (const Attribute& row : attributes_of(owner))
      if (!row.name_in_newer_resource.empty()) {
        if (name == row.name)
          return row.name_in_newer_resource;
        if (name == row.name_in_newer_resource)
          return row.name;
      }
  return name;
}

const Attribute* Model::first_level(Api api, std::string_view name) const {
  for (const Attribute& row : attributes_of(root_of(api)))
    if (row.only_class.empty() && row.name == name)
      return &row;
  return nullptr;
}

bool Model::is_derived(Api api, std::string_view name) const {
  const auto& names = derived_[static_cast<std::size_t>(api)];
  return std::find(names.begin(), names.end(), name) != names.end();
}

const Attribute* Model::explained_by(Api api, std::string_view extension) const {
  for (const Attribute& row : attributes_of(root_of(api)))
    if (row.vocabulary != nullptr && !extension.empty() && row.vocabulary->extension == extension)
      return &row;
  return nullptr;
}

std::string_view Model::family_name(graph::Family family) const {
  const graph::FamilyDefinition* known = schema_->family(family);
  return known != nullptr ? std::string_view(known->name) : std::string_view();
}

std::string_view Model::class_of(Api api) const {
  const TypeName& type = kind(root_of(api))->type;
  return is_typed_as_resource(api) ? type.resource : type.service;
}

std::vector<std::string_view> Model::subclasses_of(Api api, std::string_view base) const {
  std::vector<std::string_view> found;
  for (const std::string_view one : split(kind(root_of(api))->classes, ' '))
    if (const std::size_t colon = one.find(':');
        colon != std::string_view::npos && one.substr(colon + 1) == base)
      found.push_back(one.substr(0, colon));
  return found;
}

bool Model::is_class(std::string_view name) const {
  return std::find(classes_.begin(), classes_.end(), name) != classes_.end();
}

bool Model::is_of_entity(std::string_view attribute) const {
  return std::binary_search(of_entities_.begin(), of_entities_.end(), attribute);
}

const Attribute* Model::row_named(graph::ElementKind owner, Of within, std::string_view name,
                                  Api api, Version version) const {
  const Build build = owner < kind_count ? traits_of(owner, api).build : Build::part;
  const bool flat = build == Build::related && version == Version::v4;
  const bool nested = (build == Build::relation || build == Build::related) && !flat;
  const Attribute* found = nullptr;
  for (const Attribute& row : attributes_of(owner)) {
    if (row.name_in(api, version) != name || !row.only_class.empty() ||
        (flat && row.home == Home::inner))
      continue;
    // A flat object has the reference's name, and what is around it otherwise. In a nested one each
    // object has its own; what stands in the other one came in the form of the other version.
    const Of preferred = nested ? within : Of::reference;
    if (found == nullptr || row.of == preferred)
      found = &row;
  }
  return found;
}

const Attribute* Model::find(std::span<const std::string> path, Api api, Version version,
                             std::size_t* depth) const {
  graph::ElementKind owner = root_of(api);
  Of within = Of::around;
  const Attribute* found = nullptr;
  std::size_t walked = 0;
  for (; walked < path.size(); ++walked) {
    if (found != nullptr && found->home != Home::inner) {
      if (found->holds == 0)
        break; // below a value that nothing is known of
      owner = found->holds;
      within = Of::around;
    } else if (found != nullptr) {
      within = Of::reference;
    }
    found = row_named(owner, within, path[walked], api, version);
    if (found == nullptr)
      break;
  }
  if (depth != nullptr)
    *depth = walked;
  return found;
}

Reading Model::reading_of(std::span<const std::string> path, Api api, Version version) const {
  std::size_t depth = 0;
  const Attribute* found = find(path, api, version, &depth);
  return found != nullptr && depth == path.size() ? found->reading : Reading::value;
}

const Model& model_of(const graph::Schema& schema) {
  DIFFO_ASSERT(schema.owner() != nullptr); // whoever reads documents reads them by a model
  return static_cast<const Model&>(*schema.owner());
}

const Model& inventory_model() {
  static const Model model(inventory_attributes(), inventory_kinds());
  return model;
}

std::shared_ptr<const Model> inventory_with(const Declarations& declarations) {
  return std::make_shared<const Model>(inventory_attributes(), inventory_kinds(), declarations);
}

} // namespace diffo::model

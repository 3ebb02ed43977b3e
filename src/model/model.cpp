#include "model/model.h"

#include "model/schema_builder.h"

#include <algorithm>
#include <utility>

namespace diffo::model {
namespace {

graph::ElementKind root_of(Api api) {
  return api == Api::service ? kinds::service : kinds::resource;
}

} // namespace

Model::Model(std::vector<Attribute> attributes, std::vector<Kind> kinds)
    : attributes_(std::move(attributes)), kinds_(std::move(kinds)) {
  std::stable_sort(attributes_.begin(), attributes_.end(),
                   [](const Attribute& a, const Attribute& b) { return a.owner < b.owner; });
  schema_ = build_schema(attributes_, kinds_);
  compile_rows();
  compile_traits();
}

graph::Word Model::word_of(std::string_view text) const {
  return *dictionary().find(text); // the schema has every name of the table in it
}

void Model::compile_rows() {
  for (auto* table : {&words_, &words_in_newer_resource_})
    for (auto& row : *table)
      row.fill(no_home);
  for (auto& fields : fields_)
    fields.resize(dictionary().size());
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
      homes_[row.owner].push_back({word, newer, row.holds});
    } else if (row.home == Home::property && row.of != Of::around) {
      fields_[row.owner][word_of(row.name)] = true;
    }
  }
}

void Model::compile_traits() {
  for (const Kind& kind : kinds_)
    for (const Api api : {Api::service, Api::resource}) {
      const bool service = api == Api::service;
      KindTraits& traits = traits_[service ? 0 : 1][kind.kind];
      traits = {kind.build, kind.target, 0, service ? kind.type.service : kind.type.resource,
                service ? kind.inner_type.service : kind.inner_type.resource};
      for (const Attribute& row : attributes_of(kind.kind))
        if (row.home == Home::inner)
          traits.inner = word_of(row.name);
    }
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
  const bool newer_resource = api == Api::resource && version == Version::v5;
  for (const ChildHome& home : homes_[owner])
    if ((newer_resource ? home.word_in_newer_resource : home.word) == attribute)
      return home.child;
  return 0;
}

bool Model::is_field(graph::ElementKind owner, graph::Word attribute) const {
  return owner < kind_count && attribute < fields_[owner].size() && fields_[owner][attribute];
}

const Attribute* Model::row_named(graph::ElementKind owner, Of within, std::string_view name,
                                  Api api, Version version) const {
  const Build build = owner < kind_count ? traits_of(owner, api).build : Build::part;
  const bool flat = build == Build::related && version == Version::v4;
  const bool nested = (build == Build::relation || build == Build::related) && !flat;
  const Attribute* found = nullptr;
  for (const Attribute& row : attributes_of(owner)) {
    if (row.name_in(api, version) != name || (nested && row.of != within) ||
        (flat && row.home == Home::inner))
      continue;
    // A flat object has the reference's name, and what is around it otherwise.
    if (found == nullptr || row.of == Of::reference)
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

const Model& inventory_model() {
  static const Model model(inventory_attributes(), inventory_kinds());
  return model;
}

} // namespace diffo::model

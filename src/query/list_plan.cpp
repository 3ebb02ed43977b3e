#include "query/list_plan.h"

#include "model/ids.h"
#include "model/schema.h"
#include "model/vocabulary.h"
#include "query/record_filter.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

namespace diffo::query {
namespace {

using graph::EdgeCondition;
using graph::IndexCondition;
using graph::IndexDefinition;
using graph::KeyRange;

bool covers(const IndexDefinition& index, model::Api api) {
  return std::find(index.families.begin(), index.families.end(), model::family_of(api)) !=
         index.families.end();
}

const IndexDefinition* index_of(std::string_view attribute, model::Api api,
                                const graph::Schema& schema) {
  const IndexDefinition* index = schema.index(attribute);
  return index != nullptr && covers(*index, api) ? index : nullptr;
}

KeyRange point(const std::string& key) {
  return {key, true, key, true};
}

/// The first key behind all keys of the kind that `kind_key`, the key of its least value, begins.
std::string end_of_kind(std::string kind_key) {
  std::string end = std::move(kind_key).substr(0, 1);
  end.back() = static_cast<char>(end.back() + 1);
  return end;
}

/// Everything of a kind of keys on one side of a bound.
KeyRange side(Comparison comparison, const std::string& bound, const std::string& least) {
  switch (comparison) {
  case Comparison::greater:
    return {bound, false, end_of_kind(least), false};
  case Comparison::greater_or_equal:
    return {bound, true, end_of_kind(least), false};
  case Comparison::less:
    return {least.substr(0, 1), true, bound, false};
  case Comparison::less_or_equal:
    return {least.substr(0, 1), true, bound, true};
  case Comparison::equal:
  case Comparison::not_equal:
  case Comparison::pattern:
    break;
  }
  return point(bound);
}

std::string text_key(std::string_view text) {
  std::string key;
  graph::append_text_key(key, text);
  return key;
}

std::string instant_key(std::int64_t microseconds) {
  std::string key;
  graph::append_instant_key(key, microseconds);
  return key;
}

std::string joined(const std::vector<std::string>& path) {
  std::string text;
  for (const std::string& part : path)
    text += (text.empty() ? "" : ".") + part;
  return text;
}

/// Ranges of an index of texts; nothing when the index cannot tell.
std::optional<IndexCondition> text_ranges(const Condition& condition, model::Version version,
                                          const IndexDefinition& index) {
  const std::string& attribute = condition.path.front();
  const bool words = model::has_vocabulary(attribute);
  if (words && condition.comparison != Comparison::equal)
    return std::nullopt; // the order of internal words is not that of the words shown
  IndexCondition result{index.number, {}, true};
  for (const Operand& operand : condition.any_of) {
    const auto texts = words ? model::internal_values(attribute, operand.text(), version)
                             : std::vector<std::string>{operand.text()};
    for (const std::string& text : texts) {
      const std::string key = text_key(text);
      // Keys of full length may have been cut.
      result.exact = result.exact && key.size() < graph::max_index_key_bytes;
      result.any_of.push_back(side(condition.comparison, key, text_key("")));
    }
  }
  return result;
}

/// Ranges of an index of instants. An operand that is no date equals only what has no key there.
std::optional<IndexCondition> instant_ranges(const Condition& condition,
                                             const IndexDefinition& index) {
  IndexCondition result{index.number, {}, true};
  const std::string least = instant_key(0);
  for (const Operand& operand : condition.any_of) {
    if (!operand.instants())
      return std::nullopt;
    const std::string from = instant_key(operand.instants()->from);
    const std::string until = instant_key(operand.instants()->until);
    switch (condition.comparison) {
    case Comparison::equal:
      result.any_of.push_back({from, true, until, false});
      break;
    case Comparison::greater:
      result.any_of.push_back(side(Comparison::greater_or_equal, until, least));
      break;
    case Comparison::greater_or_equal:
      result.any_of.push_back(side(Comparison::greater_or_equal, from, least));
      break;
    case Comparison::less:
      result.any_of.push_back(side(Comparison::less, from, least));
      break;
    case Comparison::less_or_equal:
      result.any_of.push_back(side(Comparison::less, until, least));
      break;
    case Comparison::not_equal:
    case Comparison::pattern:
      return std::nullopt;
    }
  }
  return result;
}

std::optional<IndexCondition> index_condition(const Condition& condition, model::Api api,
                                              model::Version version, Assumption assumption,
                                              const graph::Schema& schema) {
  const std::string path = joined(condition.path);
  if (condition.comparison == Comparison::not_equal ||
      condition.comparison == Comparison::pattern ||
      (condition.path.size() > 1 && assumption == Assumption::nothing))
    return std::nullopt;
  const IndexDefinition* index = index_of(path, api, schema);
  if (index == nullptr || path == "@type") // subclasses count as well
    return std::nullopt;
  switch (reading_of_path(condition.path)) {
  case Reading::text:
    return text_ranges(condition, version, *index);
  case Reading::instant:
    return instant_ranges(condition, *index);
  case Reading::value:
    break;
  }
  return std::nullopt;
}

/// A path to the id of a reference, and the edges that such references are.
struct ReferencePath {
  std::string_view v4;
  std::string_view v5;
  graph::Family family;
  std::array<graph::ElementKind, 2> kinds; ///< 0: none
  bool always_an_edge = false; ///< also among irregular records; then the edges decide alone
};

constexpr std::array<ReferencePath, 9> reference_paths = {{
    {"serviceSpecification.id",
     "serviceSpecification.id",
     model::family_specification,
     {model::kinds::specification_reference, 0},
     true},
    {"resourceSpecification.id",
     "resourceSpecification.id",
     model::family_specification,
     {model::kinds::specification_reference, 0},
     true},
    {"relatedParty.id",
     "relatedParty.partyOrPartyRole.id",
     model::family_party,
     {model::kinds::party_reference, 0}},
    {"place.id", "place.place.id", model::family_place, {model::kinds::place_reference, 0}},
    {"relatedEntity.id",
     "relatedEntity.entity.id",
     model::family_entity,
     {model::kinds::entity_reference, 0}},
    {"serviceRelationship.service.id",
     "serviceRelationship.service.id",
     model::family_service,
     {model::kinds::service_relation, 0}},
    {"resourceRelationship.resource.id",
     "resourceRelationship.resource.id",
     model::family_resource,
     {model::kinds::resource_relation, 0}},
    {"supportingService.id",
     "supportingService.id",
     model::family_service,
     {model::kinds::supporting_service, model::kinds::service_relation}},
    {"supportingResource.id",
     "supportingResource.id",
     model::family_resource,
     {model::kinds::supporting_resource, model::kinds::resource_relation}},
}};

std::optional<EdgeCondition> edge_condition(const Condition& condition, model::Version version,
                                            Assumption assumption) {
  const bool possible =
      condition.comparison == Comparison::equal &&
      std::all_of(condition.any_of.begin(), condition.any_of.end(),
                  [](const Operand& operand) { return model::can_be_target(operand.text()); });
  if (!possible)
    return std::nullopt;
  const std::string path = joined(condition.path);
  for (const ReferencePath& reference : reference_paths) {
    if (path != (version == model::Version::v4 ? reference.v4 : reference.v5) ||
        (assumption == Assumption::nothing && !reference.always_an_edge))
      continue;
    EdgeCondition result;
    result.exact = reference.always_an_edge;
    for (const graph::ElementKind kind : reference.kinds)
      if (kind != 0)
        result.kinds.push_back(kind);
    for (const Operand& operand : condition.any_of)
      result.any_of.push_back({reference.family, operand.text()});
    return result;
  }
  return std::nullopt;
}

} // namespace

void plan_conditions(std::vector<Condition>& conditions, model::Api api, model::Version version,
                     const graph::Schema& schema, Assumption assumption, graph::Query& query) {
  std::erase_if(conditions, [&](const Condition& condition) {
    if (auto range = index_condition(condition, api, version, assumption, schema)) {
      query.index_conditions.push_back(std::move(*range));
      return query.index_conditions.back().exact;
    }
    if (auto edge = edge_condition(condition, version, assumption)) {
      query.edge_conditions.push_back(std::move(*edge));
      return query.edge_conditions.back().exact;
    }
    return false;
  });
}

std::optional<graph::IndexNumber> sort_index(const SortTerm& term, model::Api api,
                                             const graph::Schema& schema) {
  if (term.path.size() != 1 || model::has_vocabulary(term.path.front()))
    return std::nullopt;
  const IndexDefinition* index = index_of(term.path.front(), api, schema);
  if (index == nullptr || reading_of_path(term.path) == Reading::value)
    return std::nullopt;
  return index->number;
}

} // namespace diffo::query

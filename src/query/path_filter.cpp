#include "query/path_filter.h"

#include "base/text.h"
#include "model/schema.h"
#include "query/attribute_access.h"
#include "query/record_filter.h"

#include <algorithm>
#include <utility>

namespace diffo::query {
namespace {

using graph::Filter;
using json::path::Beginning;
using json::path::Logical;
using json::path::LogicalKind;
using json::path::Query;
using json::path::Reach;
using json::path::Segment;
using json::path::SelectorKind;

/// What a condition says of a record: at least the filter holds, or exactly that.
struct Said {
  Filter filter{};
  bool is_exact = false;
};

std::optional<Comparison> as_comparison(const Logical& logical) {
  if (logical.kind == LogicalKind::matches)
    return Comparison::pattern;
  switch (logical.comparison) {
  case json::path::Comparison::equal:
  case json::path::Comparison::unequal:
    return Comparison::equal;
  case json::path::Comparison::less:
    return Comparison::less;
  case json::path::Comparison::less_or_equal:
    return Comparison::less_or_equal;
  case json::path::Comparison::more:
    return Comparison::greater;
  case json::path::Comparison::more_or_equal:
    return Comparison::greater_or_equal;
  }
  return std::nullopt;
}

/// Says conditions on documents of one version as filters of records.
class PathSayer {
public:
  PathSayer(model::Api api, model::Version version, const graph::Schema& schema)
      : api_(api), version_(version), schema_(schema), model_(model::model_of(schema)) {}

  /// `within`: the names that lead to what the condition is asked of; of none: the entity.
  [[nodiscard]] Said say(const Logical& logical, const std::vector<std::string>& within) const {
    switch (logical.kind) {
    case LogicalKind::any_of:
    case LogicalKind::all_of:
      return say_parts(logical, within);
    case LogicalKind::none_of: {
      Said inner = say(logical.parts.front(), within);
      return inner.is_exact ? Said{graph::none_of(std::move(inner.filter)), true} : Said{};
    }
    case LogicalKind::exists:
      return say_exists(std::get<Query>(logical.left), within);
    case LogicalKind::compares_loose:
    case LogicalKind::matches:
      return say_comparison(logical, within);
    case LogicalKind::compares:
    case LogicalKind::calls:
      break;
    }
    return {};
  }

private:
  [[nodiscard]] Said say_parts(const Logical& logical,
                               const std::vector<std::string>& within) const {
    std::vector<Filter> filters;
    bool exact = true;
    for (const Logical& part : logical.parts) {
      Said said = say(part, within);
      exact = exact && said.is_exact;
      filters.push_back(std::move(said.filter));
    }
    // One that may be anything makes an alternative of all of them anything.
    const bool any = logical.kind == LogicalKind::any_of;
    return {any ? graph::any_of(std::move(filters)) : graph::all_of(std::move(filters)), exact};
  }

  /// The names from the entity on, with what stands for the items of arrays left out; empty: it
  /// goes elsewhere.
  [[nodiscard]] std::vector<std::string> names_of(const Query& query,
                                                  std::vector<std::string> within) const {
    if (query.beginning == Beginning::root)
      within.clear();
    for (const Segment& segment : query.segments) {
      if (segment.reach != Reach::child || segment.selectors.size() != 1)
        return {};
      const json::path::Selector& selector = segment.selectors[0];
      if (selector.kind == SelectorKind::name)
        within.push_back(selector.name);
      else if (selector.kind == SelectorKind::filter ||
               (selector.kind == SelectorKind::wildcard && !is_list(within)))
        return {};
    }
    return within;
  }

  /// Whether the attribute is a list in every document, so that its children are its items.
  [[nodiscard]] bool is_list(const std::vector<std::string>& path) const {
    if (path.size() != 1)
      return false;
    const model::Attribute* row = model_.first_level(api_, path.front());
    return row != nullptr && (row->form(version_) == model::Form::objects ||
                              row->form(version_) == model::Form::texts);
  }

  /// With an operand that was read already: compiling a pattern again costs more than the rest.
  [[nodiscard]] Filter plain(const std::vector<std::string>& path, Comparison comparison,
                             const graph::Operand& operand) const {
    return record_filter({{"filter", path, comparison, {operand}, false}}, api_, version_, schema_);
  }

  /// Whether a plain condition on the attribute says just what a comparison with a text does.
  [[nodiscard]] bool says_exactly(const std::string& name, Comparison comparison,
                                  const std::string& value) const {
    const model::Attribute* row = model_.first_level(api_, name);
    switch (home_of(name, api_, model_)) {
    case AttributeHome::id:
    case AttributeHome::href:
    case AttributeHome::birth:
      return true;
    case AttributeHome::field:
      return row->is_scalar() && row->form(version_) == model::Form::text;
    case AttributeHome::word: {
      if (comparison != Comparison::equal)
        return true;
      const auto internal = row->vocabulary->internal_values(value, version_);
      return std::all_of(internal.begin(), internal.end(), [&](const std::string& word) {
        const auto shown = shown_otherwise(*row->vocabulary, version_);
        const auto other = std::find_if(shown.begin(), shown.end(),
                                        [&](const auto& one) { return one.first == word; });
        return (other == shown.end() ? word : other->second) == value;
      });
    }
    case AttributeHome::type:
    case AttributeHome::unmodelled:
    case AttributeHome::rendered:
      break;
    }
    return false;
  }

  [[nodiscard]] Said say_comparison(const Logical& logical,
                                    const std::vector<std::string>& within) const {
    const auto* query = std::get_if<Query>(&logical.left);
    const auto* literal = std::get_if<json::Value>(&logical.right);
    // Which texts are a number no condition tells.
    const bool is_text = logical.kind == LogicalKind::matches ||
                         (literal != nullptr && (literal->is_string() || literal->is_boolean()));
    if (query == nullptr || !is_text || logical.asked == nullptr)
      return {};
    const std::vector<std::string> path = names_of(*query, within);
    const auto comparison = as_comparison(logical);
    if (path.empty() || !comparison)
      return {};
    const bool is_exact = path.size() == 1 && plain_names(*query) == path &&
                          (logical.kind == LogicalKind::matches || literal->is_string()) &&
                          says_exactly(path[0], *comparison, logical.asked->text());
    const bool is_unequal = logical.kind == LogicalKind::compares_loose &&
                            logical.comparison == json::path::Comparison::unequal;
    if (is_unequal && !is_exact)
      return {};
    Filter filter = plain(path, *comparison, *logical.asked);
    if (is_unequal)
      filter = graph::none_of(std::move(filter));
    return {std::move(filter), is_exact};
  }

  /// What the filters on the way demand of the items of lists.
  [[nodiscard]] Said say_exists(const Query& query, const std::vector<std::string>& within) const {
    std::vector<std::string> path =
        query.beginning == Beginning::root ? std::vector<std::string>() : within;
    std::vector<Filter> demanded;
    for (const Segment& segment : query.segments) {
      if (segment.reach != Reach::child || segment.selectors.size() != 1)
        break;
      const json::path::Selector& selector = segment.selectors[0];
      if (selector.kind == SelectorKind::name) {
        path.push_back(selector.name);
        continue;
      }
      if (!is_list(path))
        break;
      if (selector.filter)
        demanded.push_back(say(*selector.filter, path).filter);
    }
    return {graph::all_of(std::move(demanded)), false};
  }

  model::Api api_;
  model::Version version_;
  const graph::Schema& schema_;
  const model::Model& model_;
};

AttributeRenderer renderer_of(const Logical& condition, model::Api api, model::Version version,
                              const graph::Schema& schema) {
  const auto attributes = attributes_of(condition);
  return attributes ? AttributeRenderer(*attributes, api, version, schema)
                    : AttributeRenderer::of_everything(api, version, schema);
}

graph::Residual residual_of(std::string_view text, const Logical& condition,
                            AttributeRenderer render, const Overrun& overrun) {
  json::Object arguments = render.arguments();
  arguments.append("filter", text);
  return {"path", json::to_text(arguments),
          [compiled = json::PathCondition(condition), render = std::move(render),
           overrun](const graph::Record& record) {
            const auto outcome = holds(compiled, render(record));
            if (!outcome && overrun)
              *overrun = true;
            return outcome && *outcome;
          }};
}

Error named(Error error, std::string_view parameter) {
  error.path = parameter;
  return error;
}

} // namespace

Error overrun_error(std::string_view parameter) {
  return {ErrorCode::invalid, "the path would look at more than a million values of one document",
          std::string(parameter)};
}

json::PathReading path_reading(model::Api api, model::Version version, const model::Model& model) {
  return [api, version, &model](std::span<const std::string> names) {
    return model.reading_of(names, api, version);
  };
}

Result<Filter> path_filter(std::string_view text, model::Api api, model::Version version,
                           const graph::Schema& schema, const Overrun& overrun) {
  auto path = EntityPath::parse(text, path_reading(api, version, model::model_of(schema)));
  if (!path)
    return named(std::move(path).error(), "filter");
  const Logical condition = path->condition();
  Said said = PathSayer(api, version, schema).say(condition, {});
  if (said.is_exact)
    return std::move(said.filter);
  return graph::all_of(
      {std::move(said.filter),
       graph::residual(
           residual_of(text, condition, renderer_of(condition, api, version, schema), overrun))});
}

Result<graph::Residual> path_residual(graph::Residual residual, const graph::Schema& schema) {
  const json::Value arguments = TRY(json::read(residual.arguments));
  const model::Api api = model::api_named(arguments.text_of("api")).value_or(model::Api::resource);
  const model::Version version =
      arguments.text_of("version") == "v4" ? model::Version::v4 : model::Version::v5;
  const std::string_view text = arguments.text_of("filter");
  const EntityPath path =
      TRY(EntityPath::parse(text, path_reading(api, version, model::model_of(schema))));
  const Logical condition = path.condition();
  return residual_of(text, condition, renderer_of(condition, api, version, schema), nullptr);
}

Result<graph::SortKey> path_sort_key(const std::string& text, bool descending, model::Api api,
                                     model::Version version, const graph::Schema& schema,
                                     const Overrun& overrun) {
  auto path = EntityPath::parse(text, path_reading(api, version, model::model_of(schema)));
  if (!path)
    return named(std::move(path).error(), "sort");
  if (path->which || path->is_of_whole_entities())
    return Error{ErrorCode::invalid,
                 "\"" + shortened(text, 64) + "\" leads to no value of an entity", "sort"};
  if (std::vector<std::string> names = plain_names(path->rest); names.size() == 1)
    return record_sort_key(std::move(names), descending, api, version, schema);
  AttributeRenderer render = renderer_of(path->condition(), api, version, schema);
  json::Object arguments = render.arguments();
  arguments.append("sort", text);
  graph::SortKey key{
      .path = {}, .reading = Reading::value, .shown = {}, .descending = descending, .residual = {}};
  key.residual = {"path", json::to_text(arguments),
                  [compiled = json::JsonPath(path->rest), render = std::move(render),
                   overrun](const graph::Record& record, graph::KeyCollector& keys) {
                    const json::Value document = render(record);
                    json::Budget budget(max_path_steps);
                    const auto nodes = compiled.select({&document, &document}, budget);
                    if (!nodes && overrun)
                      *overrun = true;
                    for (std::size_t at = 0; nodes && at < nodes->size(); ++at)
                      if (const std::string* one = (*nodes)[at].if_string())
                        keys.take_text(*one);
                      else
                        keys.take_other((*nodes)[at]);
                  }};
  return key;
}

} // namespace diffo::query

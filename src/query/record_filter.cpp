#include "query/record_filter.h"

#include "base/url_text.h"
#include "model/ids.h"
#include "model/schema.h"
#include "model/words.h"
#include "query/attribute_access.h"
#include "query/rendered_condition.h"

#include <algorithm>
#include <utility>

namespace diffo::query {
namespace {

using graph::Compare;
using graph::FieldPath;
using graph::Filter;

// The index of records that have something which only looks like a reference.
constexpr const char* irregular_index = "irregular";

Filter nothing() {
  return graph::any_of({});
}

std::vector<std::string> behind(const std::vector<std::string>& path, std::size_t count) {
  return {path.begin() + static_cast<std::ptrdiff_t>(std::min(count, path.size())), path.end()};
}

/// What is asked of a path: a comparison with operands, or whether anything is there.
struct Asked {
  Compare comparison = Compare::exists;
  std::vector<json::Value> operands;
};

/// The id at the end of an href. Ids have no slash there, and what is encoded in a segment of a
/// path does not use "+" for the space.
std::string id_in_href(std::string_view href) {
  std::string segment(href.substr(std::min(href.rfind('/') + 1, href.size())));
  for (std::size_t at = 0; (at = segment.find('+', at)) != std::string::npos; at += 3)
    segment.replace(at, 1, "%2B");
  auto id = decode_query_text(segment);
  return id ? std::move(*id) : std::string();
}

/// Says conditions of one version's documents of records.
class FilterMaker {
public:
  FilterMaker(model::Api api, model::Version version, const graph::Schema& schema)
      : api_(api), version_(version), schema_(schema), model_(model::model_of(schema)) {}

  [[nodiscard]] Filter make(const Condition& condition) const {
    if (condition.or_absent) {
      Condition alone = condition;
      alone.or_absent = false;
      return graph::any_of({make(alone), graph::none_of(present(condition))});
    }
    if (condition.comparison == Comparison::present)
      return present(condition);
    if (condition.comparison == Comparison::absent)
      return graph::none_of(present(condition));
    if (condition.comparison != Comparison::not_equal)
      return ask(condition, asked(condition));
    // There are values, and none of them equals an operand.
    Condition equal = condition;
    equal.comparison = Comparison::equal;
    if (is_only_rendered(condition))
      return rendered_filter(condition);
    return graph::all_of({ask(condition, {}), graph::none_of(ask(equal, asked(equal)))});
  }

private:
  /// Whether anything is shown at the path, objects and lists that have something included.
  [[nodiscard]] Filter present(const Condition& condition) const {
    Condition there = condition;
    there.comparison = Comparison::present;
    there.any_of.clear();
    there.or_absent = false;
    const model::Attribute* row = model_.first_level(api_, condition.path.front());
    if (condition.path.size() == 1 && row != nullptr && row->is_scalar())
      switch (home_of(condition.path.front(), api_, model_)) {
      case AttributeHome::id:
      case AttributeHome::href:
      case AttributeHome::birth:
        return {};
      case AttributeHome::field:
      case AttributeHome::word:
        return ask(there, {});
      case AttributeHome::type:
      case AttributeHome::unmodelled:
      case AttributeHome::rendered:
        break;
      }
    return rendered_filter(there);
  }

  static Asked asked(const Condition& condition) {
    Asked asked{asked_as(condition.comparison), {}};
    for (const graph::Operand& operand : condition.any_of)
      asked.operands.emplace_back(operand.text());
    return asked;
  }

  [[nodiscard]] bool is_only_rendered(const Condition& condition) const {
    return ask(condition, {}).kind == Filter::Kind::residual;
  }

  /// Whether some value at the condition's path compares as asked.
  [[nodiscard]] Filter ask(const Condition& condition, const Asked& asked) const {
    const auto& path = condition.path;
    const AttributeHome where = home_of(path.front(), api_, model_);
    if (path.size() > 1 && where != AttributeHome::unmodelled && where != AttributeHome::field &&
        where != AttributeHome::rendered)
      return nothing(); // a text has no members
    switch (where) {
    case AttributeHome::id:
      return compare({.end = FieldPath::End::id}, asked, Reading::text);
    case AttributeHome::href:
      return ask_href(condition, asked);
    case AttributeHome::field:
      return or_standing_in({.end = model_.first_level(api_, path.front())->end(),
                             .member = path.front(),
                             .inside = behind(path, 1)},
                            asked, reading(path));
    case AttributeHome::word:
      return ask_word(path.front(), asked);
    case AttributeHome::birth:
      return compare({.member = path.front(), .otherwise = FieldPath::Otherwise::created_at}, asked,
                     Reading::instant);
    case AttributeHome::type:
      return ask_type(asked);
    case AttributeHome::unmodelled:
      return or_standing_in(
          {.end = FieldPath::End::extra, .member = path.front(), .inside = behind(path, 1)}, asked,
          reading(path));
    case AttributeHome::rendered:
      break;
    }
    if (const model::Attribute* explained = model_.explained_by(api_, path.front()))
      return path.size() > 1 ? nothing() : ask_extension(*explained, asked);
    return ask_child(condition, asked);
  }

  [[nodiscard]] Reading reading(const std::vector<std::string>& path) const {
    return model_.reading_of(path, api_, version_);
  }

  static Filter compare(FieldPath path, const Asked& asked, Reading reading) {
    if (asked.comparison == Compare::exists)
      return graph::exists(std::move(path));
    return graph::compare(std::move(path), asked.comparison, reading, asked.operands);
  }

  /// What a first-level attribute has, or what stands in where it has nothing. Of what has an index
  /// only equality sees that, which ids answer as fast.
  [[nodiscard]] Filter or_standing_in(FieldPath path, const Asked& asked, Reading reading) const {
    const model::Attribute* row = model_.first_level(api_, path.member);
    const auto source = row != nullptr && path.inside.empty() ? stand_in_path(*row, version_)
                                                              : std::optional<FieldPath>();
    if (!source || (row->index != 0 && asked.comparison != Compare::equal &&
                    asked.comparison != Compare::exists))
      return compare(std::move(path), asked, reading);
    if (source->end == FieldPath::End::id && asked.comparison == Compare::exists)
      return {};
    Filter there = row->index != 0
                       ? graph::in_index(std::string(row->name))
                       : graph::exists({.end = FieldPath::End::member, .member = path.member});
    return graph::any_of(
        {compare(std::move(path), asked, reading),
         graph::all_of({compare(*source, asked, reading), graph::none_of(std::move(there))})});
  }

  /// The base URL is that of the request, so only the path below it counts.
  [[nodiscard]] Filter ask_href(const Condition& condition, const Asked& asked) const {
    if (asked.comparison == Compare::exists)
      return {};
    Filter whole = graph::residual(shown_href(condition, renderer(condition), schema_));
    if (asked.comparison != Compare::equal)
      return whole;
    std::vector<std::string> ids;
    ids.reserve(asked.operands.size());
    for (const json::Value& operand : asked.operands)
      ids.push_back(id_in_href(operand.string()));
    return graph::all_of(
        {graph::equal_text({.end = FieldPath::End::id}, std::move(ids)), std::move(whole)});
  }

  /// Words are kept as internal ones and compared as the version shows them.
  [[nodiscard]] Filter ask_word(const std::string& attribute, const Asked& asked) const {
    const model::Vocabulary& vocabulary = *model_.first_level(api_, attribute)->vocabulary;
    FieldPath path{.member = attribute};
    if (asked.comparison == Compare::equal) {
      std::vector<std::string> internal;
      for (const json::Value& operand : asked.operands)
        for (std::string& word : vocabulary.internal_values(operand.string(), version_))
          if (std::find(internal.begin(), internal.end(), word) == internal.end())
            internal.push_back(std::move(word));
      return graph::equal_text(std::move(path), std::move(internal));
    }
    Filter filter = compare(std::move(path), asked, Reading::text);
    if (asked.comparison != Compare::exists)
      filter.shown = shown_otherwise(vocabulary, version_);
    return filter;
  }

  /// The internal word that stands beside a wire word which hides it.
  [[nodiscard]] Filter ask_extension(const model::Attribute& explained, const Asked& asked) const {
    std::vector<std::string> words;
    for (const model::Translation& one : explained.vocabulary->translations) {
      if (!explained.vocabulary->is_hidden(one.internal, version_))
        continue;
      if (fits_text(asked, one.internal))
        words.emplace_back(one.internal);
    }
    if (words.empty())
      return nothing();
    return graph::equal_text({.member = std::string(explained.name)}, std::move(words));
  }

  /// Asking for a class finds its subclasses too (TMF630 Part 2).
  [[nodiscard]] Filter ask_type(const Asked& asked) const {
    FieldPath path{.member = "@type",
                   .otherwise = FieldPath::Otherwise::text,
                   .otherwise_text = std::string(model_.class_of(api_))};
    if (asked.comparison != Compare::equal)
      return compare(std::move(path), asked, Reading::text);
    std::vector<std::string> types;
    std::vector<std::string> bases;
    for (const json::Value& operand : asked.operands) {
      const std::string& wanted = operand.string();
      if (wanted == model_.class_of(api_))
        return {};
      types.push_back(wanted);
      bases.push_back(wanted);
      for (const std::string_view below : model_.subclasses_of(api_, wanted))
        types.emplace_back(below);
    }
    return graph::any_of({graph::equal_text(std::move(path), std::move(types)),
                          graph::equal_text({.member = "@baseType"}, std::move(bases))});
  }

  [[nodiscard]] Filter ask_child(const Condition& condition, const Asked& asked) const {
    const auto& path = condition.path;
    const auto attribute = schema_.dictionary().find(path.front());
    const graph::ElementKind kind =
        attribute ? model_.home_kind(model::root_of(api_), *attribute, api_, version_) : 0;
    if (asked.comparison == Compare::exists)
      return ask_whether_any(condition, kind);
    Filter exact = kind == 0 ? rendered_filter(condition) : ask_kind(condition, asked, kind);
    return narrowed(condition, asked, kind, std::move(exact));
  }

  [[nodiscard]] Filter rendered_filter(const Condition& condition) const {
    return graph::residual(rendered(condition, renderer(condition)));
  }

  [[nodiscard]] AttributeRenderer renderer(const Condition& condition) const {
    return {condition.path.front(), api_, version_, schema_};
  }

  /// For `ne`: some value is there; rendered, one that contains an empty text.
  [[nodiscard]] Filter ask_whether_any(const Condition& condition, graph::ElementKind kind) const {
    Condition any = condition;
    any.comparison = Comparison::pattern;
    any.any_of.clear();
    if (auto every = graph::Operand::make(json::Value(""), Compare::matches, Reading::text))
      any.any_of.push_back(std::move(*every));
    return kind == 0 ? rendered_filter(any) : ask_kind(any, {}, kind);
  }

  [[nodiscard]] Filter ask_kind(const Condition& condition, const Asked& asked,
                                graph::ElementKind kind) const {
    const auto& path = condition.path;
    // v4 shows only the first place of a resource there.
    const bool first_only = kind == model::kinds::place_reference && api_ == model::Api::resource &&
                            version_ == model::Version::v4;
    if (path.size() < 2 || first_only)
      return rendered_filter(condition);
    const auto member = schema_.dictionary().find(path[1]);
    if (model_.traits_of(kind, api_).build == model::Build::part) {
      if (is_translated(kind, path[1]) ||
          (member && model_.home_kind(kind, *member, api_, version_) != 0))
        return rendered_filter(condition);
      Filter kept = graph::any_of(
          {compare(part_path(path, kind), asked, reading(path)),
           compare({.end = FieldPath::End::extra, .member = path[0], .inside = behind(path, 1)},
                   asked, reading(path))});
      std::optional<Filter> stand_in = standing_in(condition, asked, kind);
      return stand_in ? graph::any_of({std::move(kept), *std::move(stand_in)}) : kept;
    }
    if (leads_to_target(path, kind))
      return plain_or_rendered(condition, asked, kind, {.end = FieldPath::End::id});
    const auto word = model_.dictionary().find(path[1]);
    const model::Attribute* outer = word ? model_.outer_row(kind, *word) : nullptr;
    if (path.size() == 2 && outer != nullptr && outer->is_in(version_) && outer->kept_as.empty())
      return plain_or_rendered(condition, asked, kind, {.member = path[1]});
    return rendered_filter(condition);
  }

  /// Whether the path is that of the id of what a reference of the kind leads to.
  [[nodiscard]] bool leads_to_target(const std::vector<std::string>& path,
                                     graph::ElementKind kind) const {
    const model::KindTraits& traits = model_.traits_of(kind, api_);
    switch (traits.build) {
    case model::Build::part:
      return false;
    case model::Build::related:
      if (version_ == model::Version::v5)
        break;
      [[fallthrough]];
    case model::Build::reference:
      return path.size() == 2 && path[1] == "id";
    case model::Build::relation:
      break;
    }
    return path.size() == 3 && path[1] == schema_.dictionary().text(traits.inner) &&
           path[2] == "id";
  }

  /// What stands in parts that lack the member: where the record has such a part whose stand-in
  /// would fit, what is shown is looked at, as only parts of the other version's form show it.
  [[nodiscard]] std::optional<Filter> standing_in(const Condition& condition, const Asked& asked,
                                                  graph::ElementKind kind) const {
    const auto rows = model_.stand_ins(kind, version_);
    const auto of_member =
        std::find_if(rows.begin(), rows.end(), [&](const model::Model::Demanded& one) {
          return one.row->name == condition.path[1];
        });
    if (of_member == rows.end())
      return std::nullopt;
    const model::StandIn stand_in = of_member->row->stand_in(version_);
    FieldPath source{.end = FieldPath::End::member,
                     .member = std::string(model::source_of(stand_in))};
    if (stand_in == model::StandIn::creation)
      source = {.end = FieldPath::End::created_at};
    else if (stand_in == model::StandIn::empty_text && fits_text(asked, ""))
      source = {.otherwise = FieldPath::Otherwise::text};
    else if (source.member.empty())
      return std::nullopt; // nothing stands there, or null, which is as good
    Filter lacks =
        graph::none_of(graph::exists({.end = FieldPath::End::member, .member = condition.path[1]}));
    return graph::all_of(
        {graph::any_part(
             {kind}, graph::all_of({std::move(lacks),
                                    compare(std::move(source), asked, reading(condition.path))})),
         rendered_filter(condition)});
  }

  [[nodiscard]] static bool fits_text(const Asked& asked, std::string_view text) {
    return asked.comparison == Compare::exists ||
           std::any_of(asked.operands.begin(), asked.operands.end(), [&](const json::Value& one) {
             const auto read = graph::Operand::make(one, asked.comparison, Reading::text);
             return read && read->matches_text(text, asked.comparison);
           });
  }

  /// Members of parts that are shown otherwise than they are kept.
  [[nodiscard]] bool is_translated(graph::ElementKind kind, std::string_view member) const {
    const auto rows = model_.attributes_of(kind);
    return member == "@type" ||
           std::any_of(rows.begin(), rows.end(), [member](const model::Attribute& row) {
             return !row.name_in_newer_resource.empty() &&
                    (row.name == member || row.name_in_newer_resource == member);
           });
  }

  [[nodiscard]] FieldPath part_path(const std::vector<std::string>& path,
                                    graph::ElementKind kind) const {
    const auto member = schema_.dictionary().find(path[1]);
    const bool field = member && model_.field(kind, *member) != nullptr;
    return {.parts = {{kind}},
            .end = field ? FieldPath::End::member : FieldPath::End::extra,
            .member = path[1],
            .inside = behind(path, 2)};
  }

  /// What a plainly kept reference says, or, where a record has one that is kept otherwise, what
  /// is shown of it.
  [[nodiscard]] Filter plain_or_rendered(const Condition& condition, const Asked& asked,
                                         graph::ElementKind kind, const FieldPath& path) const {
    const Reading read_as = reading(condition.path);
    std::vector<Filter> otherwise = {graph::exists({.end = FieldPath::End::irregular})};
    // One object has no room for two names: v4 shows it nested (tmf/item_emitter.h).
    if (version_ == model::Version::v4 &&
        model_.traits_of(kind, api_).build == model::Build::related)
      otherwise.push_back(graph::exists(
          {.member = std::string(schema_.dictionary().text(model::words::outer_name))}));
    const Filter plain =
        graph::all_of({graph::none_of(graph::any_of(std::move(otherwise))), graph::exists(path)});
    return graph::any_of(
        {graph::any_part({kind}, graph::all_of({compare(path, asked, read_as), plain})),
         graph::all_of(
             {graph::any_of({graph::any_part({kind}, graph::none_of(plain)), irregular()}),
              rendered_filter(condition)})});
  }

  [[nodiscard]] Filter irregular() const {
    return schema_.index(irregular_index) != nullptr ? graph::in_index(irregular_index) : Filter();
  }

  /// Adds what indexes and edges can tell, where they know of all records but the irregular ones.
  [[nodiscard]] Filter narrowed(const Condition& condition, const Asked& asked,
                                graph::ElementKind kind, Filter exact) const {
    const model::Attribute* row = model_.find(condition.path, api_, version_);
    const bool indexed_part = row != nullptr && row->index != 0 && row->owner == kind;
    if (indexed_part && asked.comparison != Compare::matches)
      return graph::all_of(
          {graph::any_of({compare(part_path(condition.path, kind), asked, reading(condition.path)),
                          irregular()}),
           std::move(exact)});
    if (asked.comparison != Compare::equal || !leads_to_target(condition.path, kind))
      return exact;
    const model::Kind& edge = *model_.kind(kind);
    std::vector<graph::ElementKind> kinds = {kind};
    if (edge.shows_too != 0)
      kinds.push_back(edge.shows_too);
    std::vector<graph::Target> targets;
    // A reference with another id is no edge: it is kept as it came, and is irregular.
    for (const json::Value& operand : asked.operands)
      if (model::can_be_target(operand.string()))
        targets.push_back({edge.target, operand.string()});
    if (targets.empty())
      return exact;
    Filter edges = graph::has_edge(std::move(kinds), std::move(targets));
    if (edge.always_leads)
      return edges;
    return graph::all_of({graph::any_of({std::move(edges), irregular()}), std::move(exact)});
  }

  model::Api api_;
  model::Version version_;
  const graph::Schema& schema_;
  const model::Model& model_;
};

} // namespace

graph::Filter record_filter(const std::vector<Condition>& conditions, model::Api api,
                            model::Version version, const graph::Schema& schema) {
  std::vector<Filter> all;
  all.reserve(conditions.size());
  for (const Condition& condition : conditions)
    all.push_back(FilterMaker(api, version, schema).make(condition));
  // What has to be rendered is asked last.
  std::stable_partition(all.begin(), all.end(),
                        [](const Filter& filter) { return !graph::has_residual(filter); });
  return graph::all_of(std::move(all));
}

} // namespace diffo::query

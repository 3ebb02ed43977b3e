#include "neo4j/narrowing.h"

#include "graph/key_ranges.h"
#include "neo4j/layout.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

namespace diffo::neo4j {
namespace {

using graph::Filter;
using graph::KeyRange;

/// A part of the filter as Cypher.
struct Condition {
  std::string text;
  bool exact = true;
  std::string fixed{}; ///< the property that has one value wherever it is true, if any
};

bool asks_for_ids(const Filter& filter) {
  return filter.kind == Filter::Kind::compare && filter.path.parts.empty() &&
         filter.path.end == graph::FieldPath::End::id && filter.path.inside.empty() &&
         filter.path.otherwise == graph::FieldPath::Otherwise::nothing &&
         filter.comparison == graph::Compare::equal && filter.reading == Reading::text &&
         filter.shown.empty() &&
         std::all_of(filter.any_of.begin(), filter.any_of.end(),
                     [](const json::Value& value) { return value.is_string(); });
}

bolt::Value kinds_value(const std::vector<graph::ElementKind>& kinds) {
  bolt::List list;
  for (const graph::ElementKind kind : kinds)
    list.emplace_back(std::int64_t{kind});
  return list;
}

class Translator {
public:
  Translator(const graph::Query& query, const graph::Schema& schema, std::string_view prefix,
             const ListIndexes& lists)
      : query_(query), schema_(schema), prefix_(prefix), lists_(lists),
        families_(families_of(query, schema)) {}

  Narrowing narrow() {
    bolt::List scopes = this->scopes();
    Narrowing out{.source = "MATCH (n:DiffoRecord)", .condition = {}, .parameters = {}};
    if (scopes.size() == 1) {
      out.condition = "n.scope = " + parameter(std::move(scopes.front()));
      out.fixed.emplace_back("n.scope");
    } else {
      out.condition = "n.scope IN " + parameter(std::move(scopes));
    }
    const auto parts = graph::conjuncts(query_.filter);
    const auto edge = std::find_if(parts.begin(), parts.end(), [](const Filter* part) {
      return part->kind == Filter::Kind::has_edge && !part->targets.empty() &&
             part->direction == graph::Direction::out;
    });
    for (auto part = parts.begin(); part != parts.end(); ++part) {
      // In the pattern, so that the database may go from the targets to what refers to them.
      const auto one = part == edge
                           ? Condition{edge_condition(**part, "e", "o"), (*part)->children.empty()}
                           : translate(**part);
      out.exact = out.exact && one && one->exact;
      if (!one)
        continue;
      out.condition += " AND " + one->text;
      if (out.fixed.size() == 1 && !one->fixed.empty())
        out.fixed.push_back(one->fixed);
    }
    if (edge != parts.end()) {
      out.source += "-[e:DIFFO_REFERS]->(o:DiffoRecord)";
      out.repeats = true;
    } else if (std::none_of(parts.begin(), parts.end(),
                            [](const Filter* part) { return asks_for_ids(*part); })) {
      for (const Filter* part : parts)
        if (auto start = selective_start(*part)) {
          out.source = *std::move(start);
          out.repeats = part->kind != Filter::Kind::any; // words of one record
          break;
        }
    }
    out.parameters = std::move(parameters_);
    return out;
  }

private:
  /// What finds a node `n` for each record for which the condition holds, and maybe others, without
  /// looking at all of the scope. Nothing: nothing does.
  std::optional<std::string> selective_start(const Filter& filter) {
    if (filter.kind != Filter::Kind::any)
      return list_start(filter);
    std::string text;
    bool is_selective = false;
    for (const Filter& child : filter.children) {
      auto start = alternative_start(child);
      is_selective = is_selective || start.has_value();
      if (!start)
        start = range_start(child);
      if (!start)
        return std::nullopt;
      text += (text.empty() ? "CALL () { " : " UNION ") + *start + " RETURN n";
    }
    return is_selective ? std::optional(text + " } WITH n") : std::nullopt;
  }

  /// What finds all of one of alternatives, by any of what it demands.
  std::optional<std::string> alternative_start(const Filter& filter) {
    for (const Filter* part : graph::conjuncts(filter)) {
      if (auto start = list_start(*part))
        return start;
      if (auto start = named_start(*part))
        return start;
    }
    return std::nullopt;
  }

  /// By words.
  std::optional<std::string> list_start(const Filter& filter) {
    constexpr std::size_t most_ranges = 200;
    for (const graph::IndexDefinition& index : schema_.indexes()) {
      if (!lists_.has(index.number) || !answers(index, filter))
        continue;
      const auto keys = graph::allowed_keys(filter, index);
      if (keys && !keys->ranges.empty() && keys->ranges.size() <= most_ranges)
        return "MATCH (w:DiffoWord) WHERE " + words_in(index.number, keys->ranges) +
               " MATCH (n:DiffoRecord)-[:DIFFO_HAS]->(w)";
    }
    return std::nullopt;
  }

  /// That a word is one of these, in any of the scopes; bounds are taken with the ranges.
  std::string words_in(graph::IndexNumber number, const std::vector<KeyRange>& ranges) {
    bolt::List points;
    std::string text;
    for (const graph::Family family : families_)
      for (const KeyRange& range : ranges) {
        const std::string scope = scope_text(query_.tenant, family, query_.which);
        const KeyRange cut = graph::cut(range);
        const std::string low = word_text(scope, number, hex_text(cut.low));
        if (cut.is_point()) {
          points.emplace_back(low);
          continue;
        }
        // Behind all digits.
        const std::string high = word_text(scope, number, cut.high ? hex_text(*cut.high) : "g");
        text += (text.empty() ? "(w.at >= " : " OR (w.at >= ") + parameter(low);
        text += " AND w.at <= " + parameter(high) + ")";
      }
    if (points.empty())
      return "(" + text + ")";
    if (!text.empty())
      text += " OR ";
    return "(" + text + "w.at IN " + parameter(std::move(points)) + ")";
  }

  /// By ids, or by what is referred to.
  std::optional<std::string> named_start(const Filter& filter) {
    if (asks_for_ids(filter))
      return "MATCH (n:DiffoRecord) WHERE " + ids(filter).text;
    if (filter.kind != Filter::Kind::has_edge || filter.targets.empty() ||
        filter.direction != graph::Direction::out)
      return std::nullopt;
    return "MATCH (n:DiffoRecord)-[e:DIFFO_REFERS]->(o:DiffoRecord) WHERE " +
           edge_condition(filter, "e", "o");
  }

  /// By an index of single keys, each of which has the scope before them.
  std::optional<std::string> range_start(const Filter& filter) {
    for (const graph::IndexDefinition& index : schema_.indexes())
      if (index.single_key && answers(index, filter))
        if (const auto keys = graph::allowed_keys(filter, index)) {
          std::string text = "MATCH (n:DiffoRecord) WHERE n.scope IN " + parameter(scopes());
          text += " AND " + in_ranges(index, *keys).text;
          return text + " AND n.created IS NOT NULL"; // always so, and the index wants it
        }
    return std::nullopt;
  }

  [[nodiscard]] bolt::List scopes() const {
    bolt::List scopes;
    for (const graph::Family family : families_)
      scopes.emplace_back(scope_text(query_.tenant, family, query_.which));
    return scopes;
  }

  /// Whether the index has the keys of all that is asked for.
  bool answers(const graph::IndexDefinition& index, const Filter& filter) const {
    if (filter.kind == Filter::Kind::in_index)
      return schema_.index(filter.name) == &index;
    return filter.kind == Filter::Kind::compare &&
           std::all_of(families_.begin(), families_.end(),
                       [&](graph::Family family) { return covers(index, family); });
  }

  /// Nothing: the database cannot tell.
  // NOLINTNEXTLINE(misc-no-recursion): filters are as deep as their text, which is bounded.
  std::optional<Condition> translate(const Filter& filter) {
    switch (filter.kind) {
    case Filter::Kind::all:
      return all(filter);
    case Filter::Kind::any:
      return any(filter);
    case Filter::Kind::none_of:
      return none_of(filter);
    case Filter::Kind::compare:
      return asks_for_ids(filter) ? ids(filter) : comparison(filter);
    case Filter::Kind::has_edge:
      return edge(filter);
    case Filter::Kind::in_index:
      return in_index(filter);
    case Filter::Kind::any_part:
    case Filter::Kind::residual:
      break;
    }
    return std::nullopt;
  }

  /// Whatever the database can tell; the rest makes it wider.
  // NOLINTNEXTLINE(misc-no-recursion)
  std::optional<Condition> all(const Filter& filter) {
    Condition out;
    for (const Filter& child : filter.children) {
      const auto one = translate(child);
      out.exact = out.exact && one && one->exact;
      if (one)
        out.text += (out.text.empty() ? "" : " AND ") + one->text;
    }
    if (out.text.empty() && !filter.children.empty())
      return std::nullopt;
    if (out.text.empty())
      out.text = "true";
    return out;
  }

  // NOLINTNEXTLINE(misc-no-recursion)
  std::optional<Condition> any(const Filter& filter) {
    if (filter.children.empty())
      return Condition{"false"};
    Condition out;
    for (const Filter& child : filter.children) {
      const auto one = translate(child);
      if (!one)
        return std::nullopt;
      out.exact = out.exact && one->exact;
      out.text += (out.text.empty() ? "(" : " OR ") + one->text;
    }
    out.text += ')';
    return out;
  }

  /// The opposite of what is too wide would be too narrow. What has no keys makes a comparison null
  /// in Cypher, and so its opposite.
  // NOLINTNEXTLINE(misc-no-recursion)
  std::optional<Condition> none_of(const Filter& filter) {
    if (filter.children.size() != 1)
      return std::nullopt;
    const auto child = translate(filter.children.front());
    if (!child || !child->exact)
      return std::nullopt;
    return Condition{"NOT coalesce(" + child->text + ", false)"};
  }

  Condition ids(const Filter& filter) {
    bolt::List keys;
    for (const json::Value& value : filter.any_of)
      for (const graph::Family family : families_)
        keys.emplace_back(key_text({query_.tenant, family, *value.if_string()}));
    return {"n.key IN " + parameter(std::move(keys))};
  }

  std::optional<Condition> comparison(const Filter& filter) {
    for (const graph::IndexDefinition& index : schema_.indexes())
      if (answers(index, filter))
        if (const auto keys = graph::allowed_keys(filter, index))
          return in_ranges(index, *keys);
    return std::nullopt;
  }

  std::optional<Condition> in_index(const Filter& filter) {
    const graph::IndexDefinition* index = schema_.index(filter.name);
    if (index == nullptr)
      return std::nullopt;
    const auto keys = graph::allowed_keys(filter, *index);
    return keys ? std::optional(in_ranges(*index, *keys)) : std::nullopt;
  }

  /// That a key of the record lies in one of the ranges.
  Condition in_ranges(const graph::IndexDefinition& index, const graph::AllowedKeys& keys) {
    const std::string property = "n." + index_property(index.number);
    const std::string key = index.single_key ? property : "x";
    std::string text;
    const auto add = [&text](const std::string& alternative) {
      text += (text.empty() ? "" : " OR ") + alternative;
    };
    bolt::List points;
    for (const KeyRange& range : keys.ranges) {
      const KeyRange cut = graph::cut(range);
      if (cut.is_point())
        points.emplace_back(hex_text(cut.low));
      else
        add(in_range(key, cut));
    }
    if (index.single_key && points.size() == 1 && text.empty())
      return {property + " = " + parameter(std::move(points.front())), keys.exact, property};
    if (!points.empty())
      add(key + " IN " + parameter(std::move(points)));
    if (text.empty())
      return {"false"};
    return {index.single_key ? "(" + text + ")" : "any(x IN " + property + " WHERE " + text + ")",
            keys.exact};
  }

  std::string in_range(const std::string& key, const KeyRange& range) {
    std::string text =
        "(" + key + (range.low_inclusive ? " >= " : " > ") + parameter(hex_text(range.low));
    if (range.high)
      text += " AND " + key + (range.high_inclusive ? " <= " : " < ") +
              parameter(hex_text(*range.high));
    return text + ")";
  }

  std::optional<Condition> edge(const Filter& filter) {
    if (filter.direction != graph::Direction::out)
      return std::nullopt;
    const std::string where = edge_condition(filter, "r", "t");
    return Condition{"EXISTS { MATCH (n)-[r:DIFFO_REFERS]->(t:DiffoRecord)" +
                         (where.empty() ? "" : " WHERE " + where) + " }",
                     filter.children.empty()};
  }

  /// On a relationship and its target, by these names.
  std::string edge_condition(const Filter& filter, std::string_view relationship,
                             std::string_view target) {
    std::string text;
    if (!filter.targets.empty()) {
      bolt::List targets;
      for (const graph::Target& one : filter.targets)
        targets.emplace_back(key_text({query_.tenant, one.family, one.id}));
      text = std::string(target) + ".key IN " + parameter(std::move(targets));
    }
    if (!filter.kinds.empty())
      text += (text.empty() ? "" : " AND ") + std::string(relationship) + ".kind IN " +
              parameter(kinds_value(filter.kinds));
    return text;
  }

  std::string parameter(bolt::Value value) {
    const std::string name = prefix_ + std::to_string(parameters_.size());
    parameters_.set(name, std::move(value));
    return '$' + name;
  }

  const graph::Query& query_;
  const graph::Schema& schema_;
  std::string prefix_;
  const ListIndexes& lists_;
  std::vector<graph::Family> families_;
  bolt::Map parameters_;
};

} // namespace

std::vector<graph::Family> families_of(const graph::Query& query, const graph::Schema& schema) {
  std::vector<graph::Family> families;
  for (const graph::FamilyDefinition& family : schema.families())
    if (query.families.empty() || std::find(query.families.begin(), query.families.end(),
                                            family.family) != query.families.end())
      families.push_back(family.family);
  return families;
}

Narrowing narrow(const graph::Query& query, const graph::Schema& schema, std::string_view prefix,
                 const ListIndexes& lists) {
  return Translator(query, schema, prefix, lists).narrow();
}

} // namespace diffo::neo4j

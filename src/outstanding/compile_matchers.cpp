// The matchers of wire.md §7 and the argument each takes.
#include "base/calendar.h"
#include "base/text.h"
#include "outstanding/compile.h"
#include "outstanding/functions.h"

#include <algorithm>
#include <span>

namespace diffo::outstanding {
namespace {

using json::Value;

struct Matcher {
  std::string_view name;
  Rule rule;
};

// Names with underscores are those of outstanding.md §6.
constexpr Matcher matchers[] = {
    {"$eq", Rule::equal},
    {"$is", Rule::function},
    {"$any", Rule::function},
    {"$in", Rule::any_of},
    {"$anyOf", Rule::any_of},
    {"$any_of", Rule::any_of},
    {"$oneOf", Rule::one_of},
    {"$one_of", Rule::one_of},
    {"$noneOf", Rule::none_of},
    {"$none_of", Rule::none_of},
    {"$allOf", Rule::all_of},
    {"$all_of", Rule::all_of},
    {"$range", Rule::range},
    {"$gt", Rule::compare},
    {"$gte", Rule::compare},
    {"$lt", Rule::compare},
    {"$lte", Rule::compare},
    {"$regex", Rule::regex},
    {"$absent", Rule::absent},
    {"$list", Rule::positional},
    {"$set", Rule::set},
    {"$keyed", Rule::keyed},
    {"$only", Rule::only},
    {"$tuple", Rule::tuple},
    {"$keyword", Rule::keyword},
    {"$date", Rule::temporal},
    {"$time", Rule::temporal},
    {"$naive", Rule::temporal},
    {"$dateTime", Rule::temporal},
    {"$duration", Rule::temporal},
    {"$lessThan", Rule::duration_less},
    {"$less_than", Rule::duration_less},
    {"$greaterThan", Rule::duration_greater},
    {"$greater_than", Rule::duration_greater},
    {"$within", Rule::duration_inside},
    {"$boundedBy", Rule::duration_inside},
    {"$bounded_by", Rule::duration_inside},
    {"$outside", Rule::duration_outside},
    {"$unboundedBy", Rule::duration_outside},
    {"$unbounded_by", Rule::duration_outside},
};

struct TypeName {
  std::string_view name;
  std::string_view function;
};

constexpr TypeName type_names[] = {
    {"string", "any_bitstring"},
    {"text", "any_bitstring"},
    {"integer", "any_integer"},
    {"float", "any_float"},
    {"real", "any_float"},
    {"number", "any_number"},
    {"boolean", "any_boolean"},
    {"object", "any_map"},
    {"map", "any_map"},
    {"array", "any_list"},
    {"list", "any_list"},
    {"set", "any_map_set"},
    {"tuple", "any_tuple"},
    {"range", "any_range"},
    {"date", "any_date"},
    {"time", "any_time"},
    {"dateTime", "any_date_time"},
    {"datetime", "any_date_time"},
    {"naive", "any_naive_date_time"},
    {"naiveDateTime", "any_naive_date_time"},
    {"duration", "any_duration"},
};

} // namespace

Result<Node> Compiler::compile_matcher(const Value& value, const json::Member& member,
                                       const Position& position) {
  const Inside inside(*this, member.name);
  const auto* known =
      std::find_if(std::begin(matchers), std::end(matchers),
                   [&member](const Matcher& matcher) { return matcher.name == member.name; });
  if (known == std::end(matchers))
    return refuse("unknown matcher '" + member.name + "'");
  Node node{.rule = known->rule, .source = &value, .matcher = member.name};
  TRY(fill_matcher(node, member.value, position));
  return node;
}

Result<void> Compiler::fill_matcher(Node& node, const Value& argument, const Position& position) {
  switch (node.rule) {
  case Rule::equal:
    read_as_date(node, argument, position);
    return {};
  case Rule::function:
    return node.matcher == "$is" ? fill_function(node, argument) : fill_any(node, argument);
  case Rule::any_of:
  case Rule::one_of:
  case Rule::none_of:
    return fill_children(node, argument, position);
  case Rule::set:
    if (!argument.is_array())
      return refuse("$set takes a list of literal members");
    return {};
  case Rule::all_of:
  case Rule::positional:
  case Rule::tuple:
    return fill_children(node, argument, item_position(position, node.rule));
  case Rule::range:
  case Rule::interval:
    return fill_range(node, argument, position);
  case Rule::compare:
    return fill_compare(node, argument, position);
  case Rule::regex:
    return fill_regex(node, argument);
  case Rule::absent:
  case Rule::present:
    if (!argument.is_boolean())
      return refuse("$absent takes true or false");
    node.rule = argument.boolean() ? Rule::absent : Rule::present;
    return {};
  case Rule::temporal:
    return fill_temporal(node, argument);
  case Rule::duration_less:
  case Rule::duration_greater:
  case Rule::duration_inside:
  case Rule::duration_outside:
    return fill_durations(node, argument);
  case Rule::keyword:
    return fill_keyword(node, argument);
  case Rule::keyed:
    return fill_keyed(node, argument, position);
  case Rule::only:
    if (!argument.is_array())
      return refuse("$only takes a list");
    node.is_keyed_by_place = is_keyed_by_place(position);
    return fill_items(node, argument, position);
  case Rule::nothing:
  case Rule::literal:
  case Rule::object:
  case Rule::no_item:
    break;
  }
  return {};
}

Result<void> Compiler::fill_children(Node& node, const Value& argument, const Position& position) {
  if (!argument.is_array())
    return refuse(node.matcher + " takes a list");
  for (std::size_t index = 0; index < argument.array().size(); ++index) {
    const Inside inside(*this, std::to_string(index));
    Node child = TRY(compile(argument.array()[index], position));
    // To the letter a nil among alternatives is resolved by anything; in a document null means
    // null.
    if (child.rule == Rule::nothing && !is_reference() &&
        (node.rule == Rule::any_of || node.rule == Rule::one_of || node.rule == Rule::none_of))
      child.rule = Rule::absent;
    if (node.rule == Rule::positional)
      node.leaves += child.leaves;
    node.children.push_back(std::move(child));
  }
  return {};
}

Result<void> Compiler::fill_function(Node& node, const Value& argument) const {
  if (!argument.is_string() || !is_standard_function(argument.string()))
    return refuse(
        "$is takes the name of a one-argument function such as any_integer or future_date, not " +
        shortened(json::to_text(argument), 100));
  node.function = argument.string();
  return {};
}

Result<void> Compiler::fill_any(Node& node, const Value& argument) const {
  const auto* known =
      std::find_if(std::begin(type_names), std::end(type_names), [&argument](const TypeName& type) {
        return argument.is_string() && type.name == argument.string();
      });
  if (known == std::end(type_names))
    return refuse("$any takes a type: string, integer, float, number, boolean, object, array, "
                  "date, time, dateTime, "
                  "naiveDateTime, duration, set, tuple or range");
  node.function = std::string(known->function);
  return {};
}

Result<void> Compiler::fill_range(Node& node, const Value& argument,
                                  const Position& position) const {
  const json::Array* items = argument.if_array();
  if (items == nullptr || items->size() < 2 || items->size() > 3)
    return refuse("$range takes [first, last] or [first, last, step]");
  const bool integers = std::all_of(items->begin(), items->end(),
                                    [](const Value& item) { return item.if_integer() != nullptr; });
  if (integers) {
    node.range = {items->at(0).integer(), items->at(1).integer(), 1};
    node.range.step = items->size() == 3                    ? items->at(2).integer()
                      : node.range.first <= node.range.last ? 1
                                                            : -1;
    if (node.range.step == 0)
      return refuse("the step of a $range cannot be 0");
    return {};
  }
  if (items->size() == 3)
    return refuse("a $range with a step takes integers of 64 bits");
  node.rule = Rule::interval;
  return fill_compare(node, argument, position);
}

Result<void> Compiler::fill_compare(Node& node, const Value& argument,
                                    const Position& position) const {
  const std::string_view name = node.matcher;
  node.comparator = name == "$gt"    ? Comparator::greater
                    : name == "$gte" ? Comparator::greater_or_equal
                    : name == "$lt"  ? Comparator::less
                                     : Comparator::less_or_equal;
  const auto add = [&](const Value& bound) -> Result<void> {
    if (bound.is_number()) {
      node.bounds.emplace_back(&bound);
      return {};
    }
    const std::string text = bound.is_string() ? bound.string() : std::string();
    // What has an order here is a date, also where texts are none.
    TextOperand date(text,
                     position.reading == Reading::instant ? Reading::instant : Reading::value);
    if (date.instants())
      node.bounds.emplace_back(std::move(date));
    else if (const auto time = parse_time(text))
      node.bounds.emplace_back(*time);
    else
      return refuse(node.matcher + " takes a number or an ISO 8601 date, time or date and time");
    return {};
  };
  if (node.rule == Rule::compare)
    return add(argument);
  for (const Value& bound : argument.array())
    TRY(add(bound));
  if (node.bounds.front().index() != node.bounds.back().index())
    return refuse("both bounds of a $range are numbers, or both are dates or times");
  return {};
}

Result<void> Compiler::fill_regex(Node& node, const Value& argument) {
  const json::Array* pair = argument.if_array();
  const bool with_options =
      pair != nullptr && pair->size() == 2 && pair->front().is_string() && pair->back().is_string();
  if (!argument.is_string() && !with_options)
    return refuse("$regex takes a pattern, or [pattern, options]");
  if (++patterns_ > options_.limits.max_patterns)
    return refuse("the expectation has more than " + std::to_string(options_.limits.max_patterns) +
                      " patterns",
                  ErrorCode::too_large);
  auto pattern = with_options ? Pattern::compile(pair->front().string(), pair->back().string(),
                                                 PatternUnit::code_point)
                              : Pattern::compile(argument.string(), "", PatternUnit::code_point);
  if (!pattern)
    return refuse(pattern.error().message, pattern.error().code);
  node.pattern = std::move(pattern).value();
  return {};
}

Result<void> Compiler::fill_temporal(Node& node, const Value& argument) const {
  static constexpr std::pair<std::string_view, SubjectKind> kinds[] = {
      {"$date", SubjectKind::date},
      {"$time", SubjectKind::time},
      {"$naive", SubjectKind::naive},
      {"$dateTime", SubjectKind::datetime},
      {"$duration", SubjectKind::duration}};
  const auto* kind = std::find_if(std::begin(kinds), std::end(kinds),
                                  [&node](const auto& one) { return one.first == node.matcher; });
  const std::string_view text =
      argument.is_string() ? std::string_view(argument.string()) : std::string_view();
  node.temporal = temporal_subject(kind->second, text);
  if (node.temporal.kind == SubjectKind::nil)
    return refuse(node.matcher + " takes ISO 8601 text of that type");
  if (node.temporal.kind == SubjectKind::duration)
    if (const auto duration = parse_duration(text))
      node.durations.push_back(*duration);
  return {};
}

Result<void> Compiler::fill_durations(Node& node, const Value& argument) const {
  const bool bounded = node.rule == Rule::duration_inside || node.rule == Rule::duration_outside;
  const json::Array* pair = argument.if_array();
  if (bounded && (pair == nullptr || pair->size() != 2))
    return refuse(node.matcher +
                  " takes [shortest, longest], both ISO 8601 durations such as PT1H30M");
  const auto add = [&](const Value& value) -> Result<void> {
    const auto duration = value.is_string() ? parse_duration(value.string()) : std::nullopt;
    if (!duration)
      return refuse(node.matcher + " takes ISO 8601 durations such as PT1H30M");
    node.durations.push_back(*duration);
    return {};
  };
  if (!bounded)
    return add(argument);
  TRY(add(pair->front()));
  return add(pair->back());
}

Result<void> Compiler::fill_keyword(Node& node, const Value& argument) {
  const auto add = [&](const std::string& name, const Value& value) -> Result<void> {
    Node child = TRY(compile(value, Position{.free = true}));
    child.name = name;
    node.leaves += child.leaves;
    node.children.push_back(std::move(child));
    return {};
  };
  if (const json::Object* object = argument.if_object()) {
    for (const json::Member& member : *object) {
      const Inside inside(*this, member.name);
      TRY(add(member.name, member.value));
    }
    return {};
  }
  if (!argument.is_array())
    return refuse("$keyword takes an object or a list of [key, expectation]");
  for (std::size_t index = 0; index < argument.array().size(); ++index) {
    const Inside inside(*this, std::to_string(index));
    const json::Array* pair = argument.array()[index].if_array();
    if (pair == nullptr || pair->size() != 2 || !pair->front().is_string())
      return refuse("$keyword takes an object or a list of [key, expectation]");
    TRY(add(pair->front().string(), pair->back()));
  }
  return {};
}

Result<void> Compiler::fill_keyed(Node& node, const Value& argument, const Position& position) {
  const Value* items = argument.find("items");
  const Value* by = argument.find("by");
  if (argument.is_array())
    items = &argument;
  if (items == nullptr || !items->is_array() ||
      (argument.is_object() && argument.object().size() != (by != nullptr ? 2 : 1)))
    return refuse("$keyed takes a list, or {\"by\": attribute or attributes, \"items\": […]}");
  if (by == nullptr)
    return fill_items(node, *items, position);
  std::vector<std::string> attributes;
  const Value single[] = {*by};
  const auto names =
      by->is_array() ? std::span<const Value>(by->array()) : std::span<const Value>(single);
  for (const Value& name : names) {
    if (!name.is_string())
      return refuse("`by` of $keyed takes attribute names");
    attributes.push_back(name.string());
  }
  node.given =
      std::make_unique<ListShape>(position.list != nullptr ? *position.list : general_shape());
  node.given->keys = {std::move(attributes)};
  Position given = position;
  given.list = node.given.get();
  return fill_items(node, *items, given);
}

Result<void> Compiler::fill_items(Node& node, const Value& items, const Position& position) {
  const ListShape* shape = position.list != nullptr ? position.list : &general_shape();
  Node list = TRY(compile_list(
      items, items.array(),
      Position{.list = shape, .free = position.free, .reading = position.reading}, node.rule));
  node.children = std::move(list.children);
  node.leaves = list.leaves;
  node.shape = shape;
  return {};
}

} // namespace diffo::outstanding

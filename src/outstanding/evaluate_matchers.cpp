// The leaves of an expectation: literals and matchers.
#include "base/calendar.h"
#include "outstanding/compile.h"
#include "outstanding/evaluate.h"
#include "outstanding/flips.h"
#include "outstanding/functions.h"
#include "outstanding/real_text.h"

#include <algorithm>
#include <cmath>

namespace diffo::outstanding {
namespace {

using json::Kind;
using json::Value;

bool is_missing(const Value* actual) {
  return actual == nullptr || actual->is_null();
}

/// Whether a number has neither fraction nor exponent in its text.
bool is_whole(const Value& number) {
  return number.kind() == Kind::integer ||
         (number.kind() == Kind::number &&
          number.number_text().find_first_of(".eE") == std::string::npos);
}

bool literal_met(const Value& expected, const Value* actual, Profile profile) {
  if (actual == nullptr)
    return false;
  if (expected.is_null() || expected.is_object() || expected.is_array())
    return *actual == expected; // of an item that is not to be there
  if (const std::string* text = expected.if_string()) {
    const std::string* found = actual->if_string();
    return found != nullptr && *found == *text;
  }
  if (expected.is_boolean())
    return actual->is_boolean() && actual->boolean() == expected.boolean();
  if (const std::int64_t* integer = expected.if_integer())
    if (const std::int64_t* found = actual->if_integer())
      return *found == *integer;
  if (!actual->is_number())
    return false;
  // To the letter 0.0 and -0.0 are different floats (outstanding.md §4.4).
  if (profile == Profile::reference && expected.kind() == Kind::real &&
      actual->kind() == Kind::real && std::signbit(expected.real()) != std::signbit(actual->real()))
    return false;
  return json::compare_numbers(expected, *actual) == 0;
}

/// Whether both are dates and the actual is a moment of the expected one.
bool date_met(const Node& node, const Value* actual) {
  const std::string* text = actual != nullptr ? actual->if_string() : nullptr;
  return node.date != nullptr && text != nullptr && node.date->order_of(*text) == 0;
}

/// A text as what a date or time function looks for; nil when it is none.
Subject temporal_of(std::string_view function, const Value& actual) {
  const std::string* text = actual.if_string();
  if (text == nullptr)
    return {};
  return temporal_subject(function.ends_with("naive_date_time") ? SubjectKind::naive
                          : function.ends_with("date_time")     ? SubjectKind::datetime
                          : function.ends_with("date")          ? SubjectKind::date
                          : function.ends_with("time")          ? SubjectKind::time
                                                                : SubjectKind::duration,
                          *text);
}

bool is_temporal(std::string_view function) {
  return function.ends_with("date") || function.ends_with("time") || function.ends_with("duration");
}

/// A JSON value as functions see it (outstanding.md §5).
Subject subject_of(const Value& value) {
  switch (value.kind()) {
  case Kind::null:
    return {};
  case Kind::boolean:
    return {.kind = SubjectKind::boolean};
  case Kind::integer:
    return {.kind = SubjectKind::integer};
  case Kind::real:
    return {.kind = SubjectKind::real};
  case Kind::number:
    return {.kind = is_whole(value) ? SubjectKind::integer : SubjectKind::real};
  case Kind::string:
    return {.kind = SubjectKind::text};
  case Kind::array:
    return {.kind = SubjectKind::list, .empty = value.array().empty()};
  case Kind::object:
    return {.kind = SubjectKind::map, .empty = value.object().empty()};
  }
  return {};
}

bool is_keyword_list(const Value& value) {
  const json::Array* items = value.if_array();
  return items != nullptr && !items->empty() &&
         std::all_of(items->begin(), items->end(), [](const Value& item) {
           return item.is_array() && item.array().size() == 2 && item.array().front().is_string();
         });
}

bool is_range_list(const Value& value) {
  const json::Array* items = value.if_array();
  return items != nullptr && (items->size() == 2 || items->size() == 3) &&
         std::all_of(items->begin(), items->end(),
                     [](const Value& item) { return item.if_integer() != nullptr; });
}

/// The functions that ask for what JSON writes as a list or a text.
std::optional<bool> structural(std::string_view function, const Value& actual) {
  if (function == "explicit_nil")
    return actual.is_string() && actual.string() == "explicit_nil";
  if (function == "non_empty_keyword")
    return is_keyword_list(actual);
  if (function == "any_map_set")
    return actual.is_array();
  if (function == "empty_map_set")
    return actual.is_array() && actual.array().empty();
  if (function == "non_empty_map_set")
    return actual.is_array() && !actual.array().empty();
  if (function == "any_tuple")
    return actual.is_array();
  if (function == "any_range")
    return is_range_list(actual);
  return std::nullopt;
}

bool in_order(Comparator comparator, std::partial_ordering order) {
  switch (comparator) {
  case Comparator::greater:
    return order > 0;
  case Comparator::greater_or_equal:
    return order >= 0;
  case Comparator::less:
    return order < 0;
  case Comparator::less_or_equal:
    return order <= 0;
  }
  return false;
}

/// How an actual compares with a bound; unordered when they are of different types.
std::partial_ordering order_of(const Value& actual, const Bound& bound) {
  constexpr auto incomparable = std::partial_ordering::unordered;
  if (const auto* number = std::get_if<const Value*>(&bound))
    return actual.is_number() ? std::partial_ordering(json::compare_numbers(actual, **number) <=> 0)
                              : incomparable;
  const std::string* text = actual.if_string();
  if (text == nullptr)
    return incomparable;
  if (const auto* date = std::get_if<TextOperand>(&bound))
    return date->order_of(*text);
  const auto time = parse_time(*text);
  if (!time)
    return incomparable;
  return time->microseconds <=> std::get<TimeOfDay>(bound).microseconds;
}

} // namespace

bool Evaluator::leaf_met(const Node& node, const Value* actual) {
  switch (node.rule) {
  case Rule::literal:
    return date_met(node, actual) || literal_met(*node.source, actual, compiled_.profile);
  case Rule::equal:
    return date_met(node, actual) ||
           (actual != nullptr && *actual == node.source->object().begin()->value);
  case Rule::any_of:
    return any_of(node, actual);
  case Rule::one_of:
    return one_of(node, actual);
  case Rule::none_of:
    return !any_of(node, actual);
  case Rule::all_of:
    return all_of(node, actual);
  case Rule::tuple:
    return tuple(node, actual);
  case Rule::function:
    return function(node, actual);
  case Rule::range:
    return actual != nullptr && in_range(node, *actual);
  case Rule::interval:
  case Rule::compare:
    return actual != nullptr && compare(node, *actual);
  case Rule::regex:
    return regex(node, actual);
  case Rule::absent:
    return is_missing(actual);
  case Rule::present:
    return !is_missing(actual);
  case Rule::temporal:
    return temporal(node, actual);
  case Rule::duration_less:
  case Rule::duration_greater:
  case Rule::duration_inside:
  case Rule::duration_outside:
    return duration(node, actual);
  case Rule::nothing:
  case Rule::object:
  case Rule::positional:
  case Rule::keyed:
  case Rule::only:
  case Rule::no_item:
  case Rule::set:
  case Rule::keyword:
    break;
  }
  return true;
}

bool Evaluator::any_of(const Node& node, const Value* actual) {
  const Quietly quietly(*this);
  return std::any_of(node.children.begin(), node.children.end(),
                     [&](const Node& child) { return evaluate(child, actual).met(); });
}

bool Evaluator::one_of(const Node& node, const Value* actual) {
  const Quietly quietly(*this);
  return std::count_if(node.children.begin(), node.children.end(),
                       [&](const Node& child) { return evaluate(child, actual).met(); }) == 1;
}

bool Evaluator::all_of(const Node& node, const Value* actual) {
  const json::Array* items = actual != nullptr ? actual->if_array() : nullptr;
  if (items == nullptr)
    return false;
  const Quietly quietly(*this);
  return std::all_of(node.children.begin(), node.children.end(), [&](const Node& child) {
    return child.rule == Rule::nothing ||
           std::any_of(items->begin(), items->end(),
                       [&](const Value& item) { return !error_ && evaluate(child, &item).met(); });
  });
}

bool Evaluator::tuple(const Node& node, const Value* actual) {
  const json::Array* items = actual != nullptr ? actual->if_array() : nullptr;
  if (node.children.empty())
    return raise(ErrorCode::invalid, "an empty tuple cannot be expected");
  if (items == nullptr || items->size() != node.children.size())
    return false;
  const Quietly quietly(*this);
  for (std::size_t index = 0; index < items->size(); ++index) {
    const Node& child = node.children[index];
    const Outcome part = evaluate(child, &(*items)[index]);
    // NOTE: to the letter a residue of false is swallowed inside a tuple (outstanding.md §4.13).
    const bool swallowed = compiled_.profile == Profile::reference && !part.met() &&
                           part.residue->is_boolean() && !part.residue->boolean();
    if (!part.met() && !swallowed)
      return false;
  }
  return true;
}

bool Evaluator::function(const Node& node, const Value* actual) {
  static const Value null;
  const Value& value = actual != nullptr ? *actual : null;
  if (const auto answer = structural(node.function, value))
    return *answer;
  if (!is_temporal(node.function)) {
    const auto met = satisfies(node.function, subject_of(value), context_.now);
    return met && *met;
  }
  const Subject subject = temporal_of(node.function, value);
  if (!node.function.starts_with("any_"))
    flips_at(next_function_flip(node.function, subject, context_.now));
  const auto met = satisfies(node.function, subject, context_.now);
  return met && *met;
}

bool Evaluator::in_range(const Node& node, const Value& actual) const {
  if (const std::int64_t* integer = actual.if_integer())
    return node.range.contains(*integer);
  if (actual.is_number()) {
    // JSON does not tell 5 from 5.0; the reference does (outstanding.md §4.5).
    constexpr double limit = 9007199254740992.0;
    const double real = actual.as_double();
    return compiled_.profile != Profile::reference && std::fabs(real) <= limit &&
           std::trunc(real) == real && node.range.contains(static_cast<std::int64_t>(real));
  }
  if (!is_range_list(actual))
    return false;
  const json::Array& items = actual.array();
  const std::int64_t preset = items[0].integer() <= items[1].integer() ? 1 : -1;
  return node.range == Range{items[0].integer(), items[1].integer(),
                             items.size() == 3 ? items[2].integer() : preset};
}

bool Evaluator::compare(const Node& node, const Value& actual) const {
  const auto order = order_of(actual, node.bounds.front());
  if (node.rule == Rule::compare)
    return in_order(node.comparator, order);
  return order >= 0 && order_of(actual, node.bounds.back()) <= 0;
}

bool Evaluator::regex(const Node& node, const Value* actual) {
  // A missing value is the empty text, which some patterns match (outstanding.md §4.6).
  if (is_missing(actual))
    return node.pattern->found_in("");
  if (const std::string* text = actual->if_string())
    return node.pattern->found_in(*text);
  if (actual->is_boolean())
    return node.pattern->found_in(actual->boolean() ? "true" : "false");
  if (actual->kind() == Kind::real)
    return node.pattern->found_in(format_real(actual->real()));
  if (actual->is_number())
    return node.pattern->found_in(json::to_text(*actual));
  return raise(actual->is_array() ? ErrorCode::invalid : ErrorCode::no_rule,
               "a pattern cannot be searched in a list or an object");
}

bool Evaluator::temporal(const Node& node, const Value* actual) {
  if (node.temporal.kind == SubjectKind::duration)
    return duration(node, actual);
  const std::string* text = actual != nullptr ? actual->if_string() : nullptr;
  if (text == nullptr)
    return false;
  const Subject found = temporal_subject(node.temporal.kind, *text);
  return found.kind == node.temporal.kind && found.when == node.temporal.when;
}

bool Evaluator::duration(const Node& node, const Value* actual) {
  const std::string* text = actual != nullptr ? actual->if_string() : nullptr;
  const auto found = text != nullptr ? parse_duration(*text) : std::nullopt;
  if (!found) {
    if (node.rule != Rule::temporal && !is_missing(actual))
      raise(ErrorCode::no_rule, "the actual is no duration");
    return false;
  }
  const std::vector<Duration>& durations = node.durations;
  const auto verdict = [&](Timestamp now) {
    // Beyond the calendar nothing compares; such a leaf is not met.
    const auto low = compare_durations(*found, durations.front(), now);
    const auto high = compare_durations(*found, durations.back(), now);
    if (!low || !high)
      return false;
    switch (node.rule) {
    case Rule::duration_less:
      return *low < 0;
    case Rule::duration_greater:
      return *low > 0;
    case Rule::duration_inside:
      return *low >= 0 && *high <= 0;
    case Rule::duration_outside:
      return *low < 0 || *high > 0;
    default:
      return *low == 0;
    }
  };
  std::vector<Duration> all = durations;
  all.push_back(*found);
  flips_at(next_duration_flip(all, context_.now, verdict));
  return verdict(context_.now);
}

bool Evaluator::strictly_equal(const Value& left, const Value& right) const {
  // To the letter 1 is not 1.0 among the members of a set (outstanding.md §4.12).
  if (compiled_.profile == Profile::reference && left.is_number() && right.is_number() &&
      is_whole(left) != is_whole(right))
    return false;
  return left == right;
}

} // namespace diffo::outstanding

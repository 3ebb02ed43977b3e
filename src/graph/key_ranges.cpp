#include "graph/key_ranges.h"

#include <utility>

namespace diffo::graph {
namespace {

KeyRange point(const std::string& key) {
  return {key, true, key, true};
}

/// The first key behind all keys of the kind that `least`, the key of its least value, begins.
std::string end_of_kind(const std::string& least) {
  std::string end = least.substr(0, 1);
  end.back() = static_cast<char>(end.back() + 1);
  return end;
}

/// Everything of a kind of keys on one side of a bound.
KeyRange side(Compare comparison, const std::string& bound, const std::string& least) {
  switch (comparison) {
  case Compare::greater:
    return {bound, false, end_of_kind(least), false};
  case Compare::greater_or_equal:
    return {bound, true, end_of_kind(least), false};
  case Compare::less:
    return {least.substr(0, 1), true, bound, false};
  case Compare::less_or_equal:
    return {least.substr(0, 1), true, bound, true};
  case Compare::equal:
  case Compare::matches:
  case Compare::exists:
    break;
  }
  return point(bound);
}

std::string text_key(std::string_view text) {
  std::string key;
  append_text_key(key, text);
  return key;
}

std::string instant_key(std::int64_t microseconds) {
  std::string key;
  append_instant_key(key, microseconds);
  return key;
}

/// The keys of dates that compare so with a date given at a precision.
KeyRange instant_range(Compare comparison, const InstantRange& instants) {
  const std::string least = instant_key(0);
  const std::string from = instant_key(instants.from);
  const std::string until = instant_key(instants.until);
  switch (comparison) {
  case Compare::greater:
    return side(Compare::greater_or_equal, until, least);
  case Compare::greater_or_equal:
    return side(Compare::greater_or_equal, from, least);
  case Compare::less:
    return side(Compare::less, from, least);
  case Compare::less_or_equal:
    return side(Compare::less, until, least);
  case Compare::equal:
  case Compare::matches:
  case Compare::exists:
    break;
  }
  return {from, true, until, false};
}

/// The keys of one operand; nothing when no key can be meant.
std::optional<KeyRange> range_of(const Operand& operand, Compare comparison, Reading reading) {
  if (reading == Reading::text)
    return side(comparison, text_key(operand.text()), text_key(""));
  if (operand.instants())
    return instant_range(comparison, *operand.instants());
  if (comparison == Compare::equal)
    return point(text_key(operand.text())); // a text that is no date equals only itself
  return std::nullopt;
}

/// Whether keys cut like the stored ones still tell what is in the range.
bool tells_of_cut_keys(const KeyRange& range) {
  return range.low.size() < max_index_key_bytes &&
         (!range.high || range.high->size() < max_index_key_bytes);
}

std::optional<AllowedKeys> keys_of_comparison(const Filter& filter, const IndexDefinition& index) {
  if (!filter.shown.empty() || filter.comparison == Compare::matches ||
      filter.comparison == Compare::exists || !index.path || *index.path != filter.path ||
      index.reading != filter.reading)
    return std::nullopt;
  AllowedKeys keys;
  for (const json::Value& value : filter.any_of) {
    const auto operand = Operand::make(value, filter.comparison, filter.reading);
    if (!operand || !value.is_string())
      return std::nullopt;
    if (auto range = range_of(*operand, filter.comparison, filter.reading)) {
      keys.exact = keys.exact && tells_of_cut_keys(*range);
      keys.ranges.push_back(std::move(*range));
    }
  }
  return keys;
}

} // namespace

std::optional<AllowedKeys> allowed_keys(const Filter& filter, const IndexDefinition& index) {
  if (filter.kind == Filter::Kind::compare)
    return keys_of_comparison(filter, index);
  if (filter.kind != Filter::Kind::in_index || filter.name != index.name)
    return std::nullopt;
  const auto key = key_of(filter);
  const KeyRange range = key ? point(*key) : KeyRange{};
  return AllowedKeys{{range}, tells_of_cut_keys(range)};
}

KeyRange cut(const KeyRange& range) {
  KeyRange out;
  out.low = range.low.substr(0, max_index_key_bytes);
  out.low_inclusive = range.low_inclusive || range.low.size() >= max_index_key_bytes;
  if (!range.high)
    return out;
  out.high = range.high->substr(0, max_index_key_bytes);
  out.high_inclusive = range.high_inclusive || range.high->size() > max_index_key_bytes;
  return out;
}

} // namespace diffo::graph

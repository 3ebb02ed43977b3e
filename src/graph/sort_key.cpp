#include "graph/sort_key.h"

#include "base/byte_order.h"
#include "graph/schema.h"

#include <algorithm>

namespace diffo::graph {
namespace {

/// A decimal number: 0.digits × 10^exponent, without zeros at either end of the digits.
struct Decimal {
  bool negative = false;
  std::string digits;
  std::int64_t exponent = 0;
};

constexpr std::int64_t largest_exponent = std::int64_t{1} << 40;

Decimal decimal_of(std::string_view text) {
  Decimal number;
  if (!text.empty() && text.front() == '-') {
    number.negative = true;
    text.remove_prefix(1);
  }
  const std::size_t mark = std::min(text.find_first_of("eE"), text.size());
  bool behind_point = false;
  for (const char c : text.substr(0, mark)) {
    if (c == '.') {
      behind_point = true;
      continue;
    }
    if (number.digits.empty() && c == '0') {
      number.exponent -= behind_point ? 1 : 0;
      continue;
    }
    number.digits += c;
    number.exponent += behind_point ? 0 : 1;
  }
  while (!number.digits.empty() && number.digits.back() == '0')
    number.digits.pop_back();
  if (mark == text.size())
    return number;
  std::string_view power = text.substr(mark + 1);
  const bool down = !power.empty() && power.front() == '-';
  if (down || (!power.empty() && power.front() == '+'))
    power.remove_prefix(1);
  std::int64_t value = 0;
  for (const char c : power)
    value = std::min(value * 10 + (c - '0'), largest_exponent);
  number.exponent += down ? -value : value;
  return number;
}

} // namespace

void append_exact_number_key(std::string& key, const json::Value& number) {
  // The kind's byte is that of other numbers; then the sign, the exponent and the digits. Of
  // negative numbers all bytes are turned round, for the greater amount comes first.
  std::string zero;
  append_number_key(zero, 0);
  key += zero.front();
  const Decimal decimal = decimal_of(json::to_text(number));
  if (decimal.digits.empty()) {
    key += '\x01';
    return;
  }
  std::string amount;
  const auto exponent = static_cast<std::uint64_t>(decimal.exponent + 2 * largest_exponent);
  append_big_endian(amount, exponent);
  amount += decimal.digits;
  amount += '\0';
  if (decimal.negative)
    for (char& c : amount)
      c = static_cast<char>(~static_cast<unsigned char>(c));
  key += decimal.negative ? '\0' : '\x02';
  key += amount;
}

bool KeyCollector::take_text(std::string_view text) {
  const auto word = std::find_if(order_.shown.begin(), order_.shown.end(),
                                 [text](const auto& pair) { return pair.first == text; });
  if (word != order_.shown.end())
    text = word->second;
  std::string key;
  if (const auto moment = moment_of(text, order_.reading))
    append_instant_key(key, *moment);
  else
    append_text_key(key, text);
  keep(std::move(key));
  return true;
}

bool KeyCollector::take_moment(std::int64_t microseconds) {
  std::string key;
  append_instant_key(key, microseconds);
  keep(std::move(key));
  return true;
}

bool KeyCollector::take_other(const json::Value& value) {
  std::string key;
  if (value.is_number())
    append_exact_number_key(key, value);
  else if (value.is_boolean())
    append_exact_number_key(key, json::Value(value.boolean() ? 1 : 0));
  else
    return true;
  keep(std::move(key));
  return true;
}

void KeyCollector::keep(std::string key) {
  if (!kept_ || (order_.descending ? key > *kept_ : key < *kept_))
    kept_ = std::move(key);
}

std::optional<std::string> SortKeyReader::key_of(const Record& record) const {
  KeyCollector keys(order_);
  if (order_.residual && order_.residual->collect)
    order_.residual->collect(record, keys);
  else
    fields_.read(record, record.root(dictionary_), keys);
  return keys.take();
}

std::weak_ordering order_of_keys(const std::vector<std::optional<std::string>>& left,
                                 const std::vector<std::optional<std::string>>& right,
                                 const std::vector<SortKey>& order) {
  for (std::size_t level = 0; level < order.size(); ++level) {
    const auto& a = left[level];
    const auto& b = right[level];
    if (a.has_value() != b.has_value()) // those without a key come last, whatever the direction
      return a.has_value() ? std::weak_ordering::less : std::weak_ordering::greater;
    if (a == b)
      continue;
    const bool before = order[level].descending ? *b < *a : *a < *b;
    return before ? std::weak_ordering::less : std::weak_ordering::greater;
  }
  return std::weak_ordering::equivalent;
}

} // namespace diffo::graph

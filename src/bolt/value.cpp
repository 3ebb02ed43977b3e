#include "diffo/bolt_value.h"

#include <algorithm>
#include <numeric>

namespace diffo::bolt {

namespace {

// Below this many keys a linear look is cheaper than sorting.
constexpr std::size_t small_map = 16;

std::vector<std::size_t> order_by_key(const std::vector<Entry>& entries) {
  std::vector<std::size_t> order(entries.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  // Equal keys stay in the order they came.
  std::sort(order.begin(), order.end(), [&](std::size_t left, std::size_t right) {
    const int compared = entries[left].key.compare(entries[right].key);
    return compared != 0 ? compared < 0 : left < right;
  });
  return order;
}

// Each repeated key keeps its first place and its last value.
std::vector<Entry> without_repeats(std::vector<Entry> entries) {
  const std::vector<std::size_t> order = order_by_key(entries);
  std::vector<bool> drop(entries.size(), false);
  bool any = false;
  for (std::size_t i = 0; i < order.size();) {
    std::size_t last = i;
    while (last + 1 < order.size() && entries[order[last + 1]].key == entries[order[i]].key)
      ++last;
    for (std::size_t k = i + 1; k <= last; ++k)
      drop[order[k]] = any = true;
    if (last != i)
      entries[order[i]].value = std::move(entries[order[last]].value);
    i = last + 1;
  }
  if (!any)
    return entries;
  std::vector<Entry> kept;
  for (std::size_t i = 0; i < entries.size(); ++i)
    if (!drop[i])
      kept.push_back(std::move(entries[i]));
  return kept;
}

} // namespace

Map::Map() = default;
Map::Map(const Map& other) = default;
Map::Map(Map&& other) noexcept = default;
Map& Map::operator=(const Map& other) = default;
Map& Map::operator=(Map&& other) noexcept = default;
Map::~Map() = default;

UnknownStructure::UnknownStructure() = default;
UnknownStructure::UnknownStructure(std::uint8_t structure_tag, List structure_fields)
    : tag(structure_tag), fields(std::move(structure_fields)) {}
UnknownStructure::UnknownStructure(const UnknownStructure& other) = default;
UnknownStructure::UnknownStructure(UnknownStructure&& other) noexcept = default;
UnknownStructure& UnknownStructure::operator=(const UnknownStructure& other) = default;
UnknownStructure& UnknownStructure::operator=(UnknownStructure&& other) noexcept = default;
UnknownStructure::~UnknownStructure() = default;

Map::Map(std::initializer_list<Entry> entries)
    : Map(from_entries(std::vector<Entry>(entries.begin(), entries.end()))) {}

Map Map::from_entries(std::vector<Entry> entries) {
  Map map;
  if (entries.size() > small_map) {
    map.entries_ = without_repeats(std::move(entries));
    return map;
  }
  for (std::size_t i = 1; i < entries.size(); ++i)
    for (std::size_t k = 0; k < i; ++k)
      if (entries[i].key == entries[k].key) {
        map.entries_ = without_repeats(std::move(entries));
        return map;
      }
  map.entries_ = std::move(entries);
  return map;
}

std::size_t Map::size() const {
  return entries_.size();
}
bool Map::empty() const {
  return entries_.empty();
}

const Value* Map::find(std::string_view key) const {
  for (const Entry& entry : entries_)
    if (entry.key == key)
      return &entry.value;
  return nullptr;
}

Value* Map::find(std::string_view key) {
  return const_cast<Value*>(std::as_const(*this).find(key));
}

Value& Map::set(std::string_view key, Value value) {
  if (Value* known = find(key)) {
    *known = std::move(value);
    return *known;
  }
  return entries_.emplace_back(Entry{std::string(key), std::move(value)}).value;
}

std::string_view Map::text_of(std::string_view key) const {
  const Value* value = find(key);
  const std::string* text = value == nullptr ? nullptr : value->get_if<std::string>();
  return text == nullptr ? std::string_view{} : std::string_view{*text};
}

std::vector<Entry>::const_iterator Map::begin() const {
  return entries_.begin();
}
std::vector<Entry>::const_iterator Map::end() const {
  return entries_.end();
}

bool operator==(const Map& left, const Map& right) {
  if (left.size() != right.size())
    return false;
  const std::vector<std::size_t> left_order = order_by_key(left.entries_);
  const std::vector<std::size_t> right_order = order_by_key(right.entries_);
  for (std::size_t i = 0; i < left_order.size(); ++i)
    if (!(left.entries_[left_order[i]] == right.entries_[right_order[i]]))
      return false;
  return true;
}

bool operator==(const UnknownStructure& left, const UnknownStructure& right) {
  return left.tag == right.tag && left.fields == right.fields;
}

bool operator==(const Value& left, const Value& right) {
  return left.state_ == right.state_;
}

std::string_view name_of(Kind kind) {
  switch (kind) {
  case Kind::null:
    return "null";
  case Kind::boolean:
    return "boolean";
  case Kind::integer:
    return "integer";
  case Kind::real:
    return "float";
  case Kind::string:
    return "string";
  case Kind::bytes:
    return "bytes";
  case Kind::list:
    return "list";
  case Kind::map:
    return "map";
  case Kind::date:
    return "date";
  case Kind::local_time:
    return "local time";
  case Kind::time:
    return "time";
  case Kind::local_date_time:
    return "local date-time";
  case Kind::date_time:
    return "date-time";
  case Kind::duration:
    return "duration";
  case Kind::point_2d:
    return "2D point";
  case Kind::point_3d:
    return "3D point";
  case Kind::uuid:
    return "UUID";
  case Kind::zoned_date_time:
    return "zoned date-time";
  case Kind::node:
    return "node";
  case Kind::relationship:
    return "relationship";
  case Kind::unbound_relationship:
    return "unbound relationship";
  case Kind::path:
    return "path";
  case Kind::vector:
    return "vector";
  case Kind::unsupported_type:
    return "unsupported type";
  case Kind::unknown_structure:
    return "unknown structure";
  }
  return "unknown";
}

} // namespace diffo::bolt

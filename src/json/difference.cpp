#include "base/text_hash.h"

#include <diffo/json.h>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>

/// What turns one document into another. Members stand against each other by name. Items of arrays
/// do so where they are equal: what both arrays begin and end with first, whatever their size, then
/// a longest common run of the rest, where that is small. What lies between two equal items stands
/// against each other by place.
namespace diffo::json {
namespace {

/// So many pairs of items are held against each other; where there are more, only their places are.
constexpr std::size_t most_pairs = 250'000;

std::uint64_t mixed(std::uint64_t bits) {
  bits = (bits ^ (bits >> 30U)) * 0xbf58476d1ce4e5b9U;
  bits = (bits ^ (bits >> 27U)) * 0x94d049bb133111ebU;
  return bits ^ (bits >> 31U);
}

std::uint64_t digest_of_text(std::string_view text) {
  return mixed(TextHash{}(text));
}

/// The same for equal values: members in any order, numbers by value.
std::uint64_t digest_of(const Value& value) {
  std::uint64_t digest = static_cast<std::uint64_t>(value.kind()) + 1;
  if (const std::string* text = value.if_string())
    return digest ^ digest_of_text(*text);
  if (const bool* boolean = value.if_boolean())
    return mixed(digest + (*boolean ? 64U : 128U));
  if (value.is_number()) {
    const double number = value.as_double();
    return mixed(std::hash<double>{}(number == 0 ? 0.0 : number)); // -0 equals 0
  }
  if (const Array* items = value.if_array())
    for (const Value& item : *items)
      digest = mixed(digest + digest_of(item));
  if (const Object* members = value.if_object())
    for (const Member& member : *members)
      digest += mixed(digest_of_text(member.name) + digest_of(member.value));
  return mixed(digest);
}

/// The members of an object by name, whatever their number. Looks at the object.
class Members {
public:
  explicit Members(const Object& object) {
    members_.reserve(object.size());
    for (const Member& member : object)
      members_.push_back(&member);
    std::sort(members_.begin(), members_.end(),
              [](const Member* left, const Member* right) { return left->name < right->name; });
  }

  [[nodiscard]] const Value* find(std::string_view name) const {
    const auto found = std::lower_bound(
        members_.begin(), members_.end(), name,
        [](const Member* member, std::string_view wanted) { return member->name < wanted; });
    return found != members_.end() && (*found)->name == name ? &(*found)->value : nullptr;
  }

private:
  std::vector<const Member*> members_;
};

/// Of an item that became another thing less than half has stayed: it reads better replaced than
/// changed member by member.
bool is_another(const Value& before, const Value& after) {
  const Object* old_members = before.if_object();
  const Object* new_members = after.if_object();
  if (old_members == nullptr || new_members == nullptr)
    return false; // told by their kinds, or by their items
  const Members index(*new_members);
  const auto stayed = static_cast<std::size_t>(
      std::count_if(old_members->begin(), old_members->end(), [&index](const Member& member) {
        const Value* other = index.find(member.name);
        return other != nullptr && *other == member.value;
      }));
  return stayed * 2 < std::max(old_members->size(), new_members->size());
}

using Items = std::span<const Value>;

/// An item that stays, by its places.
struct Stay {
  std::size_t before = 0;
  std::size_t after = 0;
};

/// A longest run of items that both have in this order; none where there are too many pairs.
std::vector<Stay> stays_of(Items before, Items after) {
  std::vector<Stay> stays;
  if (before.empty() || after.empty() || before.size() > most_pairs / after.size())
    return stays;
  const auto digests_of = [](Items items) {
    std::vector<std::uint64_t> digests;
    digests.reserve(items.size());
    for (const Value& item : items)
      digests.push_back(digest_of(item));
    return digests;
  };
  const std::vector<std::uint64_t> old_digests = digests_of(before);
  const std::vector<std::uint64_t> new_digests = digests_of(after);
  // longest[i * width + j]: of what begins at i before and at j after.
  const std::size_t width = after.size() + 1;
  std::vector<std::uint32_t> longest((before.size() + 1) * width, 0);
  for (std::size_t i = before.size(); i-- > 0;)
    for (std::size_t j = after.size(); j-- > 0;)
      longest[i * width + j] =
          old_digests[i] == new_digests[j]
              ? longest[(i + 1) * width + j + 1] + 1
              : std::max(longest[(i + 1) * width + j], longest[i * width + j + 1]);
  for (std::size_t i = 0, j = 0; i < before.size() && j < after.size();) {
    if (old_digests[i] == new_digests[j])
      stays.push_back({i++, j++});
    else if (longest[(i + 1) * width + j] >= longest[i * width + j + 1])
      ++i;
    else
      ++j;
  }
  return stays;
}

/// Finds the operations, in the order in which they are to be done. One thread.
class Differ {
public:
  void compare(const Value& before, const Value& after) {
    if (before.is_object() && after.is_object())
      compare_members(before.object(), after.object());
    else if (before.is_array() && after.is_array())
      compare_items(before.array(), after.array());
    else if (before != after)
      note("replace", &after);
  }

  /// Nothing where there are more than apply_patch() takes.
  std::optional<Array> take() {
    if (operations_.size() > PatchLimits{}.max_operations)
      return std::nullopt;
    return std::move(operations_);
  }

private:
  /// Does something one token deeper.
  template <typename Inside> void at(std::string_view token, const Inside& inside) {
    const std::size_t size = path_.size();
    append_token(path_, token);
    inside();
    path_.resize(size);
  }
  template <typename Inside> void at(std::size_t place, const Inside& inside) {
    at(std::to_string(place), inside);
  }

  void note(const char* op, const Value* value) {
    if (operations_.size() > PatchLimits{}.max_operations)
      return; // the whole will be replaced
    Object operation{{"op", op}, {"path", path_}};
    if (value != nullptr)
      operation.append("value", *value);
    operations_.emplace_back(std::move(operation));
  }

  void compare_members(const Object& before, const Object& after) {
    const Members old_members(before);
    const Members new_members(after);
    for (const Member& member : before)
      at(member.name, [&] {
        if (const Value* other = new_members.find(member.name))
          compare(member.value, *other);
        else
          note("remove", nullptr);
      });
    for (const Member& member : after)
      if (old_members.find(member.name) == nullptr)
        at(member.name, [&] { note("add", &member.value); });
  }

  void compare_items(Items before, Items after) {
    const std::size_t shorter = std::min(before.size(), after.size());
    std::size_t first = 0;
    while (first < shorter && before[first] == after[first])
      ++first;
    std::size_t last = 0;
    while (last < shorter - first &&
           before[before.size() - 1 - last] == after[after.size() - 1 - last])
      ++last;
    before = before.subspan(first, before.size() - first - last);
    after = after.subspan(first, after.size() - first - last);
    std::size_t place = first; // in the array as it is by then
    Stay done;
    for (const Stay& stay : stays_of(before, after)) {
      compare_between(before.subspan(done.before, stay.before - done.before),
                      after.subspan(done.after, stay.after - done.after), place);
      // Their digests are equal; that they are is looked at here.
      at(place, [&] { compare(before[stay.before], after[stay.after]); });
      ++place;
      done = {stay.before + 1, stay.after + 1};
    }
    compare_between(before.subspan(done.before), after.subspan(done.after), place);
  }

  void compare_between(Items before, Items after, std::size_t& place) {
    const std::size_t shorter = std::min(before.size(), after.size());
    for (std::size_t index = 0; index < shorter; ++index, ++place)
      at(place, [&] {
        if (is_another(before[index], after[index]))
          note("replace", &after[index]);
        else
          compare(before[index], after[index]);
      });
    for (std::size_t index = shorter; index < before.size(); ++index)
      at(place, [&] { note("remove", nullptr); });
    for (std::size_t index = shorter; index < after.size(); ++index, ++place)
      at(place, [&] { note("add", &after[index]); });
  }

  std::string path_;
  Array operations_;
};

} // namespace

Value difference(const Value& before, const Value& after) {
  Differ differ;
  differ.compare(before, after);
  if (auto operations = differ.take())
    return Value(std::move(*operations));
  return Array{Object{{"op", "replace"}, {"path", ""}, {"value", after}}};
}

} // namespace diffo::json

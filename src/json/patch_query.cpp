#include "base/text.h"
#include "json/patch_operations.h"
#include "json/patch_places.h"
#include "json/patch_share.h"
#include "json/patch_weight.h"

#include <algorithm>
#include <map>
#include <memory>
#include <unordered_set>
#include <utility>

namespace diffo::json {
namespace {

/// How many values all operations of a patch may look at.
constexpr std::size_t max_steps = 4'000'000;

/// An operation's path, and how the client wrote it.
struct WrittenPath {
  std::shared_ptr<const PatchPath> path;
  std::string text;
};

Error leads_nowhere(const WrittenPath& path) {
  return {ErrorCode::unprocessable, "nothing is found at " + shortened(path.text, 200)};
}

/// Carries out operations one by one on a document of its own. One thread.
class QueryPatcher {
public:
  struct Limits : PatchLimits {
    PatchShare* share = nullptr; ///< nothing: the patch is alone
  };

  QueryPatcher(Value document, const Limits& limits)
      : document_(std::move(document)), limits_(limits),
        budget_(limits.share != nullptr ? limits.share->budget() : own_budget_) {}

  Result<void> apply(const Value& operation) {
    const std::string_view op = operation.text_of("op");
    const WrittenPath path = TRY(path_member(operation, "path"));
    if (op == "remove")
      return remove(path);
    if (op == "move" || op == "copy") {
      const WrittenPath from = TRY(path_member(operation, "from"));
      Value value = TRY(the_one_at(from));
      if (op == "move")
        TRY(remove(from));
      return add(path, value);
    }
    const Value* value = TRY(operation_value(operation, op));
    if (op == "add")
      return add(path, *value);
    return op == "replace" ? replace(path, *value) : test(path, *value);
  }

  Value& document() { return document_; }

private:
  /// Read for this operation alone, or once for all patches that share it.
  Result<WrittenPath> path_member(const Value& operation, std::string_view name) {
    std::string text = TRY(operation_text(operation, name));
    auto path = limits_.share != nullptr
                    ? TRY(limits_.share->path(text))
                    : std::make_shared<const PatchPath>(TRY(PatchPath::parse(text)));
    return WrittenPath{std::move(path), std::move(text)};
  }

  /// What lies deeper comes first: changing it moves nothing that comes later.
  Result<std::vector<Place>> places_at(const WrittenPath& path) {
    std::vector<Place> places = TRY(path.path->places(document_, budget_));
    std::stable_sort(places.begin(), places.end(),
                     [](const Place& one, const Place& other) { return one.depth > other.depth; });
    return places;
  }

  Result<Value> the_one_at(const WrittenPath& from) {
    const std::vector<Place> places = TRY(places_at(from));
    if (places.empty())
      return leads_nowhere(from);
    if (places.size() > 1)
      return Error{ErrorCode::unprocessable,
                   "from leads to " + std::to_string(places.size()) +
                       " places, and must lead to one: " + shortened(from.text, 200)};
    TRY(weigh(*places.front().value, 1));
    return Value(*places.front().value);
  }

  /// Counts copies against the limit.
  Result<void> weigh(const Value& value, std::size_t times) {
    const std::size_t left = limits_.max_copied - copied_;
    const std::size_t weight = weight_of(value, left / std::max<std::size_t>(times, 1));
    if (weight > left / std::max<std::size_t>(times, 1))
      return Error{ErrorCode::too_large, "the patch copies too much"};
    copied_ += weight * times;
    return {};
  }

  Result<void> may_hold(const std::vector<Place>& places, const Value& value) {
    const std::size_t depth = depth_of(value);
    if (std::any_of(places.begin(), places.end(), [&](const Place& place) {
          return place.depth + 1 + depth > limits_.max_depth;
        }))
      return Error{ErrorCode::too_large, "the result would nest too deeply"};
    if (places.size() > 1)
      TRY(weigh(value, places.size()));
    return {};
  }

  // TMF630 Part 6: add
  Result<void> add(const WrittenPath& path, const Value& value) {
    if (const std::vector<Place> places = TRY(places_at(path)); !places.empty()) {
      TRY(may_hold(places, value));
      for (const Place& place : places)
        add_to(*place.value, value);
      return {};
    }
    std::vector<Place> holders = TRY(path.path->holders(document_, budget_));
    std::erase_if(holders, [](const Place& place) { return !place.value->is_object(); });
    if (holders.empty())
      return leads_nowhere(path);
    TRY(may_hold(holders, value));
    for (const Place& holder : holders)
      holder.value->object().set(path.path->last_name(), Value(value));
    return {};
  }

  static void add_to(Value& present, const Value& value) {
    if (Array* items = present.if_array()) {
      if (const Array* more = value.if_array())
        items->insert(items->end(), more->begin(), more->end());
      else
        items->push_back(value);
    } else if (present.is_object() && value.is_object()) {
      merge(present.object(), value.object());
    } else {
      present = value;
    }
  }

  static void merge(Object& present, const Object& more) {
    std::map<std::string_view, Value*> members; // sorted: many members are not looked through
    for (Member& member : present)
      members.emplace(member.name, &member.value);
    std::vector<const Member*> fresh;
    for (const Member& member : more)
      if (const auto found = members.find(member.name); found != members.end())
        *found->second = member.value;
      else
        fresh.push_back(&member);
    for (const Member* member : fresh)
      present.append(member->name, Value(member->value));
  }

  Result<void> remove(const WrittenPath& path) {
    const std::vector<Place> places = TRY(places_at(path));
    if (places.empty())
      return leads_nowhere(path);
    std::unordered_set<const Value*> gone;
    for (const Place& place : places)
      gone.insert(place.value);
    std::unordered_set<const Value*> done;
    for (const Place& place : places) {
      if (place.holder == nullptr)
        return Error{ErrorCode::unprocessable, "a patch does not remove the document itself"};
      if (!done.insert(place.holder).second)
        continue;
      if (Array* items = place.holder->if_array())
        std::erase_if(*items, [&gone](const Value& item) { return gone.contains(&item); });
      else
        erase_members(place.holder->object(), gone);
    }
    return {};
  }

  static void erase_members(Object& object, const std::unordered_set<const Value*>& gone) {
    Object kept;
    for (Member& member : object)
      if (!gone.contains(&member.value))
        kept.append(std::move(member.name), std::move(member.value));
    object = std::move(kept);
  }

  Result<void> replace(const WrittenPath& path, const Value& value) {
    const std::vector<Place> places = TRY(places_at(path));
    if (places.empty())
      return leads_nowhere(path);
    TRY(may_hold(places, value));
    for (const Place& place : places)
      *place.value = value;
    return {};
  }

  Result<void> test(const WrittenPath& path, const Value& value) {
    const std::vector<Place> places = TRY(places_at(path));
    if (places.empty())
      return leads_nowhere(path);
    for (const Place& place : places)
      if (*place.value != value)
        return Error{ErrorCode::unprocessable,
                     "the value at " + shortened(path.text, 200) + " is another"};
    return {};
  }

  Value document_;
  Limits limits_;
  Budget own_budget_{max_steps};
  Budget& budget_;
  std::size_t copied_ = 0;
};

} // namespace

Result<std::shared_ptr<const PatchPath>> PatchShare::path(const std::string& text) {
  if (const auto known = paths_.find(text); known != paths_.end())
    return known->second;
  auto path = std::make_shared<const PatchPath>(TRY(PatchPath::parse(text)));
  paths_.emplace(text, path);
  return path;
}

Result<void> apply_patch_query(Value& target, const Value& operations, const PatchLimits& limits) {
  return apply_operations<QueryPatcher>(target, operations, QueryPatcher::Limits{limits, nullptr},
                                        "a patch by query");
}

Result<void> apply_patch_query(Value& target, const Value& operations, const PatchLimits& limits,
                               PatchShare& share) {
  return apply_operations<QueryPatcher>(target, operations, QueryPatcher::Limits{limits, &share},
                                        "a patch by query");
}

} // namespace diffo::json

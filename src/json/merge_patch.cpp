#include "base/text_hash.h"

#include <diffo/json.h>

namespace diffo::json {
namespace {

/// Up to so many members, looking at all of them beats any index.
constexpr std::size_t few_members = 16;

/// What a member that the target lacks becomes: RFC 7396 §2 applies the patch to nothing.
Value merged_into_nothing(const Value& patch) {
  Value value;
  merge_patch(value, patch);
  return value;
}

void merge_few(Object& target, const Object& patch) {
  for (const Member& member : patch) {
    if (member.value.is_null())
      target.erase(member.name);
    else if (Value* present = target.find(member.name))
      merge_patch(*present, member.value);
    else
      target.append(member.name, merged_into_nothing(member.value));
  }
}

/// The same with an index of the target's names, so that large objects take linear time.
void merge_many(Object& target, const Object& patch) {
  TextViewMap<const Value*> changes;
  changes.reserve(patch.size());
  for (const Member& member : patch)
    changes.emplace(member.name, &member.value);

  Object merged;
  merged.reserve(target.size());
  for (Member& member : target) {
    const auto change = changes.find(member.name);
    if (change == changes.end()) {
      merged.append(std::move(member.name), std::move(member.value));
      continue;
    }
    const Value* patched = std::exchange(change->second, nullptr);
    if (patched == nullptr || patched->is_null())
      continue;
    merge_patch(member.value, *patched);
    merged.append(std::move(member.name), std::move(member.value));
  }
  for (const Member& member : patch) {
    if (!member.value.is_null() && changes[member.name] != nullptr)
      merged.append(member.name, merged_into_nothing(member.value));
  }
  target = std::move(merged);
}

} // namespace

void merge_patch(Value& target, const Value& patch) {
  // RFC 7396 §2, MergePatch(Target, Patch).
  const Object* changes = patch.if_object();
  if (changes == nullptr) {
    target = patch;
    return;
  }
  if (!target.is_object())
    target = Value(Object{});
  Object& object = target.object();
  if (changes->size() <= few_members || object.size() <= few_members)
    merge_few(object, *changes);
  else
    merge_many(object, *changes);
}

} // namespace diffo::json

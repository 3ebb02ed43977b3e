#include "tmf/item_matching.h"

#include "model/words.h"
#include "tmf/same_content.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

namespace diffo::tmf {
namespace {

using graph::Element;

std::string id_of(const Element& item) {
  return std::string(item.field_text(model::words::id));
}

/// The parts of a key that the item has, one after the other; empty when it has none of them.
std::string key_of(const Element& item, const std::vector<model::ListKeyPart>& group) {
  std::string key;
  bool has_part = false;
  for (const model::ListKeyPart& part : group) {
    if (const json::Value* value = part.is_field ? item.field(part.word) : nullptr) {
      json::write(*value, key);
      has_part = true;
    } else if (part.is_target && item.target) {
      json::write_quoted(item.target->id, key);
      has_part = true;
    }
    key += '\x1f';
  }
  return has_part ? key : std::string();
}

/// All a keyless item says, so that it is known again at another place.
std::string content_of(const Element& item) {
  std::string content;
  if (item.verbatim) {
    json::write(*item.verbatim, content);
    return content;
  }
  if (item.target)
    content += item.target->id + '\x1f';
  for (const auto& [word, value] : item.fields) {
    content += std::to_string(word) + '=';
    json::write(value, content);
  }
  for (const auto& [name, value] : item.extra) {
    content += name + '=';
    json::write(value, content);
  }
  return content;
}

/// Whom an item refers to; empty for an item that refers to nobody.
std::string target_of(const Element& item) {
  if (!item.target)
    return {};
  return std::to_string(item.target->family) + '\x1f' + item.target->id + '\x1f' +
         std::string(item.field_text(model::words::referred_type));
}

/// Matches by one thing after the other, the surest first.
class Matcher {
public:
  std::vector<std::optional<std::size_t>> found;

  Matcher(const Items& before, const Items& after, const model::ListKeys& keys,
          OtherRole other_role)
      : found(after.size()), before_(before), after_(after), keys_(keys), taken_(before.size()) {
    for (std::size_t index = 0; index < std::min(before.size(), after.size()); ++index)
      if (equal_elements(*before[index], *after[index]))
        take(index, index);
    match_by(id_of);
    for (const auto& group : keys_) {
      match_by([&group](const Element& item) {
        std::string key = item.target ? key_of(item, group) : std::string();
        return key.empty() ? key : key + item.target->id; // for several of one role
      });
      match_by([&group](const Element& item) { return key_of(item, group); });
    }
    match_by(
        [this](const Element& item) { return has_key(item) ? std::string() : content_of(item); });
    if (other_role == OtherRole::changed && is_told_apart_by_role())
      match_the_only_ones();
    match_by_position();
  }

private:
  void take(std::size_t before, std::size_t after) {
    taken_[before] = true;
    found[after] = before;
  }

  template <typename KeyOf> void match_by(KeyOf key_of_item) {
    std::multimap<std::string, std::size_t> places; // sorted: keys chosen to collide cost nothing
    for (std::size_t index = 0; index < before_.size(); ++index)
      if (!taken_[index])
        if (std::string key = key_of_item(*before_[index]); !key.empty())
          places.emplace(std::move(key), index);
    for (std::size_t index = 0; index < after_.size() && !places.empty(); ++index) {
      if (found[index])
        continue;
      const std::string key = key_of_item(*after_[index]);
      const auto first = key.empty() ? places.end() : places.lower_bound(key);
      if (first == places.end() || first->first != key)
        continue;
      take(first->second, index); // of equal keys the first comes first
      places.erase(first);
    }
  }

  [[nodiscard]] bool is_told_apart_by_role() const {
    return keys_.size() == 1 && keys_.front().size() == 1 &&
           keys_.front().front().attribute == "role";
  }

  /// Those that are left, where there is one of the target on either side.
  void match_the_only_ones() {
    struct Left {
      std::size_t count = 0;
      std::size_t index = 0; // of the last one
      void add(std::size_t at) {
        ++count;
        index = at;
      }
    };
    std::map<std::string, std::pair<Left, Left>> by_target; // sorted, as above
    for (std::size_t index = 0; index < before_.size(); ++index)
      if (!taken_[index])
        by_target[target_of(*before_[index])].first.add(index);
    for (std::size_t index = 0; index < after_.size(); ++index)
      if (!found[index])
        by_target[target_of(*after_[index])].second.add(index);
    for (const auto& [target, left] : by_target)
      if (!target.empty() && left.first.count == 1 && left.second.count == 1)
        take(left.first.index, left.second.index);
  }

  void match_by_position() {
    for (std::size_t index = 0; index < std::min(before_.size(), after_.size()); ++index)
      if (!found[index] && !taken_[index] && !has_key(*before_[index]) && !has_key(*after_[index]))
        take(index, index);
  }

  [[nodiscard]] bool has_key(const Element& item) const {
    return !id_of(item).empty() ||
           std::any_of(keys_.begin(), keys_.end(),
                       [&item](const auto& group) { return !key_of(item, group).empty(); });
  }

  const Items& before_;
  const Items& after_;
  const model::ListKeys& keys_;
  std::vector<bool> taken_;
};

} // namespace

std::vector<std::optional<std::size_t>> match_items(const Items& before, const Items& after,
                                                    const model::ListKeys& keys,
                                                    OtherRole other_role) {
  return std::move(Matcher(before, after, keys, other_role).found);
}

} // namespace diffo::tmf

#include "tmf/item_matching.h"

#include "model/homes.h"
#include "tmf/same_content.h"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace diffo::tmf {
namespace {

using graph::Element;

std::string id_of(const Element& item) {
  return std::string(item.field_text(model::words::id));
}

/// What tells an item from its siblings when it has no id of its own; empty: nothing does.
std::string key_of(const Element& item) {
  const auto joined = [](std::string_view first, std::string_view second) {
    return std::string(first) + '\x1f' + std::string(second);
  };
  switch (item.kind) {
  case model::kinds::characteristic:
  case model::kinds::feature:
    return std::string(item.field_text(model::words::name));
  case model::kinds::external_identifier:
    return std::string(item.field_text(model::words::external_identifier_type));
  case model::kinds::service_relation:
  case model::kinds::resource_relation:
    if (!item.target)
      return {};
    return joined(item.field_text(model::words::relationship_type), item.target->id);
  case model::kinds::place_reference:
  case model::kinds::party_reference:
  case model::kinds::entity_reference:
    return std::string(item.field_text(model::words::role));
  case model::kinds::supporting_service:
  case model::kinds::supporting_resource:
    return item.target ? item.target->id : std::string();
  case model::kinds::specification_reference:
    return "specification"; // there is one
  default:
    return {};
  }
}

std::string name_of_relation(const Element& item) {
  if (item.kind != model::kinds::service_relation && item.kind != model::kinds::resource_relation)
    return {};
  const std::string_view name = item.field_text(model::words::outer_name);
  return std::string(name.empty() ? item.field_text(model::words::alias) : name);
}

/// Role and target together, for several of one role.
std::string role_and_target(const Element& item) {
  const std::string_view role = item.field_text(model::words::role);
  return item.target ? std::string(role) + '\x1f' + item.target->id : std::string();
}

/// All a keyless item says, so that it is known again at another place.
std::string content_of(const Element& item) {
  std::string content;
  if (item.verbatim) {
    json::write(*item.verbatim, content);
    return content;
  }
  if (!id_of(item).empty() || !key_of(item).empty())
    return {};
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

/// Matches by one thing after the other, the surest first.
class Matcher {
public:
  std::vector<std::optional<std::size_t>> found;

  Matcher(const Items& before, const Items& after)
      : found(after.size()), before_(before), after_(after), taken_(before.size()) {
    for (std::size_t index = 0; index < std::min(before.size(), after.size()); ++index)
      if (equal_elements(*before[index], *after[index]))
        take(index, index);
    match_by(id_of);
    match_by(name_of_relation);
    match_by(role_and_target);
    match_by(key_of);
    match_by(content_of);
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

  void match_by_position() {
    for (std::size_t index = 0; index < std::min(before_.size(), after_.size()); ++index)
      if (!found[index] && !taken_[index] && !has_key(*before_[index]) && !has_key(*after_[index]))
        take(index, index);
  }

  static bool has_key(const Element& item) { return !id_of(item).empty() || !key_of(item).empty(); }

  const Items& before_;
  const Items& after_;
  std::vector<bool> taken_;
};

} // namespace

std::vector<std::optional<std::size_t>> match_items(const Items& before, const Items& after) {
  return std::move(Matcher(before, after).found);
}

} // namespace diffo::tmf

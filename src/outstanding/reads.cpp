// Where in a document an expectation looks, told from the expectation alone.
#include "outstanding/compiled.h"

#include <algorithm>
#include <set>

namespace diffo::outstanding {
namespace {

/// Paths are told apart down to the members of the items of a list.
constexpr std::size_t most_names = 2;

/// Whether it is looked at by its members alone.
bool has_members(const Node& node) {
  return node.rule == Rule::object && !node.expect && !node.children.empty();
}

/// Whether only members of the items decide: neither an item as a whole nor what it refers to.
bool is_told_by_members(const Node& list) {
  return list.rule == Rule::keyed && !list.children.empty() &&
         std::all_of(list.children.begin(), list.children.end(), [](const Node& item) {
           const bool by_key = item.rule == Rule::no_item &&
                               std::none_of(item.children.begin(), item.children.end(),
                                            [](const Node& part) { return part.name == "$eq"; });
           return by_key || has_members(item);
         });
}

void collect(const Node& node, const DocumentPath& at, std::set<DocumentPath>& all) {
  const auto each_member = [&](const Node& object) {
    for (const Node& member : object.children) {
      DocumentPath inside = at;
      inside.push_back(member.name);
      if (inside.size() == most_names)
        all.insert(std::move(inside));
      else if (member.rule != Rule::nothing)
        collect(member, inside, all);
    }
  };
  if (has_members(node))
    each_member(node);
  else if (!at.empty() && is_told_by_members(node))
    std::for_each(node.children.begin(), node.children.end(), each_member);
  else if (!at.empty() || node.rule != Rule::object)
    all.insert(at);
}

} // namespace

std::vector<DocumentPath> reads_of(const Node& root) {
  if (root.rule == Rule::nothing)
    return {};
  std::set<DocumentPath> all;
  collect(root, {}, all);
  return {all.begin(), all.end()};
}

} // namespace diffo::outstanding

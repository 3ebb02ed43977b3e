#include "neo4j/projection/difference.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

namespace diffo::neo4j {
namespace {

using Nodes = std::map<NodeName, const SharedNode*>;

Nodes nodes_of(const SharedGraph& graph) {
  Nodes nodes;
  for (const SharedNode& node : graph.nodes)
    nodes.emplace(node.name, &node);
  return nodes;
}

/// The nodes that must be made: those that were not there, or were held by another node, and what
/// such nodes hold.
std::set<NodeName> made(const SharedGraph& after, const Nodes& before) {
  std::set<NodeName> names;
  for (const SharedNode& node : after.nodes) {
    const auto found = before.find(node.name);
    if (found == before.end() || found->second->holder != node.holder ||
        (node.holder && names.contains(node.holder->other)))
      names.insert(node.name);
  }
  return names;
}

std::vector<std::string> without(const std::vector<std::string>& labels,
                                 const std::vector<std::string>& others) {
  std::vector<std::string> left;
  std::set_difference(labels.begin(), labels.end(), others.begin(), others.end(),
                      std::back_inserter(left));
  return left;
}

/// What of the properties changes, the moments aside.
bolt::Map changes(const bolt::Map& before, const bolt::Map& after) {
  bolt::Map set;
  for (const bolt::Entry& entry : after) {
    if (entry.key == created_property || entry.key == updated_property ||
        entry.key == stamp_property)
      continue;
    const bolt::Value* old = before.find(entry.key);
    if (old == nullptr || !(*old == entry.value))
      set.set(entry.key, entry.value);
  }
  for (const bolt::Entry& entry : before)
    if (!after.contains(entry.key))
      set.set(entry.key, nullptr);
  return set;
}

void add_change(const SharedNode& before, const SharedNode& after, Difference& result) {
  NodeChange change{.name = after.name,
                    .set = changes(before.properties, after.properties),
                    .was = {},
                    .new_labels = without(after.labels, before.labels),
                    .lost_labels = without(before.labels, after.labels),
                    .needs_target = after.needs_target};
  const bool is_root = !after.holder;
  const bool changed =
      !change.set.empty() || !change.new_labels.empty() || !change.lost_labels.empty();
  if (const bolt::Value* moment = after.properties.find(updated_property))
    if (const bolt::Value* old = before.properties.find(updated_property);
        (changed || is_root) && (old == nullptr || !(*old == *moment)))
      change.set.set(updated_property, *moment);
  for (const bolt::Entry& entry : change.set) {
    const bolt::Value* old = before.properties.find(entry.key);
    change.was.set(entry.key, old == nullptr ? bolt::Value() : *old);
  }
  if (changed || !change.set.empty())
    result.changed.push_back(std::move(change));
  if (before.target == after.target)
    return;
  if (before.target)
    result.untied.push_back(tie_of(before));
  if (after.target)
    result.tied.push_back(tie_of(after));
}

} // namespace

TieChange tie_of(const SharedNode& node) {
  return {node.name, *node.target, std::string(node.properties.text_of(target_property)),
          node.needs_target ? node.holder : std::nullopt};
}

Difference difference(const SharedGraph& before, const SharedGraph& after) {
  Difference result{.owner = after.nodes.empty() ? before.owner : after.owner,
                    .erased = {},
                    .untied = {},
                    .created = {},
                    .changed = {},
                    .tied = {}};
  const Nodes old_nodes = nodes_of(before);
  const Nodes new_nodes = nodes_of(after);
  const std::set<NodeName> fresh = made(after, old_nodes);
  for (auto node = before.nodes.rbegin(); node != before.nodes.rend(); ++node)
    if (!new_nodes.contains(node->name) || fresh.contains(node->name))
      result.erased.push_back(node->name);
  for (const SharedNode& node : after.nodes)
    if (fresh.contains(node.name))
      result.created.push_back(node);
    else
      add_change(*old_nodes.at(node.name), node, result);
  return result;
}

} // namespace diffo::neo4j

#include "loop/dependents.h"

#include "graph/schema.h"

#include <utility>

namespace diffo::loop {

void Dependents::put(const Dependent& dependent, const graph::Footprint& footprint) {
  Reads reads;
  for (const graph::Footprint::RecordRead& read : footprint.records)
    if (dependent.what != Dependent::What::target || read.key != dependent.key)
      reads.records.push_back(read.key);
  for (const graph::Footprint::ReferrersRead& read : footprint.referrers)
    reads.referred.push_back(read.key);
  put(dependent, std::move(reads));
}

void Dependents::put(const Dependent& dependent, Reads reads) {
  if (const auto known = reads_.find(dependent); known != reads_.end()) {
    for (const graph::Key& key : known->second.records)
      drop(records_, key, dependent);
    for (const graph::Key& key : known->second.referred)
      drop(referred_, key, dependent);
    reads_.erase(known);
  }
  if (reads.empty())
    return;
  for (const graph::Key& key : reads.records)
    records_[key].insert(dependent);
  for (const graph::Key& key : reads.referred)
    referred_[key].insert(dependent);
  reads_.emplace(dependent, std::move(reads));
}

void Dependents::drop(Who& who, const graph::Key& key, const Dependent& dependent) {
  const auto found = who.find(key);
  if (found == who.end())
    return;
  found->second.erase(dependent);
  if (found->second.empty())
    who.erase(found);
}

void Dependents::of(const graph::Delta::Change& change, const graph::Schema& schema,
                    std::set<Dependent>& found) const {
  if (const auto who = records_.find(change.key); who != records_.end())
    found.insert(who->second.begin(), who->second.end());
  if (referred_.empty())
    return;
  for (const graph::RecordRef& record : {change.before, change.after}) {
    if (!record)
      continue;
    graph::for_each_edge(record->root(schema.dictionary()), [&](const graph::ElementView& edge) {
      const graph::Key target{change.key.tenant, edge.target_family(),
                              std::string(edge.target_id().text())};
      if (const auto who = referred_.find(target); who != referred_.end())
        found.insert(who->second.begin(), who->second.end());
    });
  }
}

void Dependents::clear() {
  reads_.clear();
  records_.clear();
  referred_.clear();
}

} // namespace diffo::loop

#include "rules/instances.h"

#include "graph/annotation.h"
#include "model/contradictions.h"
#include "model/schema.h"
#include "rules/annotating.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

namespace diffo::rules {
namespace {

constexpr std::size_t named_referrers = 10;

/// Those that refer to the root through an edge that keeps it from being deleted.
std::vector<std::string> guards_of(graph::Subgraph& subgraph, const graph::Key& key) {
  std::vector<std::string> names;
  const auto kinds = subgraph.schema().guarding_kinds();
  if (kinds.empty())
    return names;
  subgraph.referrers(key, kinds, [&](const graph::Referrer& referrer) {
    const auto* family = subgraph.schema().family(referrer.record->family());
    // A root that refers to itself goes with its references.
    if (referrer.record->key() != key)
      names.push_back((family != nullptr ? family->name + " " : "") + referrer.record->id());
    return names.size() <= named_referrers;
  });
  return names;
}

bool same_content(const graph::Record& a, const graph::Record& b) {
  return a.bytes().substr(graph::record_head_bytes) == b.bytes().substr(graph::record_head_bytes);
}

Error other_content(const std::string& id) {
  return {ErrorCode::conflict, "the id " + id + " is taken by a record with other content", "/id"};
}

Result<Settled> settled_of(const Adoption& adoption, graph::Subgraph& subgraph) {
  return adoption.settle ? adoption.settle(subgraph) : Settled{adoption.record};
}

Error other_content_in_line(std::uint64_t line) {
  return {ErrorCode::conflict,
          "the id also stands in line " + std::to_string(line) + ", with other content", "/id"};
}

} // namespace

void add(graph::ChangeSet& changes, const Further& further) {
  for (const graph::Change& change : further.changes)
    changes.changes.push_back(
        {change.key, change.after ? graph::copy(*change.after) : graph::RecordRef()});
  changes.take.insert(changes.take.end(), further.take.begin(), further.take.end());
  changes.release.insert(changes.release.end(), further.release.begin(), further.release.end());
}

void note_api(const graph::Record& present, graph::RecordDraft& after, std::int64_t at,
              const graph::Schema& schema) {
  const graph::ElementView root = present.root(schema.dictionary());
  if (root.block(graph::annotation_block).empty())
    return;
  annotate_changes(root.to_draft(), after.root, {std::string(api_source), at},
                   model::api_of(present.family()), schema);
}

Error not_found(const graph::Schema& schema, const graph::KeyView& key) {
  const auto* family = schema.family(key.family);
  return {ErrorCode::not_found, "there is no " +
                                    (family != nullptr ? family->name : std::string("record")) +
                                    " with id " + std::string(key.id)};
}

graph::Decide create(graph::RecordRef fresh, Further further) {
  return [fresh = std::move(fresh),
          further = std::move(further)](graph::Subgraph& subgraph) -> Result<graph::Decision> {
    graph::Key key = fresh->key();
    if (subgraph.find(key))
      return Error{ErrorCode::conflict, "the id " + key.id + " is taken", "/id"};
    graph::ChangeSet changes;
    // A copy: the store stamps it, so nobody else may hold it, and the next call needs another.
    changes.changes.push_back({std::move(key), graph::copy(*fresh)});
    add(changes, further);
    return graph::Decision(std::move(changes));
  };
}

graph::Decide adopt(Adoption adoption, SameContent same) {
  return [adoption = std::move(adoption),
          same = std::move(same)](graph::Subgraph& subgraph) -> Result<graph::Decision> {
    graph::Key key = adoption.record->key();
    graph::ChangeSet changes;
    const graph::RecordRef present = subgraph.find(key);
    const Settled settled = TRY(settled_of(adoption, subgraph));
    if (present) {
      if (!same(*present, *settled.record, subgraph.schema()))
        return other_content(key.id);
      changes.unchanged.push_back(present);
      return graph::Decision(std::move(changes));
    }
    changes.changes.push_back({std::move(key), graph::copy(*settled.record)});
    add(changes, settled.further);
    return graph::Decision(std::move(changes));
  };
}

namespace {

/// Many roots that are taken over together.
class Adopting {
public:
  Adopting(const SameContent& same, std::vector<Clash>& clashes, graph::Subgraph& subgraph)
      : same_(same), clashes_(clashes), subgraph_(subgraph) {}

  /// In the order of their keys, then lines.
  void take(const Adoption& one) {
    const graph::Key key = one.record->key();
    const bool again = first_ != nullptr && first_->record->key() == key;
    if (again && !same_(*first_->record, *one.record, subgraph_.schema()))
      clashes_.push_back({one.line, key.id, other_content_in_line(first_->line)});
    if (again)
      return;
    first_ = &one;
    auto settled = settled_of(one, subgraph_);
    if (!settled) {
      clashes_.push_back({one.line, key.id, std::move(settled).error()});
      return;
    }
    const graph::RecordRef present = subgraph_.find(key);
    if (present && !same_(*present, *settled->record, subgraph_.schema()))
      clashes_.push_back({one.line, key.id, other_content(key.id)});
    if (!present)
      keep(one.line, key.id, std::move(*settled));
  }

  [[nodiscard]] graph::ChangeSet changes() const {
    graph::ChangeSet changes;
    for (const auto& [line, settled] : fresh_) {
      changes.changes.push_back({settled.record->key(), graph::copy(*settled.record)});
      add(changes, settled.further);
    }
    return changes;
  }

private:
  void keep(std::uint64_t line, const std::string& id, Settled settled) {
    for (const graph::Claim& claim : settled.further.take) {
      const auto [first, is_new] = taken_.emplace(claim.scope + '\n' + claim.key, line);
      if (!is_new)
        clashes_.push_back({line,
                            id,
                            {ErrorCode::conflict,
                             claim.key + " is taken by line " + std::to_string(first->second)}});
    }
    fresh_.emplace(line, std::move(settled));
  }

  const SameContent& same_;
  std::vector<Clash>& clashes_;
  graph::Subgraph& subgraph_;
  const Adoption* first_ = nullptr;        // of those with the same key
  std::map<std::uint64_t, Settled> fresh_; // by line
  std::map<std::string, std::uint64_t> taken_;
};

} // namespace

graph::Decide adopt_all(std::span<const Adoption> adoptions, SameContent same,
                        std::vector<Clash>& clashes) {
  return [adoptions, same = std::move(same),
          &clashes](graph::Subgraph& subgraph) -> Result<graph::Decision> {
    clashes.clear();
    Adopting adopting(same, clashes, subgraph);
    for (const Adoption& one : adoptions)
      adopting.take(one);
    if (!clashes.empty())
      return Error{ErrorCode::conflict, "some lines cannot be taken"};
    return graph::Decision(adopting.changes());
  };
}

Error model_replaced() {
  return {ErrorCode::unavailable, "the model has been replaced meanwhile: try again"};
}

graph::Decide under(const graph::Schema& schema, graph::Decide decide) {
  return
      [&schema, decide = std::move(decide)](graph::Subgraph& subgraph) -> Result<graph::Decision> {
        if (&subgraph.schema() != &schema)
          return model_replaced();
        return decide(subgraph);
      };
}

graph::Decide change(graph::Key key, Precondition precondition, Revise revise) {
  return [key = std::move(key), precondition = std::move(precondition),
          revise = std::move(revise)](graph::Subgraph& subgraph) -> Result<graph::Decision> {
    const graph::RecordRef present = subgraph.find(key);
    if (!present)
      return not_found(subgraph.schema(), key);
    if (precondition.demand)
      TRY(precondition.demand(*present));
    std::optional<Revision> revised = TRY(revise(*present, subgraph));
    if (revised && revised->written_at != 0)
      note_api(*present, revised->draft, revised->written_at, subgraph.schema());
    graph::ChangeSet changes;
    graph::RecordRef made =
        revised ? TRY(model::encode(revised->draft, subgraph.schema())) : graph::RecordRef();
    // What a kind brings back into its form may come out as it was.
    if (!made || (revised->further.empty() && same_content(*made, *present))) {
      changes.unchanged.push_back(present);
    } else {
      changes.changes.push_back({key, std::move(made)});
      add(changes, revised->further);
    }
    return graph::Decision(std::move(changes));
  };
}

graph::Decide erase(graph::Key key, Precondition precondition, Release release) {
  return [key = std::move(key), precondition = std::move(precondition),
          release = std::move(release)](graph::Subgraph& subgraph) -> Result<graph::Decision> {
    const graph::RecordRef present = subgraph.find(key);
    if (!present)
      return not_found(subgraph.schema(), key);
    if (precondition.demand)
      TRY(precondition.demand(*present));
    if (const auto names = guards_of(subgraph, key); !names.empty()) {
      std::string list;
      for (std::size_t index = 0; index < std::min(names.size(), named_referrers); ++index)
        list += (index == 0 ? "" : ", ") + names[index];
      return Error{ErrorCode::conflict, "it is referred to by " + list +
                                            (names.size() > named_referrers ? " and others" : "")};
    }
    graph::ChangeSet changes;
    changes.changes.push_back({key, {}});
    if (release)
      add(changes, TRY(release(*present, subgraph)));
    return graph::Decision(std::move(changes));
  };
}

graph::FetchPlan plan_for(const graph::Key& key) {
  graph::FetchPlan plan;
  plan.records.push_back(key);
  return plan;
}

graph::FetchPlan plan_for_erasing(const graph::Schema& schema, const graph::Key& key) {
  graph::FetchPlan plan = plan_for(key);
  // One more than are named, to know that there are others; and the root may refer to itself.
  if (auto kinds = schema.guarding_kinds(); !kinds.empty())
    plan.referrers.push_back({key, std::move(kinds), named_referrers + 2});
  return plan;
}

} // namespace diffo::rules

#include "rules/instances.h"

#include "model/contradictions.h"

#include <algorithm>
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

Error other_content(const std::string& id) {
  return {ErrorCode::conflict, "the id " + id + " is taken by a record with other content", "/id"};
}

Error other_content_in_line(std::uint64_t line) {
  return {ErrorCode::conflict,
          "the id also stands in line " + std::to_string(line) + ", with other content", "/id"};
}

} // namespace

Error not_found(const graph::Schema& schema, const graph::KeyView& key) {
  const auto* family = schema.family(key.family);
  return {ErrorCode::not_found, "there is no " +
                                    (family != nullptr ? family->name : std::string("record")) +
                                    " with id " + std::string(key.id)};
}

graph::Decide create(graph::RecordRef fresh) {
  return [fresh = std::move(fresh)](graph::Subgraph& subgraph) -> Result<graph::Decision> {
    graph::Key key = fresh->key();
    if (subgraph.find(key))
      return Error{ErrorCode::conflict, "the id " + key.id + " is taken", "/id"};
    graph::ChangeSet changes;
    // A copy: the store stamps it, so nobody else may hold it, and the next call needs another.
    changes.changes.push_back({std::move(key), graph::copy(*fresh)});
    return graph::Decision(std::move(changes));
  };
}

graph::Decide adopt(graph::RecordRef fresh, SameContent same) {
  return [fresh = std::move(fresh),
          same = std::move(same)](graph::Subgraph& subgraph) -> Result<graph::Decision> {
    graph::Key key = fresh->key();
    graph::ChangeSet changes;
    if (const graph::RecordRef present = subgraph.find(key)) {
      if (!same(*present, *fresh, subgraph.schema()))
        return other_content(key.id);
      changes.unchanged.push_back(present);
      return graph::Decision(std::move(changes));
    }
    changes.changes.push_back({std::move(key), graph::copy(*fresh)});
    return graph::Decision(std::move(changes));
  };
}

graph::Decide adopt_all(std::span<const Adoption> adoptions, SameContent same,
                        std::vector<Clash>& clashes) {
  return [adoptions, same = std::move(same),
          &clashes](graph::Subgraph& subgraph) -> Result<graph::Decision> {
    clashes.clear();
    const graph::Schema& schema = subgraph.schema();
    std::vector<const Adoption*> fresh;
    const Adoption* first = nullptr; // of those with the same key
    for (const Adoption& one : adoptions) {
      const graph::Key key = one.record->key();
      const bool again = first != nullptr && first->record->key() == key;
      if (again && !same(*first->record, *one.record, schema))
        clashes.push_back({one.line, key.id, other_content_in_line(first->line)});
      if (again)
        continue;
      first = &one;
      const graph::RecordRef present = subgraph.find(key);
      if (present && !same(*present, *one.record, schema))
        clashes.push_back({one.line, key.id, other_content(key.id)});
      if (!present)
        fresh.push_back(&one);
    }
    if (!clashes.empty())
      return Error{ErrorCode::conflict, "some lines cannot be taken"};
    std::sort(fresh.begin(), fresh.end(),
              [](const Adoption* a, const Adoption* b) { return a->line < b->line; });
    graph::ChangeSet changes;
    for (const Adoption* one : fresh)
      changes.changes.push_back({one->record->key(), graph::copy(*one->record)});
    return graph::Decision(std::move(changes));
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
    std::optional<graph::RecordDraft> draft = TRY(revise(*present, subgraph));
    graph::ChangeSet changes;
    if (draft)
      changes.changes.push_back({key, TRY(model::encode(*draft, subgraph.schema()))});
    else
      changes.unchanged.push_back(present);
    return graph::Decision(std::move(changes));
  };
}

graph::Decide erase(graph::Key key, Precondition precondition) {
  return [key = std::move(key), precondition = std::move(precondition)](
             graph::Subgraph& subgraph) -> Result<graph::Decision> {
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

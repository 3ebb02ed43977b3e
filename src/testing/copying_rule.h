#pragma once

#include "graph/amending_rule.h"
#include "testing/store_schema.h"

#include <functional>
#include <map>
#include <string>
#include <thread>
#include <utility>

namespace diffo::store::test {

using Numbers = std::map<std::string, std::int64_t>;

/// An amending rule. Makes a party of each service, with its number; one below 0 is refused.
struct Copying {
  int decided = 0;
  int amended = 0;
  std::thread::id last_amended;
  std::function<void(int round)> while_deciding = [](int) {}; ///< called when all is read
  std::function<void(int round)> while_amending = [](int) {};

  graph::AmendingRule rule() {
    return {.decide = [this](graph::Subgraph& subgraph) { return decide(subgraph); },
            .amend = [this](graph::Subgraph& later, const graph::Since& since,
                            graph::ChangeSet& changes) { return amend(later, since, changes); }};
  }

  Result<graph::Decision> decide(graph::Subgraph& subgraph) {
    graph::ChangeSet changes;
    graph::Query query;
    query.families = {service};
    query.limit = 1000;
    do {
      graph::FetchPlan plan;
      plan.queries.push_back(query);
      subgraph.announce(plan);
      graph::Page page = TRY(subgraph.query(query));
      for (const graph::RecordRef& record : page.records)
        TRY(add(*record, changes));
      query.after = std::move(page.next);
    } while (query.after);
    while_deciding(++decided);
    return graph::Decision(std::move(changes));
  }

  Result<void> amend(graph::Subgraph& later, const graph::Since& since, graph::ChangeSet& changes) {
    last_amended = std::this_thread::get_id();
    std::erase_if(changes.changes, [&](const graph::Change& change) {
      return since.records.contains({0, service, change.key.id});
    });
    graph::FetchPlan plan;
    plan.records.assign(since.records.begin(), since.records.end());
    later.announce(plan);
    for (const graph::Key& key : since.records)
      if (const graph::RecordRef record = later.find(key); record && key.family == service)
        TRY(add(*record, changes));
    while_amending(++amended);
    return {};
  }

  static Result<void> add(const graph::Record& record, graph::ChangeSet& changes) {
    Draft draft(party, record.id());
    draft.set(word_number, record.root(schema().dictionary()).field(word_number).to_json());
    graph::Change copy = draft.put();
    if (number_in(copy.after) < 0)
      return Error{ErrorCode::conflict, record.id() + " is below 0"};
    changes.changes.push_back(std::move(copy));
    return {};
  }
};

inline Result<graph::Commit> copy_all(graph::Store& store, Copying& copying) {
  return graph::transact_and_wait(store, {}, {}, copying.rule());
}

} // namespace diffo::store::test

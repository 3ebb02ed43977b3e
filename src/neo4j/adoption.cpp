#include "neo4j/adoption.h"

#include "neo4j/foreign_changes.h"
#include "neo4j/projection/gather.h"
#include "neo4j/projection/shared_graph.h"

#include <set>
#include <span>
#include <utility>
#include <vector>

namespace diffo::neo4j {
namespace {

constexpr std::int64_t roots_at_once = 200;

using SharedName = std::pair<std::string, std::string>; // label and key property

std::set<SharedName> shared_names(const graph::Schema& schema) {
  std::set<SharedName> names;
  for (const graph::FamilyDefinition& family : schema.families())
    if (is_shared(family))
      names.emplace(family.shared_label, family.shared_key);
  return names;
}

/// The next keys of roots that are nobody's of ours, in their order.
bolt::Statement ownerless(const SharedName& name, const std::string& after) {
  const auto& [label, key] = name;
  return {"CYPHER 5 MATCH (n:" + label + ") WHERE n." + key +
              " > $after AND n.diffoOwner IS NULL " + "RETURN n." + key + " AS key ORDER BY n." +
              key + " LIMIT $most",
          {{"after", after}, {"most", roots_at_once}}};
}

class Adopter {
public:
  explicit Adopter(const AdoptionCall& call)
      : database_(call.database), store_(call.store), context_(call.context),
        adoption_(call.adoption), sink_(call.sink) {}

  Result<void> run() {
    for (const SharedName& name : shared_names(store_.schema())) {
      std::string after;
      while (true) {
        const auto keys = TRY(read({ownerless(name, after)}));
        std::vector<std::string> found;
        for (const bolt::Record& row : keys.front().records)
          found.push_back(TRY(text_in(row, "key")));
        if (found.empty())
          break;
        after = found.back();
        TRY(take(name.first, found));
      }
    }
    return {};
  }

  Result<void> take(const std::string& label, const std::vector<std::string>& keys) {
    const auto answers = TRY(read({gather_statement(label, keys, store_.schema())}));
    std::vector<graph::RecordDraft> drafts = TRY(gather(answers.front(), label, store_.schema()));
    std::set<std::string> read;
    std::vector<graph::RecordDraft> fit;
    for (graph::RecordDraft& draft : drafts) {
      read.insert(draft.key.id);
      if (!can_be_named(draft.key, store_.schema()))
        leave(label, draft.key.id, "its uuid is no text of a UUID in lower case");
      else
        fit.push_back(std::move(draft));
    }
    for (const std::string& key : keys)
      if (!read.contains(key))
        leave(label, key, "it is of no kind that is known here, or gone again");
    return put(label, fit);
  }

private:
  Result<std::vector<bolt::EagerResult>> read(const std::vector<bolt::Statement>& statements) {
    return database_.read(statements);
  }

  void leave(const std::string& label, const std::string& key, std::string reason) {
    ++adoption_.left;
    sink_({ErrorCode::unprocessable, std::move(reason), label + ' ' + key});
  }

  /// All at once; where that is refused, each half by itself, so that one refuses but itself.
  Result<void> put(const std::string& label, std::span<const graph::RecordDraft> drafts) {
    if (drafts.empty())
      return {};
    std::vector<bool> is_there;
    const auto done = commit(drafts, is_there);
    if (!done && (is_general(done.error()) || drafts.size() == 1)) {
      if (is_general(done.error()))
        return done.error();
      leave(label, drafts.front().key.id, done.error().message);
      return {};
    }
    if (!done) {
      TRY(put(label, drafts.first(drafts.size() / 2)));
      return put(label, drafts.subspan(drafts.size() / 2));
    }
    for (std::size_t at = 0; at < drafts.size(); ++at)
      if (is_there[at])
        leave(label, drafts[at].key.id, "the inventory has another record of that id");
      else
        ++adoption_.adopted[store_.schema().family(drafts[at].key.family)->name];
    return {};
  }

  Result<graph::Commit> commit(std::span<const graph::RecordDraft> drafts,
                               std::vector<bool>& is_there) {
    graph::FetchPlan plan;
    for (const graph::RecordDraft& draft : drafts)
      plan.records.push_back(draft.key);
    graph::Context context = context_();
    context.cause = "adopted from the shared graph";
    return graph::transact_and_wait(
        store_, std::move(context), std::move(plan),
        [&](graph::Subgraph& subgraph) -> Result<graph::Decision> {
          graph::ChangeSet changes;
          changes.keep_creation = true;
          is_there.assign(drafts.size(), false);
          for (std::size_t at = 0; at < drafts.size(); ++at) {
            is_there[at] = static_cast<bool>(subgraph.find(drafts[at].key));
            if (!is_there[at])
              changes.changes.push_back(
                  {drafts[at].key, graph::encode(drafts[at], subgraph.schema().dictionary())});
          }
          return graph::Decision(std::move(changes));
        });
  }

  Database& database_;
  graph::Store& store_;
  std::function<graph::Context()> context_;
  Adoption& adoption_;
  const graph::FindingSink& sink_;
};

} // namespace

Result<void> adopt(const AdoptionCall& call, bool all_erasures) {
  // Ours first: what is adopted afterwards is as others have it.
  Sweep sweep(call, all_erasures);
  while (TRY(sweep.next())) {
  }
  return adopt_all_roots(call);
}

Result<void> adopt_all_roots(const AdoptionCall& call) {
  return Adopter(call).run();
}

Result<void> adopt_roots(const AdoptionCall& call, const std::string& label,
                         const std::vector<std::string>& keys) {
  return Adopter(call).take(label, keys);
}

} // namespace diffo::neo4j

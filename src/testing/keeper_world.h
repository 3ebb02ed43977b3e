#pragma once

#include "graph/unseen.h"
#include "loop/adopt.h"
#include "loop/expectation_record.h"
#include "loop/residue_keeper.h"
#include "model/model.h"
#include "model/schema.h"
#include "testing/test_store.h"
#include "tmf/import_line.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <condition_variable>
#include <mutex>
#include <set>
#include <string>
#include <vector>

/// For tests of the keeper: a store in which things happen, and what must hold whatever happened.
namespace diffo::testing {

using namespace loop;
using json::Value;

inline constexpr std::int64_t second = 1'000'000;

inline int pick(int below) {
  return *rc::gen::inRange(0, below);
}

template <std::size_t Count> const char* pick_of(const char* const (&choices)[Count]) {
  return choices[pick(static_cast<int>(Count))];
}

inline constexpr const char* sources[] = {"nms", "poller"};

/// A store, and a keeper that follows it.
class World {
public:
  World() {
    store::EmbeddedOptions options = place_.options(model::inventory_schema());
    options.clock = &clock;
    store = store::EmbeddedStore::open(options).value();
    watch_ = store
                 ->watch(1,
                         [this](std::span<const graph::DeltaRef> deltas) {
                           const std::lock_guard held(mutex_);
                           told_.insert(told_.end(), deltas.begin(), deltas.end());
                           changed_.notify_all();
                         })
                 .value();
    keeper.emplace(*store);
    REQUIRE(keeper->begin(sequence(), clock.now()));
    settle();
  }

  graph::Context context() {
    graph::Context context;
    context.now = clock.now().microseconds;
    context.new_id = [this] { return "x" + std::to_string(++ids_); };
    return context;
  }

  /// Puts a record, or erases it when there is no draft.
  void write(const graph::Key& key, const std::optional<graph::RecordDraft>& draft) {
    const auto decide = [&](graph::Subgraph& subgraph) -> Result<graph::Decision> {
      graph::ChangeSet change;
      const graph::RecordRef present = subgraph.find(key);
      if (draft) {
        graph::RecordDraft made = *draft;
        made.key = key;
        if (key.family == model::family_expectation) {
          subgraph.announce(reads_of_target(made));
          TRY(resolve_target(made, present ? present.get() : nullptr, subgraph));
        }
        change.changes.push_back({key, graph::encode(made, subgraph.schema().dictionary())});
      } else if (present) {
        change.changes.push_back({key, {}});
      }
      return graph::Decision(std::move(change));
    };
    if (!draft)
      RC_LOG() << "erase " << key.id << '\n';
    graph::FetchPlan plan{.records = {key}};
    const auto commit = graph::transact_and_wait(*store, context(), plan, decide);
    if (!commit)
      FAIL(commit.error().text());
    clock.advance_microseconds(second);
  }

  void put_instance(std::string_view document, graph::Which which = graph::Which::actual) {
    RC_LOG() << "put " << document << '\n';
    graph::RecordDraft draft = tmf::decode_import_line(json::read(document).value(), {},
                                                       model::inventory_schema(), context())
                                   .value();
    draft.which = which;
    write(graph::Key(draft.key), draft);
  }
  void put_expectation(std::string_view document) {
    RC_LOG() << "put " << document << '\n';
    const graph::RecordDraft draft =
        expectation_draft(json::read(document).value(), context(), model::inventory_schema())
            .value();
    write(graph::Key(draft.key), draft);
  }

  /// Somebody has seen an instance as it is: no commit, no delta.
  void see(const char* id) {
    RC_LOG() << "see " << id << '\n';
    const graph::Key key{0, model::family_service, id};
    if (!find(key))
      return;
    store->note_seen(key, pick_of(sources), clock.now().microseconds);
    seen_.push_back(key);
  }

  /// A source no longer sees an instance, which may mean that it is gone; or sees it again.
  void lose(const char* id) {
    const graph::Key key{0, model::family_service, id};
    const graph::RecordRef record = find(key);
    if (!record)
      return;
    const graph::Dictionary& words = model::inventory_schema().dictionary();
    graph::RecordDraft draft = record->to_draft(words);
    const bool back = graph::unseen_of(draft.root, words) && pick(2) == 0;
    const bool gone = pick(2) == 0;
    RC_LOG() << (back ? "find " : gone ? "miss " : "lose ") << id << '\n';
    graph::set_unseen(draft.root,
                      back ? std::nullopt
                           : std::optional(graph::Unseen{"nms", clock.now().microseconds, gone}),
                      words);
    write(key, draft);
  }

  [[nodiscard]] graph::Sequence sequence() {
    return graph::read_and_wait(*store, {}, {}).value().sequence();
  }

  /// Lets the keeper take all that happened. Falls are written down as the server does it.
  void settle() {
    RC_LOG() << "settle\n";
    for (int rounds = 0; rounds < 100; ++rounds) {
      auto pinned = graph::read_and_wait(*store, {}, {}).value();
      std::vector<graph::DeltaRef> deltas;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] {
          return taken_ >= pinned.sequence() ||
                 (!told_.empty() && told_.back()->sequence >= pinned.sequence());
        });
        std::erase_if(told_, [&](const graph::DeltaRef& delta) {
          if (delta->sequence > taken_ && delta->sequence <= pinned.sequence())
            deltas.push_back(delta);
          return delta->sequence <= pinned.sequence();
        });
      }
      taken_ = std::max(taken_, pinned.sequence());
      keeper->saw(std::exchange(seen_, {}), clock.now());
      const auto round = keeper->run(deltas, pinned.sequence(), clock.now());
      if (!round)
        FAIL(round.error().text());
      for (const ResidueKeeper::Fallen& one : round->fallen)
        write_fall(one);
      if (!keeper->is_busy() && round->fallen.empty())
        return;
    }
    FAIL("the keeper does not come to rest");
  }

  void write_fall(const ResidueKeeper::Fallen& one) {
    const graph::Key key{0, model::family_decision, one.decision};
    const graph::RecordRef record =
        graph::read_and_wait(*store, {}, {.records = {key}}).value().find(key);
    if (!record)
      return;
    Decision decision = stored_decision(*record, model::inventory_schema()).value();
    decision.fallen.emplace(one.leaf, one.fall);
    write(key, decision_draft(decision, 0));
  }

  /// As after a restart: from what was saved, and what was committed since.
  void restart(bool saved_now) {
    RC_LOG() << "restart " << saved_now << '\n';
    if (saved_now || saved_.empty())
      saved_ = keeper->save();
    keeper.emplace(*store);
    const graph::Sequence from = keeper->resume(saved_, sequence()).value();
    std::vector<graph::DeltaRef> missed;
    const auto watch = store
                           ->watch(from + 1,
                                   [&](std::span<const graph::DeltaRef> deltas) {
                                     missed.insert(missed.end(), deltas.begin(), deltas.end());
                                   })
                           .value();
    const auto round = keeper->run(missed, sequence(), clock.now());
    if (!round)
      FAIL(round.error().text());
    for (const ResidueKeeper::Fallen& one : round->fallen)
      write_fall(one);
    settle();
  }

  /// "expectation target address fingerprint" of all leaves, as the keeper has them.
  [[nodiscard]] std::set<std::string> standing() const {
    std::set<std::string> all;
    keeper->index().for_each([&](const TargetResidues& one) {
      for (const Residue& residue : one.residues) {
        if (!residue.error.empty())
          all.insert(residue.expectation.id + " error");
        for (const StandingLeaf& leaf : residue.leaves) {
          CHECK(leaf.since > 0);
          CHECK(leaf.since <= clock.now().microseconds);
          all.insert(residue.expectation.id + ' ' +
                     (is_selector(one.target) ? std::string("-") : one.target.id) + ' ' +
                     leaf.address + ' ' + text_of(leaf.fingerprint));
        }
      }
      return true;
    });
    return all;
  }

  /// The same, evaluated from nothing.
  [[nodiscard]] std::set<std::string> evaluated() {
    std::set<std::string> all;
    auto subgraph = graph::read_and_wait(*store, {}, {}).value();
    for (const auto& [family, which] : {std::pair{model::family_expectation, graph::Which::actual},
                                        {model::family_service, graph::Which::expected}}) {
      graph::Query query;
      query.families = {family};
      query.which = which;
      graph::FetchPlan plan;
      plan.queries.push_back(query);
      auto found = graph::read_and_wait(*store, {}, plan).value();
      const graph::Page page = found.page(0).value();
      for (const graph::RecordRef& record : page.records) {
        EvaluateOptions options;
        options.now = clock.now();
        options.sightings = [this](const graph::KeyView& key) { return store->seen(key).value(); };
        options.explain = outstanding::Explain::yes;
        const auto conclude = [&](graph::Subgraph& here) -> Result<void> {
          const auto document = family == model::family_expectation
                                    ? stored_expectation(*record, here.schema())
                                    : expectation_of_instance(*record, here);
          if (!document) {
            all.insert(record->id() + " error");
            return {};
          }
          const auto residue = TRY(evaluate(*document, here, options));
          for (const TargetResidue& target : residue.targets)
            for (const outstanding::Leaf& leaf : document->expect.leaves_of(target.evaluation))
              all.insert(record->id() + ' ' + (target.id.empty() ? std::string("-") : target.id) +
                         ' ' + leaf.address + ' ' + text_of(fingerprint_of(leaf)));
          return {};
        };
        const auto done = graph::read_in_rounds(*store, {}, {}, nullptr, conclude);
        if (!done)
          FAIL(done.error().text());
      }
    }
    return all;
  }

  /// What of the leaves somebody decided, overrules or contradicts.
  [[nodiscard]] static std::set<std::string> judged(const ResidueIndex& index) {
    std::set<std::string> all;
    index.for_each([&](const TargetResidues& one) {
      for (const Residue& residue : one.residues)
        for (const StandingLeaf& leaf : residue.leaves) {
          if (leaf.approval)
            all.insert(leaf.id.text() + " approved by " + leaf.approval->decision);
          if (leaf.overruled_by)
            all.insert(leaf.id.text() + " overruled by " + leaf.overruled_by->id);
          if (leaf.contradicted_by)
            all.insert(leaf.id.text() + " contradicted by " + leaf.contradicted_by->id);
        }
      return true;
    });
    return all;
  }

  /// Whether what closes the closable leaves of each target does so, and leaves the others.
  void check_closing() {
    auto subgraph = graph::read_and_wait(*store, {}, {}).value();
    keeper->index().for_each([&](const TargetResidues& one) {
      const graph::RecordRef record =
          is_selector(one.target) ? graph::RecordRef() : find(one.target);
      const graph::RecordRef declared = find(one.residues.front().expectation);
      if (record && declared->family() == model::family_expectation)
        check_closing(stored_expectation(*declared, subgraph.schema()).value(), record, subgraph);
      return true;
    });
  }

  void check_closing(const ExpectationDocument& document, const graph::RecordRef& record,
                     graph::Subgraph& subgraph) {
    outstanding::EvaluationContext context;
    context.now = clock.now();
    context.explain = outstanding::Explain::yes;
    context.family = model::inventory_model().family_name(record->family());
    const Value actual = document_of(*record, document.profile, subgraph).value();
    const auto leaves_of = [&](const Value& of) {
      return document.expect.leaves_of(document.expect.evaluate(&of, context).value());
    };
    std::vector<outstanding::Leaf> left;
    std::set<std::string> stays;
    for (outstanding::Leaf& leaf : leaves_of(actual)) {
      if (leaf.closable)
        continue;
      stays.insert(leaf.address);
      if (leaf.category != outstanding::Category::unknown)
        left.push_back(std::move(leaf));
    }
    std::set<std::string> after;
    for (const outstanding::Leaf& leaf :
         leaves_of(closing(document.expect, left, subgraph.schema()).value().apply_to(actual)))
      after.insert(leaf.address);
    RC_LOG() << json::to_text(document.document) << " of " << json::to_text(actual) << '\n';
    RC_ASSERT(after == stays);
  }

  [[nodiscard]] graph::RecordRef find(const graph::Key& key) {
    return graph::read_and_wait(*store, {}, {.records = {key}}).value().find(key);
  }

  /// Approves one of the leaves that stand.
  void approve(int which, std::optional<std::int64_t> until) {
    Decision decision;
    decision.id = "d" + std::to_string(++ids_);
    decision.at = clock.now().microseconds;
    decision.until = until;
    keeper->index().for_each([&](const TargetResidues& one) {
      for (const Residue& residue : one.residues)
        for (const StandingLeaf& leaf : residue.leaves)
          if (which-- == 0)
            decision.leaves.push_back(
                {leaf.id, leaf.fingerprint, residue.expectation, one.target, leaf.address});
      return which >= 0;
    });
    if (!decision.leaves.empty())
      write({0, model::family_decision, decision.id}, decision_draft(decision, 0));
  }

  ManualClock clock{Timestamp{1'800'000'000'000'000}};
  std::unique_ptr<store::EmbeddedStore> store;
  std::optional<ResidueKeeper> keeper;

private:
  store::test::Place place_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<graph::DeltaRef> told_; ///< under the mutex
  std::unique_ptr<graph::Watch> watch_;
  graph::Sequence taken_ = 0;
  std::string saved_;
  std::vector<graph::Key> seen_; ///< and not told
  int ids_ = 0;
};

} // namespace diffo::testing

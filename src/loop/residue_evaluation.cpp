// What stands at one target: all that is expected of it, compared, with the history and approvals
// of each leaf.
#include "loop/residue_keeper.h"

#include "graph/schema.h"
#include "loop/expectation_record.h"
#include "loop/kind_expectation.h"
#include "model/kinds.h"

#include <algorithm>
#include <utility>

namespace diffo::loop {
namespace {

constexpr std::uint32_t most_expectations = 100'000; ///< of one target
constexpr std::size_t versions_back = 64;

/// Of the expectation that a selector is about.
std::optional<graph::Key> expectation_of_selector(const graph::Key& selector) {
  const std::size_t slash = selector.id.find('/');
  if (slash == std::string::npos)
    return std::nullopt;
  return graph::Key(selector.tenant,
                    static_cast<graph::Family>(std::stoul(selector.id.substr(0, slash))),
                    selector.id.substr(slash + 1));
}

/// Whether the target that its filter finds, or that is named, is meant: by kind and key also the
/// kind counts.
bool is_meant(const ExpectationDocument& document, const graph::RecordRef& record,
              const graph::Schema& schema) {
  const auto* by_key = std::get_if<TargetByKey>(&document.target);
  return by_key == nullptr || (record && is_of_kind(*record, by_key->kind, schema.dictionary()));
}

/// What is read of a target before it is known what is expected of it.
graph::FetchPlan plan_for(const graph::Key& target) {
  graph::FetchPlan plan;
  if (is_selector(target))
    return plan;
  plan.records.push_back(target);
  plan.referrers.push_back(
      {.key = target, .kinds = {model::kinds::expects}, .most = most_expectations});
  return plan;
}

void sooner(std::optional<Timestamp>& flip, std::optional<Timestamp> other) {
  if (other && (!flip || *other < *flip))
    flip = other;
}

} // namespace

EvaluateOptions ResidueKeeper::options(const graph::Key& expectation,
                                       outstanding::Explain explain) const {
  EvaluateOptions options;
  options.tenant = expectation.tenant;
  options.now = now_;
  options.explain = explain;
  options.declared_by = expectation.id;
  options.down = down_;
  options.sightings = sightings_in(store_);
  return options;
}

ResidueKeeper::Expected ResidueKeeper::expected_by(const graph::Key& expectation,
                                                   graph::Subgraph& subgraph) {
  subgraph.announce({.records = {expectation}});
  const graph::RecordRef record = subgraph.find(expectation);
  if (!record)
    return {.document = {}, .declared_at = 0, .error = {}};
  return compiled_.of(*record, subgraph);
}

Result<std::set<graph::Key>> ResidueKeeper::expectations_of(const graph::Key& target,
                                                            const graph::RecordRef& record,
                                                            graph::Subgraph& subgraph) {
  std::set<graph::Key> expectations;
  if (is_selector(target)) {
    if (auto expectation = expectation_of_selector(target))
      expectations.insert(*std::move(expectation));
    return expectations;
  }
  subgraph.referrers(target, {model::kinds::expects}, [&](const graph::Referrer& referrer) {
    expectations.insert(referrer.record->key());
    return true;
  });
  registry_->naming(target, expectations);
  if (record)
    registry_->about(*record, expectations);
  return expectations;
}

Result<std::vector<graph::Key>> ResidueKeeper::expectations_about(const graph::Key& target) {
  std::vector<graph::Key> about;
  TRY(read(plan_for(target), nullptr, [&](graph::Subgraph& subgraph) -> Result<void> {
    about.clear();
    const graph::RecordRef record = subgraph.find(target);
    for (const graph::Key& expectation : TRY(expectations_of(target, record, subgraph))) {
      const Expected expected = expected_by(expectation, subgraph);
      if (!expected.document || is_meant(*expected.document, record, subgraph.schema()))
        about.push_back(expectation);
    }
    if (record)
      if (auto by_kind = TRY(kind_expectation_of(*record, subgraph.schema())))
        about.push_back(std::move(by_kind->key));
    return {};
  }));
  return about;
}

/// What of an expectation is not met by one target.
Result<void> ResidueKeeper::compare(Pair& pair, const Target& target, graph::Subgraph& subgraph,
                                    graph::Footprint& read, std::optional<Timestamp>& flip) const {
  const ExpectationDocument& document = *pair.expected.document;
  const InForce force = in_force(document, now_);
  sooner(flip, force.until);
  if (!force.now)
    return {};
  static_cast<void>(subgraph.take_footprint()); // what was read to find the expectation
  auto residue = evaluate_target(document, target, subgraph,
                                 options(pair.expectation, outstanding::Explain::yes));
  if (!subgraph.complete())
    return {}; // it is concluded again
  if (!residue) {
    pair.error = residue.error().text();
    return {};
  }
  graph::Recorder all;
  all.add(read);
  all.add(residue->footprint);
  read = all.take();
  sooner(flip, residue->evaluation.next_flip);
  pair.leaves = document.expect.leaves_of(residue->evaluation);
  pair.residue = std::move(residue->evaluation.residue);
  return {};
}

/// What is expected of something by kind and key, where there is no such thing.
Result<void> ResidueKeeper::compare_with_nothing(Pair& pair, graph::Subgraph& subgraph,
                                                 graph::Footprint& read,
                                                 std::optional<Timestamp>& flip) const {
  const auto targets = targets_of(pair.expected.document->target, subgraph, pair.expectation.tenant,
                                  EvaluateOptions().most_targets);
  if (!targets) {
    pair.error = targets.error().text();
    return {};
  }
  return targets->front().record ? Result<void>() : compare(pair, {}, subgraph, read, flip);
}

/// All that is expected of a target, in the order of the expectations.
Result<std::vector<ResidueKeeper::Pair>> ResidueKeeper::pairs_of(const graph::Key& target,
                                                                 graph::Subgraph& subgraph,
                                                                 graph::RecordRef& record,
                                                                 graph::Footprint& read,
                                                                 std::optional<Timestamp>& flip) {
  record = is_selector(target) ? graph::RecordRef() : subgraph.find(target);
  std::vector<Pair> pairs;
  for (const graph::Key& expectation : TRY(expectations_of(target, record, subgraph))) {
    Pair pair{.expectation = expectation,
              .expected = expected_by(expectation, subgraph),
              .leaves = {},
              .residue = {},
              .error = {}};
    if (pair.expected.error.empty() && !pair.expected.document)
      continue;
    if (is_selector(target)) {
      const auto refused = refused_.find(expectation);
      pair.error = refused != refused_.end() ? refused->second : pair.expected.error;
      if (pair.error.empty() && registry_->is_by_key(expectation))
        TRY(compare_with_nothing(pair, subgraph, read, flip));
    } else if (pair.expected.document &&
               is_meant(*pair.expected.document, record, subgraph.schema())) {
      // Said first: what is seen from here on is either read now or told.
      if (pair.expected.document->fresh_within)
        ask_sightings();
      TRY(compare(pair, {target.id, record, target.family}, subgraph, read, flip));
    }
    pairs.push_back(std::move(pair));
  }
  if (record)
    TRY(add_kind_pair(pairs, {target.id, record, target.family}, subgraph, read, flip));
  return pairs;
}

/// What the kind of a target expects of it, in its place among the others.
Result<void> ResidueKeeper::add_kind_pair(std::vector<Pair>& pairs, const Target& target,
                                          graph::Subgraph& subgraph, graph::Footprint& read,
                                          std::optional<Timestamp>& flip) const {
  auto by_kind = TRY(kind_expectation_of(*target.record, subgraph.schema()));
  if (!by_kind)
    return {};
  Pair pair{.expectation = std::move(by_kind->key),
            .expected = {.document = std::make_shared<const ExpectationDocument>(
                             std::move(by_kind->document)),
                         .declared_at = 0,
                         .error = {}},
            .leaves = {},
            .residue = {},
            .error = {}};
  TRY(compare(pair, target, subgraph, read, flip));
  const auto place = std::find_if(pairs.begin(), pairs.end(), [&pair](const Pair& one) {
    return pair.expectation < one.expectation;
  });
  pairs.insert(place, std::move(pair));
  return {};
}

/// Some at a time, so that a store that is far away is asked once for all of them.
Result<void> ResidueKeeper::evaluate(const std::map<graph::Key, Touches>& touched, Round& round) {
  constexpr std::size_t at_once = 64;
  constexpr std::size_t between_pauses = 256;
  std::vector<Evaluated> some;
  some.reserve(at_once);
  std::size_t left = touched.size();
  for (const auto& [target, touches] : touched) {
    some.push_back({.target = target,
                    .touches = touches,
                    .pairs = {},
                    .read_beside = {},
                    .flip = {},
                    .standing = {}});
    if (--left != 0 && some.size() < at_once)
      continue;
    TRY(evaluate(some, round));
    some.clear();
    if (pause_ && (touched.size() - left) % between_pauses == 0)
      pause_();
  }
  return {};
}

Result<void> ResidueKeeper::evaluate(std::span<Evaluated> some, Round& round) {
  graph::FetchPlan plan;
  for (const Evaluated& one : some)
    plan.extend(plan_for(one.target));
  graph::Recorder recorder;
  auto done = read(std::move(plan), &recorder, [&](graph::Subgraph& subgraph) -> Result<void> {
    for (Evaluated& one : some)
      TRY(find_out(one, subgraph));
    return {};
  });
  if (!done && some.size() == 1)
    return done;
  if (!done) { // it may have been too much together
    for (std::size_t at = 0; at < some.size(); ++at)
      TRY(evaluate(some.subspan(at, 1), round));
    return {};
  }
  for (Evaluated& one : some)
    conclude(one, round);
  return {};
}

Result<void> ResidueKeeper::find_out(Evaluated& one, graph::Subgraph& subgraph) {
  one.read_beside = {};
  one.flip.reset();
  graph::RecordRef record;
  one.pairs = TRY(pairs_of(one.target, subgraph, record, one.read_beside, one.flip));
  one.standing = TRY(standing(one.target, one.pairs, record, one.touches, subgraph));
  return settle_contradictions(one.standing, one.pairs, record, subgraph, one.read_beside,
                               one.flip);
}

void ResidueKeeper::conclude(Evaluated& one, Round& round) {
  ++evaluations_;
  note_unknown(one.target, one.pairs);
  approve(one.standing, one.flip);
  dependents_.put({Dependent::What::target, one.target}, one.read_beside);
  set_flip(one.target, one.flip);
  const TargetResiduesRef before = index_.find(one.target);
  if (!before && one.standing.residues.empty())
    return;
  if (before && before->residues == one.standing.residues)
    return;
  round.changed = true;
  round.targets.push_back(one.target);
  put(std::move(one.standing));
}

/// Remembers a target that nobody has seen for too long.
void ResidueKeeper::note_unknown(const graph::Key& target, const std::vector<Pair>& pairs) {
  const bool is_unknown = std::any_of(pairs.begin(), pairs.end(), [](const Pair& pair) {
    return pair.leaves.size() == 1 && pair.leaves.front().address.empty() &&
           pair.leaves.front().category == outstanding::Category::unknown;
  });
  if (is_unknown)
    unknown_.insert(target);
  else
    unknown_.erase(target);
}

/// Keeps what stands of a target, as far as there is room for it.
void ResidueKeeper::put(TargetResidues standing) {
  if (const TargetResiduesRef before = index_.find(standing.target))
    for (const Residue& residue : before->residues)
      leaves_ -= residue.leaves.size();
  for (Residue& residue : standing.residues) {
    if (leaves_ + residue.leaves.size() > most_leaves_) {
      residue.error =
          std::to_string(residue.leaves.size()) + " leaves are outstanding, and of all " +
          "expectations together no more than " + std::to_string(most_leaves_) + " are kept";
      residue.leaves.clear();
    }
    leaves_ += residue.leaves.size();
  }
  index_.put(standing);
}

Result<TargetResidues> ResidueKeeper::standing(const graph::Key& target,
                                               const std::vector<Pair>& pairs,
                                               const graph::RecordRef& record,
                                               const Touches& touches, graph::Subgraph& subgraph) {
  const TargetResiduesRef before = index_.find(target);
  TargetResidues standing{.target = target, .residues = {}};
  for (const Pair& pair : pairs) {
    if (pair.leaves.empty() && pair.error.empty())
      continue;
    Residue residue{.expectation = pair.expectation,
                    .target = target,
                    .revision = at_,
                    .leaves = {},
                    .error = pair.error};
    const Residue* earlier = before ? before->find(pair.expectation) : nullptr;
    const auto known = leaves_by_id(earlier);
    std::vector<Fresh> fresh;
    residue.leaves.reserve(pair.leaves.size()); // `fresh` points there
    for (const outstanding::Leaf& leaf : pair.leaves) {
      StandingLeaf& kept = residue.leaves.emplace_back();
      kept.id = leaf_id(pair.expectation, target, leaf.address);
      kept.fingerprint = fingerprint_of(leaf);
      kept.address = leaf.address;
      kept.category = leaf.category;
      kept.closable = leaf.closable;
      if (const auto same = known.find(kept.id);
          same != known.end() && same->second->fingerprint == kept.fingerprint)
        kept.since = same->second->since;
      else
        fresh.push_back({&kept, leaf.place.id == target.id});
    }
    if (!fresh.empty())
      date(pair, fresh, target, record, touches, subgraph);
    if (earlier != nullptr && earlier->same_as(residue))
      residue.revision = earlier->revision;
    standing.residues.push_back(std::move(residue));
  }
  return standing;
}

/// Of the leaves those that were the same at an earlier version of the target.
void ResidueKeeper::keep_those_at(const graph::RecordRef& version, const Pair& pair,
                                  const graph::Key& target, graph::Subgraph& subgraph,
                                  std::vector<StandingLeaf*>& leaves) const {
  const auto residue =
      evaluate_target(*pair.expected.document, {target.id, version, target.family}, subgraph,
                      options(pair.expectation, outstanding::Explain::yes));
  std::set<std::pair<LeafId, Fingerprint>> stood;
  if (residue)
    for (const outstanding::Leaf& leaf :
         pair.expected.document->expect.leaves_of(residue->evaluation))
      stood.emplace(leaf_id(pair.expectation, target, leaf.address), fingerprint_of(leaf));
  std::erase_if(leaves, [&stood](const StandingLeaf* leaf) {
    return !stood.contains({leaf->id, leaf->fingerprint});
  });
}

/// Sets since when leaves are what they are: the last change that made them so, of those that led
/// here as far back as they were the same; else, of an expectation that is looked at for the first
/// time, of the target's versions. Never before the expectation was declared as it is. A version is
/// evaluated once, whatever the number of leaves.
void ResidueKeeper::date(const Pair& pair, const std::vector<Fresh>& fresh,
                         const graph::Key& target, const graph::RecordRef& record,
                         const Touches& touches, graph::Subgraph& subgraph) const {
  const std::int64_t declared = pair.expected.declared_at;
  std::vector<StandingLeaf*> open; // those that may have been the same before
  for (const Fresh& one : fresh)
    if (one.own)
      open.push_back(one.leaf);
  const auto set = [&](std::int64_t time, const auto& leaves, const auto& leaf_of) {
    for (const auto& one : leaves)
      leaf_of(one)->since = std::max(time, declared);
  };
  const auto of_fresh = [](const Fresh& one) { return one.leaf; };
  const auto itself = [](StandingLeaf* leaf) { return leaf; };
  const Touch* last = nullptr;
  for (auto touch = touches.rbegin(); touch != touches.rend(); ++touch) {
    if (touch->time == 0 || (touch->about && *touch->about != pair.expectation))
      continue;
    if (last == nullptr) {
      set(touch->time, fresh, of_fresh);
    } else {
      if (open.empty() || !last->own)
        break;
      keep_those_at(last->before, pair, target, subgraph, open);
      set(touch->time, open, itself);
    }
    last = &*touch;
  }
  if (last != nullptr)
    return;
  const std::int64_t changed = record ? record->updated_at() : 0;
  set(changed, fresh, of_fresh);
  if (open.empty() || changed <= declared)
    return;
  const auto versions = store_.history(target, record->sequence(), versions_back);
  for (std::size_t at = 0; versions && at < versions->size() && !open.empty(); ++at) {
    const graph::RecordRef& version = (*versions)[at].record;
    if (!version)
      break;
    keep_those_at(version, pair, target, subgraph, open);
    set(version->updated_at(), open, itself);
    if (version->updated_at() <= declared)
      break;
  }
}

/// Gives leaves the approvals that hold; those that do not fall, and stay so.
void ResidueKeeper::approve(TargetResidues& standing, std::optional<Timestamp>& flip) {
  const auto approved = approved_at_.find(standing.target);
  if (approved == approved_at_.end())
    return;
  std::map<LeafId, StandingLeaf*> leaves;
  for (Residue& residue : standing.residues)
    for (StandingLeaf& leaf : residue.leaves)
      leaves.emplace(leaf.id, &leaf);
  for (auto one = approved->second.begin(); one != approved->second.end();) {
    const auto found = approvals_.find(*one);
    const auto stands = leaves.find(*one);
    StandingLeaf* leaf = stands != leaves.end() ? stands->second : nullptr;
    const bool gone = found == approvals_.end();
    std::string why;
    if (!gone) {
      const Approval& approval = *found->second;
      if (approval.until && *approval.until <= now_.microseconds)
        why = "its time is over";
      else if (leaf == nullptr)
        why = "nothing is outstanding there any more";
      else if (leaf->fingerprint != approval.fingerprint)
        why = "what is expected or what is there has changed";
    }
    if (gone || !why.empty()) {
      if (!gone) {
        fall(*found->second, *one, standing.target.tenant, {now_.microseconds, std::move(why)});
        approvals_.erase(found);
      }
      one = approved->second.erase(one);
      continue;
    }
    leaf->approval = found->second;
    if (found->second->until)
      sooner(flip, Timestamp{*found->second->until});
    ++one;
  }
  if (approved->second.empty())
    approved_at_.erase(approved);
}

} // namespace diffo::loop

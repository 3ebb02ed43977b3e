// What is different between two publications, and what stands at one, as events.
#include "base/time.h"
#include "loop/decision_record.h"
#include "loop/task_record.h"
#include "model/schema.h"
#include "server/surfaces/evaluate_options.h"
#include "server/surfaces/stream_event.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace diffo::server {
namespace {

using json::Object;
using json::Value;

constexpr std::size_t most_keys = 1000;
constexpr std::size_t piece_bytes = std::size_t{48} << 10U;
/// So that a filter which finds little does not keep others waiting.
constexpr std::size_t targets_at_once = 20'000;

/// The residue of an expectation at a target that counts at one publication, or null.
const loop::Residue* residue_at(const loop::Standing& standing, const loop::TargetResidues* target,
                                const graph::Key& expectation) {
  if (target == nullptr || standing.establishing->contains(expectation))
    return nullptr;
  return target->find(expectation);
}

/// What became of a leaf that stands; null when nothing did.
const char* change_of(const loop::StandingLeaf* before, const loop::StandingLeaf& now) {
  if (before == nullptr)
    return "opened";
  if (*before == now)
    return nullptr;
  loop::StandingLeaf undecided = now;
  undecided.approval = before->approval;
  return undecided == *before ? "decided" : "changed";
}

bool is_outstanding(const loop::Residue* residue) {
  return residue != nullptr && residue->is_outstanding();
}

/// The targets of which something may be different, also where only what counts is: an expectation
/// is, or is no longer, being established. Nothing when there are too many.
std::optional<std::vector<graph::Key>> targets_of(const loop::Publication& publication) {
  std::set<graph::Key> targets(publication.targets.begin(), publication.targets.end());
  const auto& before = *publication.before->establishing;
  const auto& now = *publication.now->establishing;
  std::vector<graph::Key> other;
  std::set_symmetric_difference(before.begin(), before.end(), now.begin(), now.end(),
                                std::back_inserter(other));
  const auto add = [&](const loop::TargetResidues& one) {
    for (const loop::Residue& residue : one.residues)
      if (std::binary_search(other.begin(), other.end(), residue.expectation))
        targets.insert(one.target);
    return targets.size() <= StreamWriter::most_targets;
  };
  if (!other.empty()) {
    publication.before->index->for_each(add);
    publication.now->index->for_each(add);
  }
  if (targets.size() > StreamWriter::most_targets)
    return std::nullopt;
  return std::vector<graph::Key>(targets.begin(), targets.end());
}

StreamSubject subject_of(ResidueRows& rows, const loop::Residue& residue) {
  const ExpectationFacts& facts = rows.facts_of(residue.expectation);
  StreamSubject subject{.expectation = residue.expectation.id,
                        .target = {},
                        .family = {},
                        .kind = rows.kind_of(residue.target),
                        .owner = facts.owner,
                        .side = facts.side,
                        .mode = facts.mode};
  if (!loop::is_selector(residue.target)) {
    subject.target = residue.target.id;
    subject.family = residue.target.family == model::family_service ? "service" : "resource";
  }
  return subject;
}

/// A leaf as lists show it, behind what became of it.
Object leaf_data(std::string_view change, const Object& view) {
  Object data{{"id", *view.find("id")}, {"change", change}};
  for (const json::Member& member : view)
    if (member.name != "id")
      data.append(member.name, member.value);
  return data;
}

} // namespace

StreamWriter::StreamWriter(Services& services)
    : services_(services), mark_(services.uuids.random().text()) {}

std::vector<std::string> StreamWriter::cut(const Value& data) const {
  const std::string text = json::to_text(data);
  std::vector<std::string> pieces;
  std::size_t begin = 0;
  for (std::size_t at = text.find(mark_); at != std::string::npos; at = text.find(mark_, begin)) {
    pieces.push_back(text.substr(begin, at - begin));
    begin = at + mark_.size();
  }
  pieces.push_back(text.substr(begin));
  return pieces;
}

/// What a decision or a task has become; of other records nothing.
void StreamWriter::add_decided(const graph::Record& record, const graph::Schema& schema,
                               Events& events) const {
  std::optional<Value> data;
  StreamKind kind = StreamKind::decision;
  if (record.family() == model::family_decision) {
    if (const auto decision = loop::stored_decision(record, schema))
      data = loop::decision_document(*decision, schema);
  } else if (record.family() == model::family_task) {
    kind = StreamKind::task;
    if (const auto task = loop::stored_task(record, schema))
      data = loop::task_document(*task, schema, mark_);
  }
  if (!data)
    return;
  StreamEvent& event = events.emplace_back();
  event.kind = kind;
  event.tenant = record.tenant();
  event.data = cut(*data);
}

/// The commit, for each tenant of whose records it changed some, and the decisions and tasks in it.
void StreamWriter::add_commit(const graph::Delta& commit, const graph::Schema& schema,
                              Events& events) const {
  struct Told {
    json::Array keys;
    std::int64_t more = 0;
  };
  std::map<graph::Tenant, Told> tenants;
  Events decided;
  for (const graph::Delta::Change& change : commit.changes) {
    Told& told = tenants[change.key.tenant];
    if (told.keys.size() >= most_keys) {
      ++told.more;
    } else {
      const auto* family = schema.family(change.key.family);
      told.keys.emplace_back(
          Object{{"family", family != nullptr ? family->name : std::to_string(change.key.family)},
                 {"id", change.key.id},
                 {"change", !change.before ? "created"
                            : change.after ? "changed"
                                           : "erased"}});
    }
    if (change.after)
      add_decided(*change.after, schema, decided);
  }
  for (auto& [tenant, told] : tenants) {
    Object data{{"sequence", static_cast<std::int64_t>(commit.sequence)},
                {"time", text_of_microseconds(Timestamp{commit.time})}};
    if (!commit.actor.empty())
      data.append("actor", commit.actor);
    data.append("cause", commit.cause);
    data.append("keys", std::move(told.keys));
    if (told.more > 0)
      data.append("more", told.more);
    StreamEvent& event = events.emplace_back();
    event.tenant = tenant;
    event.data = cut(data);
  }
  std::move(decided.begin(), decided.end(), std::back_inserter(events));
}

/// Leaves that are closed, and residues of which nothing is left.
void StreamWriter::add_gone(const loop::Publication& publication,
                            const std::vector<graph::Key>& targets, graph::Subgraph& before,
                            Events& events) const {
  for (const graph::Key& target : targets) {
    const auto was = publication.before->index->find(target);
    const auto is = publication.now->index->find(target);
    if (!was)
      continue;
    ResidueRows rows(*publication.before, target.tenant, before);
    for (const loop::Residue& old : was->residues) {
      if (publication.before->establishing->contains(old.expectation))
        continue;
      const loop::Residue* now = residue_at(*publication.now, is.get(), old.expectation);
      const auto standing = loop::leaves_by_id(now);
      for (const loop::StandingLeaf& leaf : old.leaves) {
        if (events.size() > most_events)
          return;
        if (standing.contains(leaf.id))
          continue;
        StreamEvent& event = events.emplace_back();
        event.kind = StreamKind::leaf;
        event.tenant = target.tenant;
        event.subject = subject_of(rows, old);
        event.leaves = {leaf};
        event.data = cut(Object{{"id", leaf.id.text()},
                                {"change", "closed"},
                                {"expectation", old.expectation.id},
                                {"target", rows.target_view(old, mark_)},
                                {"address", leaf.address},
                                {"category", outstanding::name_of(leaf.category)}});
      }
      if (now != nullptr || !old.is_outstanding())
        continue;
      const loop::Residue nothing{.expectation = old.expectation,
                                  .target = target,
                                  .revision = publication.now->sequence,
                                  .leaves = {},
                                  .error = {}};
      Object data = rows.residue_view(nothing, mark_);
      data.erase("since");
      StreamEvent& event = events.emplace_back();
      event.kind = StreamKind::residue;
      event.tenant = target.tenant;
      event.subject = subject_of(rows, old);
      event.leaves = old.leaves;
      event.data = cut(data);
    }
  }
}

/// Leaves that are new or different, and residues that are now outstanding, or no longer.
void StreamWriter::add_present(const loop::Publication& publication,
                               const std::vector<graph::Key>& targets, graph::Subgraph& now,
                               Events& events) const {
  for (const graph::Key& target : targets) {
    const auto was = publication.before->index->find(target);
    const auto is = publication.now->index->find(target);
    if (!is)
      continue;
    ResidueRows rows(*publication.now, target.tenant, now);
    const auto options = options_at(services_, *publication.now, target.tenant);
    for (const loop::Residue& residue : is->residues) {
      if (publication.now->establishing->contains(residue.expectation))
        continue;
      const loop::Residue* old = residue_at(*publication.before, was.get(), residue.expectation);
      const auto stood = loop::leaves_by_id(old);
      for (const loop::StandingLeaf& leaf : residue.leaves) {
        if (events.size() > most_events)
          return;
        const auto found = stood.find(leaf.id);
        const loop::StandingLeaf* earlier = found != stood.end() ? found->second : nullptr;
        const char* change = change_of(earlier, leaf);
        if (change == nullptr)
          continue;
        StreamEvent& event = events.emplace_back();
        event.kind = StreamKind::leaf;
        event.tenant = target.tenant;
        event.subject = subject_of(rows, residue);
        event.leaves = {leaf};
        if (earlier != nullptr)
          event.leaves.push_back(*earlier);
        event.data = cut(leaf_data(change, rows.leaf_view(residue, leaf, mark_, options)));
      }
      if (is_outstanding(old) == residue.is_outstanding())
        continue;
      StreamEvent& event = events.emplace_back();
      event.kind = StreamKind::residue;
      event.tenant = target.tenant;
      event.subject = subject_of(rows, residue);
      event.leaves = residue.leaves;
      if (old != nullptr)
        event.leaves.insert(event.leaves.end(), old->leaves.begin(), old->leaves.end());
      event.data = cut(rows.residue_view(residue, mark_));
    }
  }
}

Result<std::optional<std::vector<StreamEvent>>>
StreamWriter::events_of(const loop::Publication& publication) {
  const auto untold = std::optional<Events>();
  if (publication.anew || !publication.before)
    return untold;
  const auto targets = targets_of(publication);
  if (!targets)
    return untold;
  Events events;
  for (const graph::DeltaRef& commit : publication.commits)
    add_commit(*commit, publication.now->pinned->schema(), events);
  if (targets->empty())
    return std::optional(std::move(events));
  Events found; // a conclusion may be drawn again
  TRY(graph::read_in_rounds(services_.store, {.at = publication.before->sequence}, {}, nullptr,
                            [&](graph::Subgraph& before) -> Result<void> {
                              found.clear();
                              add_gone(publication, *targets, before, found);
                              return {};
                            }));
  if (found.size() > most_events)
    return untold;
  std::move(found.begin(), found.end(), std::back_inserter(events));
  TRY(graph::read_in_rounds(services_.store, {.at = publication.now->sequence}, {}, nullptr,
                            [&](graph::Subgraph& now) -> Result<void> {
                              found.clear();
                              add_present(publication, *targets, now, found);
                              return {};
                            }));
  if (found.size() > most_events)
    return untold;
  std::move(found.begin(), found.end(), std::back_inserter(events));
  return std::optional(std::move(events));
}

StreamState::StreamState(Services& services, loop::StandingRef standing, const StreamFilter& filter,
                         std::string origin)
    : services_(services), standing_(std::move(standing)), filter_(filter),
      origin_(std::move(origin)) {}

Result<bool> StreamState::next(std::string& out) {
  if (!filter_.takes(StreamKind::leaf) || place_.part == loop::ResidueIndex::part_count)
    return false;
  Place reached;
  std::string piece;
  TRY(graph::read_in_rounds(services_.store, {.at = standing_->sequence}, {}, nullptr,
                            [&](graph::Subgraph& subgraph) -> Result<void> {
                              piece.clear();
                              reached = append_from(place_, subgraph, piece);
                              return {};
                            }));
  place_ = reached;
  leaves_ = reached.leaves;
  out += piece;
  return place_.part < loop::ResidueIndex::part_count;
}

/// What follows a place, up to a piece; and the place behind that.
StreamState::Place StreamState::append_from(Place place, graph::Subgraph& subgraph,
                                            std::string& out) const {
  ResidueRows rows(*standing_, filter_.tenant, subgraph);
  const auto options = options_at(services_, *standing_, filter_.tenant);
  std::size_t seen = 0;
  for (; place.part < loop::ResidueIndex::part_count; ++place.part, place.target = 0) {
    std::size_t at = 0;
    bool is_full = false;
    standing_->index->for_each_in(place.part, [&](const loop::TargetResidues& one) {
      is_full = is_full || out.size() >= piece_bytes || seen >= targets_at_once;
      if (at++ < place.target || is_full)
        return;
      ++seen;
      ++place.target;
      for (const loop::Residue& residue : one.residues) {
        if (!rows.fits(filter_.residues, residue))
          continue;
        for (const loop::StandingLeaf& leaf : residue.leaves) {
          if (!ResidueRows::fits(filter_.residues, leaf))
            continue;
          ++place.leaves;
          append_stream_event(
              out, "leaf", {},
              json::to_text(leaf_data("stands", rows.leaf_view(residue, leaf, origin_, options))));
        }
      }
    });
    if (is_full)
      return place;
  }
  return place;
}

} // namespace diffo::server

#include "server/surfaces/residue_rows.h"

#include "base/dates.h"
#include "base/time.h"
#include "base/url_text.h"
#include "graph/unseen.h"
#include "loop/expectation_record.h"
#include "loop/kind_expectation.h"
#include "loop/targets.h"
#include "loop/task_record.h"
#include "model/model.h"
#include "model/schema.h"
#include "model/words.h"
#include "outstanding/leaf.h"
#include "rules/enforce.h"

#include <algorithm>
#include <array>
#include <utility>

namespace diffo::server {
namespace {

using json::Value;

Result<std::optional<bool>> flag_in(const Parameters& parameters, std::string_view name) {
  if (!parameters.has(name))
    return std::optional<bool>();
  return std::optional(TRY(parameters.flag(name)));
}

Result<std::optional<std::int64_t>> moment_in(const Parameters& parameters, std::string_view name) {
  if (!parameters.has(name))
    return std::optional<std::int64_t>();
  const auto instants = parse_instants(parameters.text(name));
  if (!instants)
    return Error{ErrorCode::invalid, std::string(name) + ": must be a date or a date-time"};
  return std::optional(instants->from);
}

/// One of a few words, or nothing.
template <std::size_t Count>
Result<std::string> word_in(const Parameters& parameters, std::string_view name,
                            const std::array<std::string_view, Count>& words) {
  const std::string given(parameters.text(name));
  if (!parameters.has(name) || std::find(words.begin(), words.end(), given) != words.end())
    return given;
  std::string allowed;
  for (const std::string_view word : words)
    allowed += (allowed.empty() ? "" : ", ") + std::string(word);
  return Error{ErrorCode::invalid, std::string(name) + ": must be one of " + allowed};
}

Value moment(std::int64_t microseconds) {
  return text_of(Timestamp{microseconds});
}

json::Value decision_view(const loop::Approval& approval) {
  json::Object view{{"id", approval.decision}, {"decision", "approve"}};
  if (!approval.by.empty())
    view.append("by", approval.by);
  if (!approval.reason.empty())
    view.append("reason", approval.reason);
  if (approval.until)
    view.append("until", moment(*approval.until));
  return view;
}

} // namespace

Result<ResidueFilter> read_residue_filter(const Parameters& parameters) {
  constexpr std::array<std::string_view, 2> families{"service", "resource"};
  constexpr std::array<std::string_view, 2> sides{"consumer", "provider"};
  constexpr std::array<std::string_view, 3> modes{"observe", "propose", "act"};
  constexpr std::array<std::string_view, 4> categories{"missing", "misaligned", "undesired",
                                                       "unknown"};
  ResidueFilter filter;
  filter.expectation = parameters.text("expectation");
  filter.target = parameters.text("target");
  filter.family = TRY(word_in(parameters, "family", families));
  filter.kind = parameters.text("kind");
  filter.owner = parameters.text("owner");
  filter.side = TRY(word_in(parameters, "side", sides));
  filter.mode = TRY(word_in(parameters, "mode", modes));
  filter.path = parameters.text("path");
  filter.category = outstanding::category_of(TRY(word_in(parameters, "category", categories)));
  filter.since_before = TRY(moment_in(parameters, "since.lt"));
  filter.since_after = TRY(moment_in(parameters, "since.gt"));
  filter.approved = TRY(flag_in(parameters, "approved"));
  filter.outstanding = TRY(flag_in(parameters, "outstanding"));
  return filter;
}

const ExpectationFacts& ResidueRows::facts_of(const graph::Key& expectation) {
  const auto [known, fresh] = facts_.try_emplace(expectation);
  if (!fresh)
    return known->second;
  ExpectationFacts& facts = known->second;
  facts.side = "consumer";
  facts.mode = "observe";
  if (loop::is_kind_expectation(expectation)) {
    facts.name = loop::kind_of_expectation(expectation);
    facts.side = "provider";
    return facts;
  }
  subgraph_.announce({.records = {expectation}});
  const graph::RecordRef record = subgraph_.find(expectation);
  if (!record)
    return facts;
  if (expectation.family != model::family_expectation) {
    const graph::ElementView root = record->root(subgraph_.schema().dictionary());
    if (const graph::ValueView name = root.field(model::words::name))
      facts.name = name.text();
    return facts;
  }
  const Value document = loop::expectation_document(*record, subgraph_.schema());
  facts.name = document.text_of("name");
  facts.owner = document.text_of("owner");
  for (auto& [member, text] : {std::pair("side", &facts.side), {"mode", &facts.mode}})
    if (const std::string_view given = document.text_of(member); !given.empty())
      *text = given;
  if (const Value* target = document.find("target"))
    facts.target = *target;
  return facts;
}

std::string ResidueRows::kind_of(const graph::Key& target) {
  if (loop::is_selector(target))
    return {};
  const auto [known, fresh] = kinds_.try_emplace(target);
  if (!fresh)
    return known->second;
  subgraph_.announce({.records = {target}});
  const graph::RecordRef record = subgraph_.find(target);
  if (!record)
    return {};
  const graph::Schema& schema = subgraph_.schema();
  if (const model::DeclaredKind* kind = rules::kind_of(model::model_of(schema), *record))
    return known->second = kind->name;
  graph::for_each_edge(record->root(schema.dictionary()), [&](const graph::ElementView& edge) {
    if (edge.kind() != model::kinds::specification_reference || !known->second.empty())
      return;
    const graph::ValueView name = edge.field(model::words::name);
    known->second =
        name && name.kind() == json::Kind::string ? name.text() : edge.target_id().text();
  });
  return known->second;
}

bool ResidueRows::fits(const ResidueFilter& filter, const loop::Residue& residue) {
  if (residue.target.tenant != tenant_ || standing_.establishing->contains(residue.expectation) ||
      (!filter.expectation.empty() && residue.expectation.id != filter.expectation))
    return false;
  const bool named = !loop::is_selector(residue.target);
  if (!filter.target.empty() && !(named && residue.target.id == filter.target))
    return false;
  if (!filter.family.empty() &&
      residue.target.family !=
          (filter.family == "service" ? model::family_service : model::family_resource))
    return false;
  if (!filter.owner.empty() && facts_of(residue.expectation).owner != filter.owner)
    return false;
  if (!filter.side.empty() && facts_of(residue.expectation).side != filter.side)
    return false;
  if (!filter.mode.empty() && facts_of(residue.expectation).mode != filter.mode)
    return false;
  return filter.kind.empty() || kind_of(residue.target) == filter.kind;
}

bool ResidueRows::fits(const ResidueFilter& filter, const loop::StandingLeaf& leaf) {
  return (!filter.category || leaf.category == *filter.category) &&
         outstanding::lies_in(leaf.address, filter.path) &&
         (!filter.since_before || leaf.since < *filter.since_before) &&
         (!filter.since_after || leaf.since > *filter.since_after) &&
         (!filter.approved || static_cast<bool>(leaf.approval) == *filter.approved) &&
         (!filter.outstanding || leaf.is_open() == *filter.outstanding);
}

void ResidueRows::for_each_place(const ResidueFilter& filter, bool leaves,
                                 const PlaceVisit& visit) {
  const auto add = [&](loop::ResidueIndex::Place target, const loop::TargetResidues& one) {
    for (std::uint32_t at = 0; at < one.residues.size(); ++at) {
      const loop::Residue& residue = one.residues[at];
      if (!fits(filter, residue))
        continue;
      bool any =
          !residue.error.empty() && !filter.asks_leaves() && filter.outstanding.value_or(true);
      for (std::uint32_t leaf = 0; leaf < residue.leaves.size(); ++leaf)
        if (const loop::StandingLeaf& found = residue.leaves[leaf]; fits(filter, found)) {
          any = true;
          if (leaves)
            visit({found.since, found.id, target, at, leaf}, residue);
        }
      if (any && !leaves)
        visit({residue.since(), loop::leaf_id(residue.expectation, residue.target, {}), target, at},
              residue);
    }
    return true;
  };
  if (filter.target.empty())
    return standing_.index->for_each_place(add);
  for (const graph::Family family : {model::family_service, model::family_resource})
    if (const auto place = standing_.index->place_of({tenant_, family, filter.target}))
      add(place, *loop::ResidueIndex::at(place));
}

std::vector<ResidueRows::Place> ResidueRows::choose(const ResidueFilter& filter, bool leaves) {
  std::vector<Place> places;
  for_each_place(filter, leaves,
                 [&places](const Place& place, const loop::Residue&) { places.push_back(place); });
  std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
    return std::pair(a.since, a.id) < std::pair(b.since, b.id);
  });
  return places;
}

ResidueRows::Row ResidueRows::row_at(const Place& place) {
  loop::TargetResiduesRef& opened = opened_[place.target];
  if (!opened)
    opened = loop::ResidueIndex::at(place.target);
  const loop::Residue& residue = opened->residues[place.residue];
  return {&residue, place.leaf == Place::whole ? nullptr : &residue.leaves[place.leaf], place.since,
          place.id};
}

void ResidueRows::for_each_leaf(const ResidueFilter& filter,
                                const std::function<void(const Row&)>& visit) {
  for_each_place(filter, true, [&visit](const Place& place, const loop::Residue& residue) {
    visit({&residue, &residue.leaves[place.leaf], place.since, place.id});
  });
}

Value ResidueRows::target_view(const loop::Residue& residue, const std::string& origin) {
  const graph::Key& target = residue.target;
  if (loop::is_selector(target)) {
    const ExpectationFacts& facts = facts_of(residue.expectation);
    return facts.target.is_object() ? facts.target : Value(json::Object{});
  }
  const bool service = target.family == model::family_service;
  json::Object view{{"id", target.id}, {"family", service ? "service" : "resource"}};
  if (std::string kind = kind_of(target); !kind.empty())
    view.append("kind", std::move(kind));
  std::string href = origin + "/tmf-api/" +
                     (service ? "serviceInventory/v5/service/" : "resourceInventory/v5/resource/");
  append_percent_encoded(href, target.id);
  view.append("href", std::move(href));
  return view;
}

json::Object ResidueRows::residue_view(const loop::Residue& residue, const std::string& origin) {
  const ExpectationFacts& facts = facts_of(residue.expectation);
  json::Object view{{"expectation", residue.expectation.id}};
  if (!facts.name.empty())
    view.append("name", facts.name);
  view.append("target", target_view(residue, origin));
  if (!facts.owner.empty())
    view.append("owner", facts.owner);
  view.append("side", facts.side);
  view.append("mode", facts.mode);
  view.append("revision", static_cast<std::int64_t>(residue.revision));
  if (!residue.error.empty())
    view.append("error", residue.error);
  else
    view.append("since", moment(residue.since()));
  std::map<outstanding::Category, std::int64_t> counts;
  std::int64_t approved = 0;
  std::int64_t overruled = 0;
  for (const loop::StandingLeaf& leaf : residue.leaves) {
    ++counts[leaf.category];
    approved += leaf.approval ? 1 : 0;
    overruled += leaf.overruled_by ? 1 : 0;
  }
  json::Object shown;
  for (const outstanding::Category category :
       {outstanding::Category::missing, outstanding::Category::misaligned,
        outstanding::Category::undesired, outstanding::Category::unknown})
    shown.append(std::string(outstanding::name_of(category)), counts[category]);
  shown.append("approved", approved);
  shown.append("overruled", overruled);
  view.append("counts", std::move(shown));
  view.append("outstanding", residue.is_outstanding());
  return view;
}

/// Nothing of what is gone by now, or cannot be read.
std::optional<loop::ExpectationDocument> ResidueRows::document_of(const loop::Residue& residue) {
  if (loop::is_kind_expectation(residue.expectation)) {
    const graph::RecordRef target = subgraph_.find(residue.target);
    if (!target)
      return std::nullopt;
    auto by_kind = loop::kind_expectation_of(*target, subgraph_.schema());
    if (!by_kind || !*by_kind)
      return std::nullopt;
    return std::move((*by_kind)->document);
  }
  const graph::RecordRef record = subgraph_.find(residue.expectation);
  if (!record)
    return std::nullopt;
  auto document = loop::expectation_of(*record, subgraph_);
  return document ? std::optional(*std::move(document)) : std::nullopt;
}

std::optional<ResidueRows::Detail> ResidueRows::evaluated(const loop::Residue& residue,
                                                          const loop::EvaluateOptions& options) {
  const graph::Key& expectation = residue.expectation;
  graph::FetchPlan plan{.records = {expectation}};
  if (!loop::is_selector(residue.target))
    plan.records.push_back(residue.target);
  subgraph_.announce(plan);
  auto document = document_of(residue);
  if (!document)
    return std::nullopt;
  Detail detail{*std::move(document), {}, {}};
  loop::Target target;
  if (!loop::is_selector(residue.target))
    target = {residue.target.id, subgraph_.find(residue.target), residue.target.family};
  if (target.record && !graph::is_gone(target.record->root(subgraph_.schema().dictionary())))
    detail.target = target.record;
  const auto evaluated = loop::evaluate_target(detail.document, target, subgraph_, options);
  if (!evaluated)
    return std::nullopt;
  for (outstanding::Leaf& one : detail.document.expect.leaves_of(evaluated->evaluation)) {
    const loop::LeafId id = loop::leaf_id(expectation, residue.target, one.address);
    detail.leaves.emplace(id, std::move(one));
  }
  return detail;
}

const ResidueRows::Detail* ResidueRows::detail_of(const loop::Residue& residue,
                                                  const loop::EvaluateOptions& options) {
  const auto [known, fresh] = details_.try_emplace({residue.expectation, residue.target});
  if (fresh)
    known->second = evaluated(residue, options);
  return known->second ? &*known->second : nullptr;
}

const outstanding::Leaf* ResidueRows::detail_of(const loop::Residue& residue,
                                                const loop::LeafId& leaf,
                                                const loop::EvaluateOptions& options) {
  const Detail* detail = detail_of(residue, options);
  if (detail == nullptr)
    return nullptr;
  const auto found = detail->leaves.find(leaf);
  return found != detail->leaves.end() ? &found->second : nullptr;
}

/// The task that is to close the leaf.
std::optional<json::Object> ResidueRows::task_view(const loop::LeafId& leaf, std::int64_t now) {
  const graph::ClaimName name{leaf_scope, leaf.text()};
  subgraph_.announce({.claims = {name}});
  const auto claim = subgraph_.claim(name, now);
  if (!claim)
    return std::nullopt;
  const graph::Key key{tenant_, model::family_task, claim->holder};
  subgraph_.announce({.records = {key}});
  json::Object view{{"id", claim->holder}};
  if (const graph::RecordRef record = subgraph_.find(key))
    if (const auto task = loop::stored_task(*record, subgraph_.schema())) {
      view.append("state", loop::name_of(task->state));
      if (!task->reason.empty())
        view.append("reason", task->reason);
    }
  return view;
}

json::Object ResidueRows::leaf_view(const loop::Residue& residue, const loop::StandingLeaf& leaf,
                                    const std::string& origin,
                                    const loop::EvaluateOptions& options) {
  json::Object view{{"id", leaf.id.text()},
                    {"fingerprint", loop::text_of(leaf.fingerprint)},
                    {"expectation", residue.expectation.id},
                    {"target", target_view(residue, origin)}};
  const outstanding::Leaf* detail = detail_of(residue, leaf.id, options);
  if (detail != nullptr)
    view.append("pointer", detail->pointer);
  view.append("address", leaf.address);
  view.append("category", std::string(outstanding::name_of(leaf.category)));
  view.append("closable", leaf.closable);
  if (detail != nullptr) {
    view.append("expected", detail->expected);
    if (detail->actual)
      view.append("actual", *detail->actual);
    view.append("rule", detail->rule);
    if (detail->place.id != residue.target.id && !detail->place.id.empty())
      view.append("place", json::Object{{"family", detail->place.family},
                                        {"id", detail->place.id},
                                        {"pointer", detail->place.pointer}});
    if (!detail->unknown.empty())
      view.append("unknown", detail->unknown);
  }
  view.append("since", moment(leaf.since));
  if (detail != nullptr && detail->provenance) {
    if (!detail->provenance->source.empty())
      view.append("source", detail->provenance->source);
    if (detail->provenance->observed_at)
      view.append("observedAt", moment(detail->provenance->observed_at->microseconds));
  }
  if (detail != nullptr && detail->next_flip)
    view.append("nextFlip", moment(detail->next_flip->microseconds));
  if (leaf.approval)
    view.append("decision", decision_view(*leaf.approval));
  if (leaf.overruled_by)
    view.append("overruledBy", leaf.overruled_by->id);
  if (leaf.contradicted_by) {
    json::Object other{{"id", leaf.contradicted_by->id}};
    if (const std::string& owner = facts_of(*leaf.contradicted_by).owner; !owner.empty())
      other.append("owner", owner);
    view.append("contradictedBy", std::move(other));
  }
  if (auto task = task_view(leaf.id, options.now.microseconds))
    view.append("task", *std::move(task));
  view.append("outstanding", leaf.is_open());
  return view;
}

} // namespace diffo::server

#include "server/observations/observation_report.h"

#include "base/text.h"
#include "base/time.h"
#include "model/kinds.h"

#include <algorithm>
#include <utility>

namespace diffo::server {
namespace {

constexpr std::size_t longest_reason = 1024;

json::Value view_of(const ItemOutcome& one) {
  json::Object view{{"item", static_cast<std::int64_t>(one.number)},
                    {"outcome", std::string(name_of(one.outcome))}};
  if (!one.key.id.empty()) {
    view.append("id", one.key.id);
    view.append("family", one.key.family == model::family_service ? "service" : "resource");
  }
  if (!one.path.empty())
    view.append("path", one.path);
  if (!one.reason.empty())
    view.append("reason", one.reason);
  return view;
}

} // namespace

std::string_view name_of(ObservedOutcome outcome) {
  switch (outcome) {
  case ObservedOutcome::unchanged:
    return "unchanged";
  case ObservedOutcome::updated:
    return "updated";
  case ObservedOutcome::created:
    return "created";
  case ObservedOutcome::conflicting:
    return "conflicting";
  case ObservedOutcome::stale:
    return "stale";
  case ObservedOutcome::rejected:
    break;
  }
  return "rejected";
}

void ObservationReport::add(ItemOutcome outcome) {
  ++counts_[static_cast<std::size_t>(outcome.outcome)];
  unplaced_ += outcome.unplaced ? 1 : 0;
  if (outcome.outcome == ObservedOutcome::unchanged || told_.size() >= most_told)
    return;
  outcome.reason = shortened(outcome.reason, longest_reason);
  outcome.path = shortened(outcome.path, longest_reason);
  told_.push_back(std::move(outcome));
}

void ObservationReport::sort() {
  std::stable_sort(told_.begin(), told_.end(),
                   [](const ItemOutcome& a, const ItemOutcome& b) { return a.number < b.number; });
}

json::Value ObservationReport::to_json() const {
  json::Object view{{"stored", stored},
                    {"ended", ended},
                    {"source", source},
                    {"observedAt", text_of(Timestamp{observed_at})},
                    {"items", static_cast<std::int64_t>(items)}};
  for (std::size_t at = 0; at < outcome_count; ++at)
    view.append(std::string(name_of(static_cast<ObservedOutcome>(at))),
                static_cast<std::int64_t>(counts_[at]));
  if (!note.empty())
    view.append("note", note);
  json::Array outcomes;
  outcomes.reserve(told_.size());
  for (const ItemOutcome& one : told_)
    outcomes.push_back(view_of(one));
  view.append("outcomes", std::move(outcomes));
  if (unseen)
    view.append("complete", unseen->to_json());
  return view;
}

} // namespace diffo::server

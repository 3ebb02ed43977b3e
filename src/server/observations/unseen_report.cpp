#include "server/observations/unseen_report.h"

#include "model/kinds.h"

#include <string_view>
#include <utility>

namespace diffo::server {

std::string_view name_of(UnseenOutcome::Kind kind) {
  using Kind = UnseenOutcome::Kind;
  switch (kind) {
  case Kind::unseen:
    return "unseen";
  case Kind::already:
    return "already";
  case Kind::conflicting:
    return "conflicting";
  case Kind::stale:
    return "stale";
  case Kind::rejected:
    break;
  }
  return "rejected";
}

void UnseenReport::add(UnseenOutcome outcome) {
  ++counts_[static_cast<std::size_t>(outcome.kind)];
  if (outcome.kind != UnseenOutcome::Kind::already && told_.size() < most_told)
    told_.push_back(std::move(outcome));
}

json::Value UnseenReport::to_json() const {
  json::Object view{{"instances", static_cast<std::int64_t>(instances)},
                    {"seen", static_cast<std::int64_t>(seen)}};
  for (std::size_t at = 0; at < kinds; ++at)
    view.append(std::string(name_of(static_cast<UnseenOutcome::Kind>(at))),
                static_cast<std::int64_t>(counts_[at]));
  if (!note.empty())
    view.append("note", note);
  json::Array outcomes;
  outcomes.reserve(told_.size());
  for (const UnseenOutcome& one : told_) {
    json::Object row{{"id", one.key.id},
                     {"family", one.key.family == model::family_service ? "service" : "resource"},
                     {"outcome", name_of(one.kind)}};
    if (!one.reason.empty())
      row.append("reason", one.reason);
    outcomes.emplace_back(std::move(row));
  }
  view.append("outcomes", std::move(outcomes));
  return view;
}

} // namespace diffo::server

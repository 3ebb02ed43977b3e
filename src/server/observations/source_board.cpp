#include "server/observations/source_board.h"

#include "base/time.h"

#include <algorithm>
#include <set>

namespace diffo::server {
namespace {

std::string moment(std::int64_t microseconds) {
  return text_of(Timestamp{microseconds});
}

std::string period_text(std::int64_t microseconds) {
  constexpr std::int64_t second = 1'000'000;
  return microseconds % second == 0 ? std::to_string(microseconds / second) + "s"
                                    : std::to_string(microseconds / 1000) + "ms";
}

json::Object row_of(const rules::SourceRule& rule, std::size_t rank) {
  json::Object row{{"name", rule.name}, {"rank", static_cast<std::int64_t>(rank)}};
  if (rule.stale_after)
    row.append("staleAfter", period_text(*rule.stale_after));
  if (!rule.attributes.empty()) {
    json::Array attributes;
    for (const std::string& one : rule.attributes)
      attributes.emplace_back(one);
    row.append("attributes", std::move(attributes));
  }
  row.append("unseen", rule.unseen_is_gone ? "missing" : "unknown");
  return row;
}

void append_all(json::Object& row, json::Object more) {
  for (json::Member& member : more)
    row.append(member.name, std::move(member.value));
}

} // namespace

void SourceBoard::note(graph::Tenant tenant, const ObservationReport& report, std::int64_t now) {
  const auto all = heard_.lock();
  const std::pair key{tenant, report.source};
  if (all->size() >= most_sources && !all->contains(key))
    return;
  Heard& heard = (*all)[key];
  heard.heard_at = now;
  heard.observed_at = std::max(heard.observed_at, report.observed_at);
  ++heard.requests;
  for (std::size_t at = 0; at < outcome_count; ++at)
    heard.counts[at] += report.count(static_cast<ObservedOutcome>(at));
  if (report.unseen && report.unseen->note.empty()) {
    heard.complete_at = std::max(heard.complete_at, report.observed_at);
    heard.unseen += report.unseen->count(UnseenOutcome::Kind::unseen);
  }
}

json::Object SourceBoard::view_of(const Heard& heard) {
  json::Object row{{"heardAt", moment(heard.heard_at)},
                   {"observedAt", moment(heard.observed_at)},
                   {"observations", static_cast<std::int64_t>(heard.requests)}};
  for (std::size_t at = 0; at < outcome_count; ++at)
    row.append(std::string(name_of(static_cast<ObservedOutcome>(at))),
               static_cast<std::int64_t>(heard.counts[at]));
  if (heard.complete_at != 0) {
    row.append("completeAt", moment(heard.complete_at));
    row.append("noLongerSeen", static_cast<std::int64_t>(heard.unseen));
  }
  return row;
}

json::Array SourceBoard::view(graph::Tenant tenant, const rules::Precedence& precedence) {
  const auto all = heard_.lock();
  json::Array rows;
  std::set<std::string> named;
  for (const rules::SourceRule& rule : precedence.rules()) {
    json::Object row = row_of(rule, rows.size() + 1);
    if (const auto heard = all->find({tenant, rule.name}); heard != all->end())
      append_all(row, view_of(heard->second));
    rows.emplace_back(std::move(row));
    named.insert(rule.name);
  }
  for (const auto& [key, heard] : *all)
    if (key.first == tenant && !named.contains(key.second)) {
      json::Object row{{"name", key.second}};
      append_all(row, view_of(heard));
      rows.emplace_back(std::move(row));
    }
  return rows;
}

} // namespace diffo::server

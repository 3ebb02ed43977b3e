#include "server/surfaces/evaluate_options.h"

#include "rules/instances.h"

#include <algorithm>
#include <utility>

namespace diffo::server {

loop::EvaluateOptions evaluate_options(const Services& services, graph::Tenant tenant,
                                       bool explain) {
  loop::EvaluateOptions options;
  options.tenant = tenant;
  options.now = {services.clock.now().microseconds};
  options.down = services.residues.downtime();
  graph::Store& store = services.store;
  options.sightings = loop::sightings_in(store);
  if (!explain)
    return options;
  options.explain = outstanding::Explain::yes;
  const auto entry_of = [&store](graph::Sequence sequence) -> std::optional<graph::JournalEntry> {
    auto entries = store.journal(sequence, 1);
    if (!entries || entries->empty() || entries->front().sequence != sequence)
      return std::nullopt;
    return std::move(entries->front());
  };
  options.writer = [entry_of](graph::Sequence sequence) -> std::string {
    const auto entry = entry_of(sequence);
    if (!entry)
      return {};
    return entry->actor.empty() ? entry->cause : entry->actor;
  };
  options.history = [entry_of,
                     &store](const graph::KeyView& key,
                             graph::Sequence sequence) -> std::optional<loop::EarlierVersion> {
    const auto entry = entry_of(sequence);
    if (!entry)
      return std::nullopt;
    const auto change =
        std::find_if(entry->changes.begin(), entry->changes.end(),
                     [&key](const auto& one) { return graph::KeyView(one.key) == key; });
    if (change == entry->changes.end())
      return std::nullopt;
    if (change->previous == 0)
      return loop::EarlierVersion{{}, entry->time};
    auto earlier =
        graph::read_and_wait(store, {.at = sequence - 1}, rules::plan_for(graph::Key(key)));
    const graph::RecordRef record = earlier ? earlier->find(key) : graph::RecordRef();
    if (!record)
      return std::nullopt;
    return loop::EarlierVersion{record, entry->time};
  };
  return options;
}

loop::EvaluateOptions options_at(const Services& services, const loop::Standing& standing,
                                 graph::Tenant tenant) {
  loop::EvaluateOptions options = evaluate_options(services, tenant, true);
  options.now = standing.at;
  options.history = nullptr;
  return options;
}

} // namespace diffo::server

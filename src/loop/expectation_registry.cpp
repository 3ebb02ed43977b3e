#include "loop/expectation_registry.h"

#include "loop/target_reads.h"
#include "model/kinds.h"

#include <algorithm>
#include <utility>

namespace diffo::loop {
namespace {

constexpr std::size_t whatever = 1; ///< a query is only taken apart here

class Texts final : public graph::ValueSink {
public:
  explicit Texts(std::vector<std::string>& texts) : texts_(texts) {}
  bool take_text(std::string_view text) override {
    texts_.emplace_back(text);
    return true;
  }
  bool take_moment(std::int64_t) override { return true; }
  bool take_other(const json::Value&) override { return true; }

private:
  std::vector<std::string>& texts_;
};

/// A condition that all matches meet by having one of a few texts in one attribute.
const graph::Filter* demanded_text(const graph::Filter& filter) {
  for (const graph::Filter* part : graph::conjuncts(filter)) {
    const bool equal = part->kind == graph::Filter::Kind::compare &&
                       part->comparison == graph::Compare::equal &&
                       part->reading == Reading::text && part->shown.empty();
    const bool plain = part->path.parts.empty() && part->path.inside.empty() &&
                       part->path.otherwise == graph::FieldPath::Otherwise::nothing &&
                       (part->path.end == graph::FieldPath::End::field ||
                        part->path.end == graph::FieldPath::End::member ||
                        part->path.end == graph::FieldPath::End::extra);
    const bool texts = !part->any_of.empty() &&
                       std::all_of(part->any_of.begin(), part->any_of.end(),
                                   [](const json::Value& value) { return value.is_string(); });
    if (equal && plain && texts)
      return part;
  }
  return nullptr;
}

} // namespace

std::string ExpectationRegistry::place_of(const Scope& scope, std::string_view member,
                                          std::string_view text) {
  std::string place = std::to_string(scope.first) + '/' + std::to_string(scope.second) + '/';
  place += std::to_string(member.size()) + ':';
  return place.append(member).append(text);
}

Result<void> ExpectationRegistry::put(const graph::Key& expectation,
                                      const ExpectationDocument& document) {
  erase(expectation);
  Entry entry;
  if (const auto* by_id = std::get_if<TargetById>(&document.target)) {
    // The edge of a stored expectation tells.
    if (expectation.family == model::family_expectation)
      return {};
    entry.named.push_back(by_id->key(expectation.tenant));
  } else if (const auto* by_filter = std::get_if<TargetByFilter>(&document.target)) {
    TRY(add_filter(expectation, entry,
                   TRY(query_of(*by_filter, *schema_, expectation.tenant, whatever))));
  } else if (const auto* by_key = std::get_if<TargetByKey>(&document.target)) {
    entry.by_key = true;
    for (const graph::Query& query :
         TRY(queries_of(*by_key, *schema_, expectation.tenant, whatever)))
      TRY(add_filter(expectation, entry, query));
  } else {
    entry.by_hops = true;
  }
  for (const graph::Key& target : entry.named)
    named_[target].insert(expectation);
  for (const FilterOf& one : entry.filters) {
    if (one.places.empty())
      scanned_[{expectation.tenant, one.family}].insert(expectation);
    for (const std::string& place : one.places)
      by_value_[place].insert(expectation);
  }
  entries_.insert_or_assign(expectation, std::move(entry));
  return {};
}

Result<void> ExpectationRegistry::add_filter(const graph::Key& expectation, Entry& entry,
                                             const graph::Query& query) {
  FilterOf made{
      query.families.front(), TRY(graph::CompiledFilter::compile(query.filter, *schema_)), {}};
  const Scope scope{expectation.tenant, made.family};
  if (const graph::Filter* demanded = demanded_text(query.filter)) {
    auto& probes = probes_[scope];
    const std::string name =
        std::to_string(static_cast<int>(demanded->path.end)) + demanded->path.member;
    auto [probe, fresh] =
        probes.try_emplace(name, Probe{graph::FieldReader(demanded->path, schema_->dictionary())});
    for (const json::Value& text : demanded->any_of) {
      made.places.push_back(place_of(scope, name, text.string()));
      ++probe->second.uses;
    }
  } else if (const auto scanned = scanned_.find(scope);
             scanned != scanned_.end() && scanned->second.size() >= most_scanned) {
    return Error{ErrorCode::too_large,
                 "there are " + std::to_string(most_scanned) +
                     " expectations whose filters must be asked of every instance: demand one text "
                     "of an attribute, as in state=active",
                 "/target/filter"};
  }
  entry.filters.push_back(std::move(made));
  return {};
}

void ExpectationRegistry::put_reached(const graph::Key& expectation,
                                      const std::vector<graph::Key>& targets) {
  const auto found = entries_.find(expectation);
  if (found == entries_.end())
    return;
  for (const graph::Key& target : found->second.named)
    if (const auto naming = named_.find(target); naming != named_.end()) {
      naming->second.erase(expectation);
      if (naming->second.empty())
        named_.erase(naming);
    }
  found->second.named = targets;
  for (const graph::Key& target : targets)
    named_[target].insert(expectation);
}

void ExpectationRegistry::erase(const graph::Key& expectation) {
  const auto found = entries_.find(expectation);
  if (found == entries_.end())
    return;
  put_reached(expectation, {});
  for (const FilterOf& one : found->second.filters) {
    const Scope scope{expectation.tenant, one.family};
    if (one.places.empty())
      scanned_[scope].erase(expectation);
    for (const std::string& place : one.places)
      if (const auto at = by_value_.find(place); at != by_value_.end()) {
        at->second.erase(expectation);
        if (at->second.empty())
          by_value_.erase(at);
      }
  }
  entries_.erase(found);
}

void ExpectationRegistry::visit(const std::set<graph::Key>& candidates, const graph::Record& record,
                                std::set<graph::Key>& expectations) const {
  for (const graph::Key& candidate : candidates) {
    const auto entry = entries_.find(candidate);
    if (entry == entries_.end())
      continue;
    for (const FilterOf& one : entry->second.filters)
      if (one.family == record.family() && one.filter.holds(record))
        expectations.insert(candidate);
  }
}

void ExpectationRegistry::about(const graph::Record& record,
                                std::set<graph::Key>& expectations) const {
  if (record.which() != graph::Which::actual)
    return;
  const Scope scope{record.tenant(), record.family()};
  if (const auto scanned = scanned_.find(scope); scanned != scanned_.end())
    visit(scanned->second, record, expectations);
  const auto probes = probes_.find(scope);
  if (probes == probes_.end())
    return;
  const graph::ElementView root = record.root(schema_->dictionary());
  std::vector<std::string> texts;
  for (const auto& [name, probe] : probes->second) {
    texts.clear();
    Texts sink(texts);
    probe.reader.read(record, root, sink);
    for (const std::string& text : texts)
      if (const auto at = by_value_.find(place_of(scope, name, text)); at != by_value_.end())
        visit(at->second, record, expectations);
  }
}

void ExpectationRegistry::naming(const graph::Key& target,
                                 std::set<graph::Key>& expectations) const {
  if (const auto found = named_.find(target); found != named_.end())
    expectations.insert(found->second.begin(), found->second.end());
}

bool ExpectationRegistry::is_by_key(const graph::Key& expectation) const {
  const auto found = entries_.find(expectation);
  return found != entries_.end() && found->second.by_key;
}

bool ExpectationRegistry::is_by_hops(const graph::Key& expectation) const {
  const auto found = entries_.find(expectation);
  return found != entries_.end() && found->second.by_hops;
}

const std::vector<graph::Key>& ExpectationRegistry::reached(const graph::Key& expectation) const {
  static const std::vector<graph::Key> nothing;
  const auto found = entries_.find(expectation);
  return found != entries_.end() ? found->second.named : nothing;
}

void ExpectationRegistry::for_each_reached(
    const std::function<void(const graph::Key& expectation,
                             const std::vector<graph::Key>& targets)>& visit) const {
  for (const auto& [expectation, entry] : entries_)
    if (entry.by_hops)
      visit(expectation, entry.named);
}

} // namespace diffo::loop

#include "server/transfer/copy_parts.h"

#include "model/kinds.h"
#include "server/hub/subscription.h"
#include "server/transfer/creation_order.h"

#include <functional>

namespace diffo::server {
namespace {

/// Spells the fields of an element by the numbers that another dictionary has for their words.
Result<void> translate(graph::Element& element, const graph::Dictionary& from,
                       const graph::Dictionary& to) {
  for (auto& [word, value] : element.fields) {
    const auto found = to.find(from.text(word));
    if (!found)
      return Error{ErrorCode::unsupported,
                   "the target does not know the word \"" + std::string(from.text(word)) + "\""};
    word = *found;
  }
  for (graph::Element& child : element.children)
    TRY(translate(child, from, to));
  return {};
}

/// All but what a commit stamps.
std::string_view content_of(const graph::Record& record) {
  return record.bytes().substr(graph::record_head_bytes);
}

std::string name_of_record(const graph::Record& record, const graph::Schema& schema) {
  const graph::FamilyDefinition* family = schema.family(record.family());
  return (family != nullptr ? family->name : std::to_string(record.family())) + ' ' + record.id();
}

/// The claims of a store, whatever their order.
struct ClaimSum {
  std::uint64_t count = 0;
  std::uint64_t digest = 0;
  void add(const graph::Claim& claim) {
    std::string text;
    for (const std::string* part : {&claim.scope, &claim.key, &claim.holder, &claim.branch})
      text += std::to_string(part->size()) + '|' + *part;
    text += std::to_string(claim.lease_until);
    ++count;
    digest += std::hash<std::string>()(text);
  }
  friend bool operator==(const ClaimSum&, const ClaimSum&) = default;
};

Result<ClaimSum> claims_in_force(const graph::Store& store, std::int64_t now) {
  ClaimSum sum;
  TRY(store.for_each_claim([&](const graph::Claim& claim) {
    if (graph::holds(claim, now))
      sum.add(claim);
  }));
  return sum;
}

} // namespace

Result<graph::RecordRef> translated(const graph::Record& record, const graph::Dictionary& from,
                                    const graph::Dictionary& to) {
  graph::RecordDraft draft = record.to_draft(from);
  TRY(translate(draft.root, from, to));
  return graph::encode(draft, to);
}

bool is_same(const graph::Record& one, const graph::Record& other) {
  return one.which() == other.which() && one.key() == other.key() &&
         one.created_at() == other.created_at() && one.updated_at() == other.updated_at() &&
         one.next_part() == other.next_part() && content_of(one) == content_of(other);
}

Result<void> Comparison::compare_records(graph::Sequence copied) {
  CreationOrder expected(source_);
  CreationOrder there(target_);
  TRY(expected.begin());
  TRY(there.begin());
  sequence_ = there.sequence();
  if (expected.sequence() != copied)
    return Error{ErrorCode::conflict, "the source was changed meanwhile"};
  if (expected.total() != there.total())
    return Error{ErrorCode::corrupt, "the copy has " + std::to_string(there.total()) +
                                         " records in place of " +
                                         std::to_string(expected.total())};
  for (;;) {
    const graph::RecordRef wanted = TRY(expected.next());
    const graph::RecordRef present = TRY(there.next());
    if (!wanted && !present)
      return {};
    const std::string name = name_of_record(wanted ? *wanted : *present, expected.schema());
    // Back to what the source wrote: what gets lost in translating would not be missed otherwise.
    const graph::RecordRef back =
        wanted && present
            ? TRY(translated(*present, there.schema().dictionary(), expected.schema().dictionary()))
            : graph::RecordRef();
    if (!back || !is_same(*back, *wanted))
      return Error{ErrorCode::corrupt, "the copy differs in " + name};
    TRY(compare_seen(*wanted, name));
    if (wanted->family() == model::family_subscription)
      note_subscriber(*wanted, copied);
    ++records_;
  }
}

Result<void> Comparison::compare_seen(const graph::Record& record, const std::string& name) {
  const std::vector<graph::Sighting> wanted = TRY(source_.seen(record.key()));
  if (TRY(target_.seen(record.key())) != wanted)
    return Error{ErrorCode::corrupt, "the copy differs in when sources saw " + name};
  sightings_ += wanted.size();
  return {};
}

void Comparison::note_subscriber(const graph::Record& record, graph::Sequence newest) {
  std::string consumer = consumer_of(graph::Key(record.key()));
  const auto told = source_.cursor(consumer);
  subscribers_.emplace_back(std::move(consumer), told.value_or(record.sequence()) >= newest);
}

Result<void> Comparison::compare_claims(std::int64_t now) {
  const ClaimSum wanted = TRY(claims_in_force(source_, now));
  const ClaimSum there = TRY(claims_in_force(target_, now));
  if (there != wanted)
    return Error{ErrorCode::corrupt, "the copy has other claims: " + std::to_string(there.count) +
                                         " in place of " + std::to_string(wanted.count)};
  claims_ = there.count;
  return {};
}

Result<void> Comparison::compare_frame() {
  if (source_.tenants() != target_.tenants())
    return Error{ErrorCode::corrupt, "the copy has other tenants"};
  if (source_.schema().description() != target_.schema().description())
    return Error{ErrorCode::corrupt, "the copy has another model"};
  return {};
}

} // namespace diffo::server

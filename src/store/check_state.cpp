#include "store/check.h"

#include <utility>

namespace diffo::store {
namespace {

using graph::RecordRef;

Error wrong(std::string message, std::string where = {}) {
  return {ErrorCode::corrupt, std::move(message), std::move(where)};
}

/// Visits all records in the order of their ordinals.
template <typename Visit> void for_each_record(const State& state, const Visit& visit) {
  for (Ordinal ordinal = 0; ordinal < state.next_ordinal; ++ordinal)
    if (const RecordRef record = state.record(ordinal))
      visit(ordinal, *record);
}

} // namespace

void check_state(const State& state, const graph::Schema& schema, const FindingSink& sink) {
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
  std::uint64_t keys = 0;
  KeyList expected;
  const IdentityOf identity_of = [&](const graph::KeyView& key) {
    return state.identities->find(key);
  };
  for_each_record(state, [&](Ordinal ordinal, const graph::Record& record) {
    ++records;
    bytes += record.memory_bytes();
    const graph::Key key = record.key();
    if (state.find(key).get() != &record)
      sink(wrong("the record is not found by its id", key.id));
    if (!keys_of(schema, record, ordinal, identity_of, expected))
      sink(wrong("an edge's target has no number", key.id));
    keys += expected.size();
    for (std::size_t index = 0; index < expected.size(); ++index)
      if (!state.keys.contains(expected[index]))
        sink(wrong("the record lacks a key of kind " + std::string(expected[index].substr(0, 1)),
                   key.id));
  });
  if (records != state.record_count || bytes != state.record_bytes)
    sink(wrong("the number or the size of the records is not what was counted"));
  if (keys != state.keys.size())
    sink(wrong("the tree has " + std::to_string(state.keys.size()) + " keys instead of " +
               std::to_string(keys)));
}

void compare_states(const State& left, const State& right, const FindingSink& sink) {
  if (left.record_count != right.record_count || left.record_bytes != right.record_bytes)
    sink(wrong("the state built at once has other records than the one built step by step"));
  auto a = left.keys.at(0);
  auto b = right.keys.at(0);
  for (; a.valid() && b.valid(); a.next(), b.next())
    if (a.key() != b.key()) {
      sink(wrong("the state built at once has other keys than the one built step by step"));
      return;
    }
  if (a.valid() || b.valid())
    sink(wrong("the state built at once has more or fewer keys than the one built step by step"));
}

} // namespace diffo::store

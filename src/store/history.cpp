#include "store/history.h"

#include "base/byte_order.h"
#include "store/state_keys.h"

namespace diffo::store {
namespace {

constexpr std::size_t fixed_bytes = 4 + 1 + 2; // tenant, family, length of the id
constexpr std::size_t sequence_bytes = 8;

} // namespace

std::string history_prefix(const graph::KeyView& key) {
  DIFFO_ASSERT(key.id.size() <= max_id_bytes);
  std::string out;
  out.reserve(fixed_bytes + key.id.size() + sequence_bytes);
  append_big_endian(out, key.tenant);
  out += static_cast<char>(key.family);
  // The length stands first, so that no id looks like another one with a sequence.
  append_big_endian(out, static_cast<std::uint16_t>(key.id.size()));
  out += key.id;
  return out;
}

std::string history_key(const graph::KeyView& key, graph::Sequence sequence) {
  std::string out = history_prefix(key);
  append_big_endian(out, ~sequence);
  return out;
}

Result<HistoryPlace> history_place(std::string_view key) {
  const Error damaged{ErrorCode::corrupt, "an earlier version has a damaged key"};
  if (key.size() < fixed_bytes + sequence_bytes)
    return damaged;
  const auto length = static_cast<std::size_t>(big_endian(key.substr(5, 2)));
  if (key.size() != fixed_bytes + length + sequence_bytes)
    return damaged;
  return HistoryPlace{.key = {static_cast<graph::Tenant>(big_endian(key.substr(0, 4))),
                              static_cast<graph::Family>(key[4]),
                              std::string(key.substr(fixed_bytes, length))},
                      .sequence = ~big_endian(key.substr(fixed_bytes + length))};
}

} // namespace diffo::store

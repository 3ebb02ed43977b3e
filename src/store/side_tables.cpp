#include "store/side_tables.h"

#include "base/byte_order.h"
#include "graph/packed.h"
#include "store/history.h"
#include "store/sealed_value.h"
#include "store/tip.h"

#include <utility>

namespace diffo::store {
namespace {

// The table of answers has two key spaces: by name, and by time for dropping
// the oldest first.
constexpr char by_name = 'n';
constexpr char by_time = 't';
constexpr std::size_t most_dropped = 4096;

Error corrupt(const char* what) {
  return {ErrorCode::corrupt, what};
}

void append_sized(std::string& out, std::string_view text) {
  graph::append_varint(out, text.size());
  out += text;
}

// Times are not before 1970, so their order is that of their bytes.
std::string time_key(std::int64_t time, std::string_view name) {
  return by_time + journal_key(static_cast<std::uint64_t>(time)) + std::string(name);
}

std::string name_key(std::string_view name) {
  return by_name + std::string(name);
}

Result<KeptAnswer> decode_answer(std::string_view key, std::string_view stored) {
  const std::string_view bytes = TRY(without_checksum(key, stored, "a kept answer"));
  graph::PackedReader in(bytes);
  KeptAnswer answer;
  answer.fingerprint = in.bytes(in.varint());
  answer.status = static_cast<std::uint16_t>(in.varint());
  answer.sequence = in.varint();
  answer.time = static_cast<std::int64_t>(in.varint());
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    graph::Key& record = answer.records.emplace_back();
    record.tenant = static_cast<graph::Tenant>(in.varint());
    record.family = in.byte();
    record.id = in.bytes(in.varint());
  }
  if (!in.ok() || !in.at_end())
    return corrupt("a kept answer is damaged");
  return answer;
}

} // namespace

std::string cursor_key(std::string_view consumer) {
  return std::string(cursor_space) + std::string(consumer);
}

std::string encode_cursor(std::string_view key, graph::Sequence sequence) {
  return with_checksum(key, journal_key(sequence));
}

Result<graph::Sequence> decode_cursor(std::string_view key, std::string_view stored) {
  const std::string_view bytes = TRY(without_checksum(key, stored, "a consumer's place"));
  return sequence_of(bytes);
}

void put_seen(DiskBatch& batch, const graph::KeyView& record, const Seen& seen) {
  const std::string key = history_prefix(record) + seen.source;
  batch.put(Table::seen, key, with_checksum(key, journal_key(static_cast<std::uint64_t>(seen.at))));
}

Result<Seen> decode_seen(std::string_view key, std::string_view stored) {
  // tenant (4), family (1), length of the id (2), id, source
  constexpr std::size_t fixed = 7;
  if (key.size() < fixed)
    return corrupt("a time of seeing has a damaged key");
  const auto id_bytes = static_cast<std::size_t>(big_endian(key.substr(5, 2)));
  const std::string_view bytes = TRY(without_checksum(key, stored, "a time of seeing"));
  if (key.size() < fixed + id_bytes || bytes.size() != sizeof(std::uint64_t))
    return corrupt("a time of seeing is damaged");
  return Seen{.source = std::string(key.substr(fixed + id_bytes)),
              .at = static_cast<std::int64_t>(TRY(sequence_of(bytes)))};
}

Result<std::vector<Seen>> find_seen(const Disk& disk, const graph::KeyView& record) {
  std::vector<Seen> all;
  const std::string prefix = history_prefix(record);
  TRY(disk.for_each(Table::seen, prefix,
                    [&](std::string_view key, std::string_view stored) -> Result<bool> {
                      if (!key.starts_with(prefix))
                        return false;
                      all.push_back(TRY(decode_seen(key, stored)));
                      return true;
                    }));
  return all;
}

Result<std::int64_t> find_seen(const Disk& disk, const graph::KeyView& record,
                               std::string_view source) {
  const std::string key = history_prefix(record) + std::string(source);
  const auto stored = TRY(disk.get(Table::seen, key));
  return stored ? TRY(decode_seen(key, *stored)).at : std::int64_t{0};
}

Result<void> drop_seen(const Disk& disk, const graph::KeyView& record, DiskBatch& batch) {
  const std::string prefix = history_prefix(record);
  return disk.for_each(Table::seen, prefix,
                       [&](std::string_view key, std::string_view) -> Result<bool> {
                         if (!key.starts_with(prefix))
                           return false;
                         batch.erase(Table::seen, key);
                         return true;
                       });
}

std::string answer_name(graph::Tenant tenant, std::string_view actor, std::string_view key) {
  std::string name;
  graph::append_varint(name, tenant);
  append_sized(name, actor);
  name += key;
  return name;
}

void put_answer(DiskBatch& batch, std::string_view name, const KeptAnswer& answer) {
  std::string bytes;
  append_sized(bytes, answer.fingerprint);
  graph::append_varint(bytes, answer.status);
  graph::append_varint(bytes, answer.sequence);
  graph::append_varint(bytes, static_cast<std::uint64_t>(answer.time));
  graph::append_varint(bytes, answer.records.size());
  for (const graph::Key& record : answer.records) {
    graph::append_varint(bytes, record.tenant);
    bytes += static_cast<char>(record.family);
    append_sized(bytes, record.id);
  }
  const std::string key = name_key(name);
  batch.put(Table::answers, key, with_checksum(key, bytes));
  const std::string when = time_key(answer.time, name);
  batch.put(Table::answers, when, with_checksum(when, {}));
}

Result<std::optional<KeptAnswer>> find_answer(const Disk& disk, std::string_view name,
                                              std::int64_t after) {
  const std::string key = name_key(name);
  const auto stored = TRY(disk.get(Table::answers, key));
  if (!stored)
    return std::optional<KeptAnswer>();
  KeptAnswer answer = TRY(decode_answer(key, *stored));
  if (answer.time <= after)
    return std::optional<KeptAnswer>();
  return std::optional<KeptAnswer>(std::move(answer));
}

Result<void> drop_answers(const Disk& disk, std::int64_t after, DiskBatch& batch) {
  if (after < 0)
    return {};
  const std::string end = time_key(after + 1, {});
  std::vector<std::string> old;
  TRY(disk.for_each(Table::answers, std::string(1, by_time),
                    [&](std::string_view key, std::string_view) -> Result<bool> {
                      if (key >= end || old.size() == most_dropped)
                        return false;
                      old.emplace_back(key);
                      return true;
                    }));
  for (const std::string& key : old) {
    if (key.size() < 1 + sizeof(graph::Sequence))
      return corrupt("the time of a kept answer has a damaged key");
    batch.erase(Table::answers, key);
    // The name may have got a younger answer since.
    const std::string_view name = std::string_view(key).substr(1 + sizeof(graph::Sequence));
    if (!TRY(find_answer(disk, name, after)))
      batch.erase(Table::answers, name_key(name));
  }
  return {};
}

Result<void> check_answer(std::string_view key, std::string_view stored) {
  if (key.starts_with(by_name)) {
    TRY(decode_answer(key, stored));
    return {};
  }
  if (!key.starts_with(by_time))
    return corrupt("a kept answer has a damaged key");
  TRY(without_checksum(key, stored, "the time of a kept answer"));
  return {};
}

} // namespace diffo::store

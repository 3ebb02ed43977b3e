#include "query/page_cursor.h"

#include "base/base64url.h"
#include "base/byte_order.h"
#include "base/checksum.h"
#include "base/sha256.h"
#include "base/url_text.h"
#include "graph/packed.h"

#include <algorithm>
#include <array>
#include <vector>

namespace diffo::query {
namespace {

constexpr char layout = 1;
constexpr std::size_t binding_bytes = 8;
constexpr std::size_t checksum_bytes = 4;

bool says_how_it_is_shown(std::string_view name) {
  constexpr std::array<std::string_view, 5> names = {"limit", "offset", "after", "before",
                                                     "fields"};
  return std::find(names.begin(), names.end(), name) != names.end();
}

void append_sized(std::string& out, std::string_view bytes) {
  graph::append_varint(out, bytes.size());
  out += bytes;
}

std::string take_sized(graph::PackedReader& in) {
  return std::string(in.bytes(in.varint()));
}

Error none_of_ours() {
  return {ErrorCode::invalid, "is no cursor that a link of this server gave"};
}

} // namespace

std::string cursor_binding(std::string_view collection, std::string_view raw_query) {
  std::vector<std::string> said;
  for (const RawParameter& raw : split_query(raw_query)) {
    const auto name = decode_query_text(raw.name);
    if (name && says_how_it_is_shown(*name))
      continue;
    const auto value = decode_query_text(raw.value);
    std::string& one = said.emplace_back();
    append_sized(one, name ? *name : raw.name);
    append_sized(one, value ? *value : raw.value);
    one += raw.has_value ? '=' : ' ';
  }
  std::sort(said.begin(), said.end());
  std::string all;
  append_sized(all, collection);
  for (const std::string& one : said)
    append_sized(all, one);
  const Sha256 hash = sha256(all);
  return {reinterpret_cast<const char*>(hash.data()), binding_bytes};
}

std::string print_cursor(const graph::Cursor& cursor, std::string_view binding) {
  std::string bytes(1, layout);
  append_sized(bytes, binding);
  graph::append_varint(bytes, cursor.revision);
  append_big_endian(bytes, static_cast<std::uint64_t>(cursor.created_at));
  graph::append_varint(bytes, cursor.key.tenant);
  graph::append_varint(bytes, cursor.key.family);
  append_sized(bytes, cursor.key.id);
  graph::append_varint(bytes, cursor.keys.size());
  for (const auto& key : cursor.keys) {
    bytes += key ? '\1' : '\0';
    if (key)
      append_sized(bytes, *key);
  }
  append_big_endian(bytes, crc32c(bytes));
  return base64url(bytes);
}

Result<graph::Cursor> read_cursor(std::string_view text, std::string_view binding) {
  const auto decoded = from_base64url(text);
  if (!decoded || decoded->size() <= checksum_bytes || decoded->front() != layout)
    return none_of_ours();
  std::string_view bytes = *decoded;
  const std::string_view checksum = bytes.substr(bytes.size() - checksum_bytes);
  bytes.remove_suffix(checksum_bytes);
  if (big_endian(checksum) != crc32c(bytes))
    return none_of_ours();
  graph::PackedReader in(bytes.substr(1));
  if (take_sized(in) != binding)
    return Error{ErrorCode::invalid,
                 "belongs to another list, or to one with other conditions or another order: a "
                 "cursor is good for the query whose link gave it"};
  graph::Cursor cursor;
  cursor.revision = in.varint();
  cursor.created_at = static_cast<std::int64_t>(big_endian(in.bytes(sizeof(std::uint64_t))));
  cursor.key.tenant = static_cast<graph::Tenant>(in.varint());
  cursor.key.family = static_cast<graph::Family>(in.varint());
  cursor.key.id = take_sized(in);
  for (std::uint64_t count = in.varint(); count > 0 && in.ok(); --count) {
    const bool has_key = in.byte() != 0;
    cursor.keys.push_back(has_key ? std::optional(take_sized(in)) : std::nullopt);
  }
  if (!in.ok() || !in.at_end())
    return none_of_ours();
  return cursor;
}

} // namespace diffo::query

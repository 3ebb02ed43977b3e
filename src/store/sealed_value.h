#pragma once

#include "graph/record.h"

#include <diffo/result.h>

#include <cstdint>
#include <string>
#include <string_view>

/// Stored values end with a checksum over their key and themselves.
namespace diffo::store {

/// Checksum of an entry.
std::uint32_t checksum_of(std::string_view key, std::string_view value);
void append_checksum(std::string& out, std::uint32_t checksum);
std::string with_checksum(std::string_view key, std::string_view value);
/// Of a record under a key, without reading its body.
std::uint32_t checksum_of(std::string_view key, const graph::Record& record);
/// The value without its checksum. Errors: corrupt.
Result<std::string_view> without_checksum(std::string_view key, std::string_view stored,
                                          std::string_view what);
/// One entry's share in the digest of a table: a sum of these tells whether exactly the same
/// entries are there.
std::uint64_t digest_of(std::string_view key, std::string_view value);
std::uint64_t digest_of(std::string_view key, std::uint32_t checksum);

} // namespace diffo::store

#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace diffo {

using Sha256 = std::array<std::uint8_t, 32>;

/// SHA-256 (FIPS 180-4) of the bytes.
Sha256 sha256(std::string_view bytes);

/// HMAC with SHA-256 (RFC 2104) of the bytes.
Sha256 hmac_sha256(std::string_view key, std::string_view bytes);

/// Bytes as lower-case hexadecimal digits.
std::string hexadecimal(std::span<const std::uint8_t> bytes);

} // namespace diffo

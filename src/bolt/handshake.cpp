#include "bolt/handshake.h"

#include <algorithm>

namespace diffo::bolt {

namespace {

constexpr std::string_view manifest_v1{"\x00\x00\x01\xFF", 4};
// More entries than Bolt will ever have versions.
constexpr std::uint64_t max_manifest_entries = 256;

void append_proposal(std::string& out, std::uint8_t range, Version version) {
  out.push_back('\0');
  out.push_back(static_cast<char>(range));
  out.push_back(static_cast<char>(version.minor));
  out.push_back(static_cast<char>(version.major));
}

} // namespace

void append_varint(std::string& out, std::uint64_t number) {
  while (number >= 0x80) {
    out.push_back(static_cast<char>(number | 0x80));
    number >>= 7;
  }
  out.push_back(static_cast<char>(number));
}

std::optional<std::uint64_t> read_varint(std::string_view bytes, std::size_t& position,
                                         bool& malformed) {
  std::uint64_t number = 0;
  std::size_t at = position;
  for (unsigned shift = 0; at < bytes.size(); shift += 7) {
    if (shift > 63) {
      malformed = true;
      return std::nullopt;
    }
    const auto byte = static_cast<std::uint8_t>(bytes[at++]);
    number |= std::uint64_t{byte & 0x7FU} << shift;
    if ((byte & 0x80) == 0) {
      position = at;
      return number;
    }
  }
  malformed = bytes.size() - position > 10;
  return std::nullopt;
}

std::string Handshake::offer() const {
  std::string out(bolt_magic);
  if (style_ == Style::manifest)
    out.append(manifest_v1);
  if (only_) {
    append_proposal(out, 0, *only_);
  } else if (style_ == Style::manifest) {
    append_proposal(out, 8, bolt_5_8);
    append_proposal(out, 0, bolt_4_4);
  } else {
    append_proposal(out, 1, bolt_6_1);
    append_proposal(out, 2, bolt_5_8);
    append_proposal(out, 4, bolt_5_4);
    append_proposal(out, 0, bolt_4_4);
  }
  out.resize(20, '\0');
  return out;
}

bool Handshake::accepts(Version version) const {
  if (only_)
    return version == *only_;
  return std::find(supported_versions.begin(), supported_versions.end(), version) !=
         supported_versions.end();
}

Outcome<bool> Handshake::feed(std::string_view bytes, std::size_t& used) {
  // Byte by byte: what follows the answer already belongs to the first message.
  for (used = 0; used < bytes.size();) {
    answer_.push_back(bytes[used++]);
    if (answer_.size() < 4)
      continue;
    if (TRY(read_answer()))
      return true;
  }
  return false;
}

Outcome<bool> Handshake::read_answer() {
  const std::string_view head = std::string_view(answer_).substr(0, 4);
  if (head == "HTTP")
    return make_failure(FailureKind::service_unavailable,
                        "this is the port of a web server, not of Bolt (usually 7687)");
  if (head == manifest_v1 && style_ == Style::manifest)
    return read_manifest();
  if (head == std::string_view("\0\0\0\0", 4))
    return make_failure(FailureKind::configuration,
                        only_ ? "the server does not speak Bolt " + to_text(*only_)
                              : "the server speaks no version of Bolt that this driver speaks");
  version_ = {static_cast<std::uint8_t>(head[3]), static_cast<std::uint8_t>(head[2])};
  if (head[0] != 0 || head[1] != 0 || !accepts(version_))
    return make_failure(FailureKind::protocol_error,
                        "the server chose a version that was not offered: Bolt " +
                            to_text(version_));
  return true;
}

Outcome<bool> Handshake::read_manifest() {
  const auto malformed_manifest = [] {
    return make_failure(FailureKind::protocol_error,
                        "the server's list of versions cannot be read");
  };
  std::size_t position = 4;
  bool malformed = false;
  const std::optional<std::uint64_t> count = read_varint(answer_, position, malformed);
  if (malformed || (count && *count > max_manifest_entries))
    return malformed_manifest();
  if (!count || answer_.size() < position + 4 * *count)
    return false;
  std::optional<Version> best;
  for (std::uint64_t i = 0; i < *count; ++i, position += 4) {
    const auto range = static_cast<std::uint8_t>(answer_[position + 1]);
    const Version newest{static_cast<std::uint8_t>(answer_[position + 3]),
                         static_cast<std::uint8_t>(answer_[position + 2])};
    for (unsigned lower = 0; lower <= range && lower <= newest.minor; ++lower) {
      const Version candidate{newest.major, static_cast<std::uint8_t>(newest.minor - lower)};
      if (accepts(candidate) && (!best || candidate > *best))
        best = candidate;
    }
  }
  if (!read_varint(answer_, position, malformed)) // the capabilities: none of them concerns us
    return malformed ? Outcome<bool>(malformed_manifest()) : Outcome<bool>(false);
  if (!best)
    return make_failure(FailureKind::configuration,
                        "the server speaks no version of Bolt that this driver speaks");
  version_ = *best;
  append_proposal(reply_, 0, version_);
  append_varint(reply_, 0);
  return true;
}

} // namespace diffo::bolt

#pragma once

#include "bolt/version.h"

#include <diffo/bolt_error.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace diffo::bolt {

/// The first bytes of every Bolt connection.
inline constexpr std::string_view bolt_magic{"\x60\x60\xB0\x17", 4};

/// The client's half of the handshake (neo4j.md §2.2), without I/O. Send `offer()`, feed what
/// arrives until a version is there, then send `reply()` in front of the first message. One thread.
class Handshake {
public:
  enum class Style : std::uint8_t {
    manifest, ///< asks for the server's list, with classic proposals behind it
    classic,  ///< four proposals only
  };

  /// With `only`, nothing but that version is accepted.
  explicit Handshake(Style style = Style::manifest, std::optional<Version> only = std::nullopt)
      : style_(style), only_(only) {}

  [[nodiscard]] std::string offer() const;
  /// Takes bytes of the server's answer; `used` says how many belonged to it. True when the version
  /// is chosen.
  Outcome<bool> feed(std::string_view bytes, std::size_t& used);
  [[nodiscard]] Version version() const { return version_; }
  /// What the client still owes: the choice out of a manifest, or nothing.
  [[nodiscard]] const std::string& reply() const { return reply_; }
  [[nodiscard]] bool used_manifest() const { return !reply_.empty(); }

private:
  bool accepts(Version version) const;
  Outcome<bool> read_answer();
  Outcome<bool> read_manifest();

  Style style_;
  std::optional<Version> only_;
  std::string answer_;
  Version version_;
  std::string reply_;
};

/// Appends a number in groups of seven bits, the least first.
void append_varint(std::string& out, std::uint64_t number);
/// Reads such a number at `position` and moves it; nothing when more bytes are needed. Above 64
/// bits `malformed` is set.
std::optional<std::uint64_t> read_varint(std::string_view bytes, std::size_t& position,
                                         bool& malformed);

} // namespace diffo::bolt

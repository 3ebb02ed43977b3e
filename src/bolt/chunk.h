#pragma once

#include <diffo/bolt_error.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace diffo::bolt {

/// Frames messages that are written straight into a buffer: the chunk header is reserved before the
/// message and filled in after it; only a message above 65 535 bytes is moved (neo4j.md §2.3). One
/// thread.
class ChunkWriter {
public:
  explicit ChunkWriter(std::string& out) : out_(out) {}
  void begin();
  void end();
  /// Takes back what was written since begin.
  void abandon();

private:
  std::string& out_;
  std::size_t start_ = 0;
};

/// Appends the payload as one framed message, in chunks of at most that size.
void append_message(std::string& out, std::string_view payload, std::size_t max_chunk = 0xFFFF);

/// Puts messages together from bytes that arrive in any pieces. One thread.
class ChunkReader {
public:
  struct Limits {
    std::size_t max_message_bytes = std::size_t{256} << 20;
    /// Keep-alives in a row without a message. A living server sends one in several seconds.
    std::size_t max_noops = 10'000;
  };
  enum class Status : std::uint8_t { message, need_more, failed };

  ChunkReader() : ChunkReader(Limits{}) {}
  explicit ChunkReader(Limits limits) : limits_(limits) {}

  /// Bytes as they came from the peer.
  void append(std::string_view bytes);
  /// The next whole message; the view stands until the next call of append or next.
  Status next(std::string_view& message);
  [[nodiscard]] Failure failure() const;
  /// True when the bytes end inside a message.
  [[nodiscard]] bool inside_message() const { return position_ < buffer_.size() || in_message_; }

private:
  std::string buffer_;
  std::size_t position_ = 0;
  std::string message_;
  bool in_message_ = false;
  bool message_taken_ = true;
  std::size_t noops_ = 0;
  std::string problem_;
  ErrorCode problem_code_ = ErrorCode::malformed;
  Limits limits_;
};

} // namespace diffo::bolt

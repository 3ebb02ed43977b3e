#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace diffo::http {

/// Takes a chunked body apart (RFC 9112 §7.1), from pieces of any size. Strict: what another reader
/// could delimit differently is malformed at the byte where that shows, without waiting for more.
/// One thread.
class ChunkedBody {
public:
  enum class Step : std::uint8_t {
    need_bytes, ///< everything given has been used
    data,       ///< `piece` is content
    end,        ///< the body is complete
    malformed,  ///< see `problem`
    too_large   ///< a chunk would take the content beyond its bound
  };

  explicit ChunkedBody(std::uint64_t most_bytes) : left_(most_bytes) {}

  /// Goes on with `bytes`, from whose front it removes what it has used; `piece` looks into them.
  Step next(std::string_view& bytes, std::string_view& piece);
  [[nodiscard]] std::string_view problem() const { return problem_; }

private:
  /// Where in the body the next byte stands.
  enum class At : std::uint8_t {
    size,         ///< a digit of a chunk's size, at least one
    extension,    ///< behind the size's ';'
    size_end,     ///< the LF of the line
    data,         ///< chunk_left_ bytes of content
    data_cr,      ///< the CR behind the content
    data_end,     ///< the LF behind the content
    trailer,      ///< the first byte of a trailer line, or the CR of the end
    trailer_name, ///< of a trailer line, up to its ':'
    trailer_value,
    trailer_end, ///< the LF of a trailer line
    last,        ///< the LF of the end
    done
  };

  Step take(char c);
  Step take_size(char c);
  Step take_trailer(char c);
  Step line_end(char c, At next);
  Step end_size();
  Step fail(std::string_view why);

  std::uint64_t left_; ///< of the bound
  std::uint64_t chunk_left_ = 0;
  std::size_t digits_ = 0;
  std::size_t line_bytes_ = 0; ///< of this line; of all trailer lines together
  At at_ = At::size;
  std::string trailer_name_;
  std::string_view problem_;
};

} // namespace diffo::http

#include "http/chunked_body.h"

#include "base/text.h"
#include "http/message.h"

#include <algorithm>

namespace diffo::http {
namespace {

/// A chunk's size with its extensions, or all trailer lines together, must fit here.
constexpr std::size_t longest_line = 8 * 1024;
constexpr std::size_t most_digits = 16;
/// No sender means a larger one; it would only make us wait.
constexpr std::uint64_t largest_chunk = std::uint64_t{1} << 40U;
/// Longer names are not among those that are compared.
constexpr std::size_t compared_name = 32;

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t') || byte == 0x7f;
}

/// RFC 9110 §6.5.1: fields that say where a message ends or whom it is for do not come behind it.
bool may_be_trailer(std::string_view name) {
  return !same_header_name(name, "content-length") &&
         !same_header_name(name, "transfer-encoding") && !same_header_name(name, "host");
}

} // namespace

ChunkedBody::Step ChunkedBody::fail(std::string_view why) {
  problem_ = why;
  return Step::malformed;
}

ChunkedBody::Step ChunkedBody::next(std::string_view& bytes, std::string_view& piece) {
  while (!bytes.empty() && at_ != At::done) {
    if (at_ == At::data) {
      const auto size =
          static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), chunk_left_));
      piece = bytes.substr(0, size);
      bytes.remove_prefix(size);
      chunk_left_ -= size;
      if (chunk_left_ == 0)
        at_ = At::data_cr;
      return Step::data;
    }
    const char c = bytes.front();
    bytes.remove_prefix(1);
    if (const Step step = take(c); step != Step::need_bytes)
      return step;
  }
  return at_ == At::done ? Step::end : Step::need_bytes;
}

ChunkedBody::Step ChunkedBody::line_end(char c, At next) {
  if (c != '\n')
    return fail("a line of the chunked body does not end in CR LF");
  at_ = next;
  return Step::need_bytes;
}

ChunkedBody::Step ChunkedBody::take(char c) {
  switch (at_) {
  case At::size:
  case At::extension:
    return take_size(c);
  case At::size_end:
    return c == '\n' ? end_size() : line_end(c, At::size);
  case At::data:
  case At::done:
    return Step::need_bytes;
  case At::data_cr:
    if (c != '\r')
      return fail("a chunk is longer than it says");
    at_ = At::data_end;
    return Step::need_bytes;
  case At::data_end:
    digits_ = line_bytes_ = 0;
    return line_end(c, At::size);
  case At::trailer:
  case At::trailer_name:
  case At::trailer_value:
    return take_trailer(c);
  case At::trailer_end:
    return line_end(c, At::trailer);
  case At::last:
    return line_end(c, At::done);
  }
  return Step::need_bytes;
}

/// chunk-size [ chunk-ext ] CR
ChunkedBody::Step ChunkedBody::take_size(char c) {
  if (++line_bytes_ > longest_line)
    return fail("a chunk header is too long");
  if (c == '\r' && digits_ > 0) {
    at_ = At::size_end;
    return Step::need_bytes;
  }
  if (c == '\n')
    return fail("a line of the chunked body does not end in CR LF");
  if (at_ == At::extension)
    return is_control(c) ? fail("a chunk extension has a control character") : Step::need_bytes;
  if (c == ';' && digits_ > 0) {
    at_ = At::extension;
    return Step::need_bytes;
  }
  const int digit = hex_digit(c);
  if (digit < 0 || ++digits_ > most_digits)
    return fail("the chunked body is malformed: a chunk's size is not a hexadecimal number");
  chunk_left_ = chunk_left_ * 16 + static_cast<unsigned>(digit);
  return Step::need_bytes;
}

ChunkedBody::Step ChunkedBody::end_size() {
  if (chunk_left_ > left_ || chunk_left_ > largest_chunk)
    return Step::too_large;
  left_ -= chunk_left_;
  line_bytes_ = 0;
  at_ = chunk_left_ > 0 ? At::data : At::trailer;
  return Step::need_bytes;
}

/// *( field-line CRLF ) CRLF; the fields are checked and then ignored.
ChunkedBody::Step ChunkedBody::take_trailer(char c) {
  if (++line_bytes_ > longest_line)
    return fail("the chunked body's trailer is too long");
  if (c == '\n')
    return fail("a line of the chunked body does not end in CR LF");
  if (at_ == At::trailer_value) {
    if (c == '\r')
      at_ = At::trailer_end;
    else if (is_control(c))
      return fail("a trailer has a control character");
    return Step::need_bytes;
  }
  if (at_ == At::trailer) {
    if (c == '\r') {
      at_ = At::last;
      return Step::need_bytes;
    }
    if (c == ' ' || c == '\t') // RFC 9112 §5.2
      return fail("a trailer is folded over several lines");
    trailer_name_.clear();
    at_ = At::trailer_name;
  }
  if (c == ':' && !trailer_name_.empty()) {
    if (!may_be_trailer(trailer_name_))
      return fail("a field that delimits the message stands in its trailer");
    at_ = At::trailer_value;
    return Step::need_bytes;
  }
  if (!is_token_character(c))
    return fail("a trailer's name has a character that is not allowed there");
  if (trailer_name_.size() < compared_name)
    trailer_name_ += c;
  return Step::need_bytes;
}

} // namespace diffo::http

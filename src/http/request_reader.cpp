#include "http/request_reader.h"

#include "http/chunked_body.h"

#include <algorithm>
#include <cstring>
#include <optional>

namespace diffo::http {
namespace {

constexpr std::size_t first_buffer_bytes = 4 * 1024;
constexpr std::size_t body_buffer_bytes = 64 * 1024;
/// What a request line holds besides its target.
constexpr std::size_t request_line_margin = 64;
/// A claimed Content-Length reserves no more than this before its bytes arrive.
constexpr std::uint64_t reserved_body_bytes = 256 * 1024;

/// Whether a line that is not here completely has a byte that none may have: then waiting for the
/// rest is in vain. A CR may still be followed by its LF.
bool has_control(std::string_view part) {
  for (std::size_t index = 0; index < part.size(); ++index) {
    const auto byte = static_cast<unsigned char>(part[index]);
    const bool last_cr = part[index] == '\r' && index + 1 == part.size();
    if ((byte < 0x20 && part[index] != '\t' && !last_cr) || byte == 0x7f)
      return true;
  }
  return false;
}

} // namespace

class RequestReader::Impl {
public:
  explicit Impl(const Limits& given) : limits(given) {}

  std::span<char> space();
  Step next();
  void accept_body(BodyMode mode);
  void start_over();
  /// Memory of a large request is given back when the connection falls idle.
  void shrink();

  const Limits& limits;
  RequestHead head;
  std::string collected; ///< the body, or the next piece of it
  BodyMode mode = BodyMode::collected;
  Refusal refusal;
  enum class State : std::uint8_t { head, wait, body, complete, refused } state = State::head;
  std::size_t begin = 0;
  std::size_t end = 0;
  std::uint64_t bytes = 0;
  bool lent = false; ///< the buffer is being read into

  [[nodiscard]] std::uint64_t held_bytes() const {
    return (collected.empty() ? 0 : collected.capacity()) +
           (capacity_ > body_buffer_bytes ? capacity_ : 0);
  }

private:
  Step refuse(Refusal why);
  Step scan_head();
  Step wait_for_head(std::string_view here);
  Step take_head(std::size_t length);
  Step parse_body();
  std::optional<Step> take_chunked();
  void take_plain();
  Step finished();

  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
  // Where the search for the end of the head goes on, relative to begin.
  std::size_t scanned_ = 0;
  std::size_t line_start_ = 0;
  std::size_t lines_ = 0;
  bool skipped_blank_line_ = false;
  std::string head_bytes_;
  std::optional<ChunkedBody> chunked_;
  std::uint64_t plain_left_ = 0; ///< of a body with Content-Length
  bool body_done_ = false;
};

std::span<char> RequestReader::Impl::space() {
  std::size_t wanted = first_buffer_bytes;
  if (state == State::refused) // what still comes is thrown away in large pieces
    wanted = body_buffer_bytes;
  if (state == State::body && head.content_length.value_or(UINT64_MAX) > first_buffer_bytes)
    wanted = body_buffer_bytes;
  if (begin == end)
    begin = end = 0;
  if (begin > 0 && capacity_ - end < wanted / 2) {
    std::memmove(buffer_.get(), buffer_.get() + begin, end - begin);
    end -= begin;
    begin = 0;
  }
  if (capacity_ - end < wanted / 2) {
    const std::size_t larger = std::max(wanted, capacity_ * 2);
    auto moved = std::make_unique_for_overwrite<char[]>(larger);
    if (end > 0)
      std::memcpy(moved.get(), buffer_.get(), end);
    buffer_ = std::move(moved);
    capacity_ = larger;
  }
  lent = true;
  return {buffer_.get() + end, capacity_ - end};
}

RequestReader::Step RequestReader::Impl::refuse(Refusal why) {
  state = State::refused;
  refusal = why;
  return Step::refused;
}

RequestReader::Step RequestReader::Impl::next() {
  switch (state) {
  case State::head:
    return scan_head();
  case State::wait:
    return Step::head;
  case State::body:
    return parse_body();
  case State::complete:
    return Step::complete;
  case State::refused:
    return Step::refused;
  }
  return Step::refused;
}

/// Finds the end of the head ourselves: Beast looks for CRLF CRLF only, so that bare line feeds
/// would keep it waiting, and it unfolds folded lines, which we refuse.
RequestReader::Step RequestReader::Impl::scan_head() {
  for (;;) {
    const char* const start = buffer_.get() + begin;
    const std::size_t size = end - begin;
    const void* const found =
        scanned_ < size ? std::memchr(start + scanned_, '\n', size - scanned_) : nullptr;
    if (found == nullptr) {
      scanned_ = size;
      return wait_for_head({start, size});
    }
    const auto position = static_cast<std::size_t>(static_cast<const char*>(found) - start);
    if (position == 0 || start[position - 1] != '\r' || position - 1 < line_start_)
      return refuse({400, "a header line does not end in CR LF"});
    const std::size_t length = position - 1 - line_start_;
    scanned_ = position + 1;
    if (length == 0 && lines_ == 0) { // RFC 9112 §2.2: one blank line before a request is ignored
      if (skipped_blank_line_)
        return refuse({400, "blank lines stand before the request"});
      skipped_blank_line_ = true;
      begin += scanned_;
      scanned_ = 0;
      continue;
    }
    if (lines_ == 0 && length > limits.target_bytes + request_line_margin)
      return refuse({414, "the request target is too long"});
    if (lines_ > 0 && length > 0 && (start[line_start_] == ' ' || start[line_start_] == '\t'))
      return refuse({400, "a header is folded over several lines"});
    if (scanned_ > limits.head_bytes)
      return refuse({431, "the request's headers are too large"});
    if (length == 0)
      return take_head(scanned_);
    ++lines_;
    line_start_ = scanned_;
  }
}

RequestReader::Step RequestReader::Impl::wait_for_head(std::string_view here) {
  constexpr char tls_handshake = '\x16';
  if (here.starts_with(tls_handshake))
    return refuse({400, "this port speaks plain HTTP, not TLS"});
  const std::string_view line = here.substr(line_start_);
  if (lines_ == 0 && line.size() > limits.target_bytes + request_line_margin)
    return refuse({414, "the request target is too long"});
  if (here.size() > limits.head_bytes)
    return refuse({431, "the request's headers are too large"});
  if (has_control(line) ||
      (lines_ == 0 && !line.empty() && line[0] != '\r' && !is_token_character(line[0])))
    return refuse({400, "what was sent is not the head of an HTTP/1.1 request"});
  return Step::need_bytes;
}

RequestReader::Step RequestReader::Impl::take_head(std::size_t length) {
  // Copied, because the body will need the buffer while the handler still looks at the head.
  head_bytes_.assign(buffer_.get() + begin, length);
  begin += length;
  bytes = length;
  if (const Refusal why = parse_head(head_bytes_, limits, head); why.status != 0)
    return refuse(why);
  state = State::wait;
  return Step::head;
}

void RequestReader::Impl::accept_body(BodyMode wanted) {
  DIFFO_ASSERT(state == State::wait);
  mode = wanted;
  if (head.is_chunked)
    chunked_.emplace(mode == BodyMode::streamed ? UINT64_MAX : limits.body_bytes);
  plain_left_ = head.content_length.value_or(0);
  state = State::body;
  if (!head.has_body) {
    state = State::complete;
  } else if (mode == BodyMode::collected && head.content_length.value_or(0) > limits.body_bytes) {
    refuse({413, "the request's body is too large"});
  } else if (mode == BodyMode::collected && head.content_length) {
    collected.reserve(
        static_cast<std::size_t>(std::min(*head.content_length, reserved_body_bytes)));
  }
}

RequestReader::Step RequestReader::Impl::finished() {
  if (mode == BodyMode::streamed && !collected.empty())
    return Step::piece;
  state = State::complete;
  return Step::complete;
}

RequestReader::Step RequestReader::Impl::parse_body() {
  while (begin < end && !body_done_) {
    if (mode == BodyMode::streamed && collected.size() >= body_buffer_bytes)
      return Step::piece;
    if (!chunked_)
      take_plain();
    else if (const auto step = take_chunked())
      return *step;
  }
  if (body_done_)
    return finished();
  if (mode == BodyMode::streamed && !collected.empty())
    return Step::piece;
  return Step::need_bytes;
}

void RequestReader::Impl::take_plain() {
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(end - begin, plain_left_));
  collected.append(buffer_.get() + begin, count);
  begin += count;
  bytes += count;
  plain_left_ -= count;
  body_done_ = plain_left_ == 0;
}

/// Takes what it can; a step only when the body cannot go on.
std::optional<RequestReader::Step> RequestReader::Impl::take_chunked() {
  std::string_view here(buffer_.get() + begin, end - begin);
  std::string_view piece;
  const ChunkedBody::Step step = chunked_->next(here, piece);
  const std::size_t used = end - begin - here.size();
  begin += used;
  bytes += used;
  switch (step) {
  case ChunkedBody::Step::data:
    collected += piece;
    return std::nullopt;
  case ChunkedBody::Step::need_bytes:
    return std::nullopt;
  case ChunkedBody::Step::end:
    body_done_ = true;
    return std::nullopt;
  case ChunkedBody::Step::malformed:
    return refuse({400, chunked_->problem()});
  case ChunkedBody::Step::too_large:
    return refuse({413, "the request's body is too large"});
  }
  return std::nullopt;
}

void RequestReader::Impl::start_over() {
  std::vector<Header> kept = std::move(head.headers);
  kept.clear();
  head = {};
  head.headers = std::move(kept);
  collected.clear();
  chunked_.reset();
  plain_left_ = 0;
  body_done_ = false;
  state = State::head;
  scanned_ = line_start_ = lines_ = 0;
  skipped_blank_line_ = false;
  bytes = 0;
  shrink();
}

void RequestReader::Impl::shrink() {
  if (collected.capacity() > body_buffer_bytes)
    std::string().swap(collected);
  if (!lent && begin == end && capacity_ > body_buffer_bytes / 2) {
    buffer_.reset();
    begin = end = capacity_ = 0;
  }
}

RequestReader::RequestReader(const Limits& limits) : impl_(std::make_unique<Impl>(limits)) {}
RequestReader::~RequestReader() = default;
std::span<char> RequestReader::space() {
  return impl_->space();
}
void RequestReader::received(std::size_t count) {
  impl_->end += count;
  impl_->lent = false;
}
RequestReader::Step RequestReader::next() {
  return impl_->next();
}
const RequestHead& RequestReader::head() const {
  return impl_->head;
}
void RequestReader::accept_body(BodyMode mode) {
  impl_->accept_body(mode);
}
std::string_view RequestReader::body() const {
  return impl_->mode == BodyMode::collected ? std::string_view(impl_->collected)
                                            : std::string_view();
}
std::string RequestReader::take_piece() {
  return std::exchange(impl_->collected, {});
}
Refusal RequestReader::refusal() const {
  return impl_->refusal;
}
bool RequestReader::is_idle() const {
  return impl_->state == Impl::State::head && impl_->begin == impl_->end;
}
bool RequestReader::has_unread() const {
  return impl_->begin != impl_->end;
}
bool RequestReader::is_complete() const {
  return impl_->state == Impl::State::complete;
}
std::uint64_t RequestReader::held_bytes() const {
  return impl_->held_bytes();
}
std::uint64_t RequestReader::request_bytes() const {
  return impl_->bytes;
}
void RequestReader::start_over() {
  impl_->start_over();
}

} // namespace diffo::http

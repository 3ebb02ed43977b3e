#include "http/request_reader.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <cstring>

namespace diffo::http {
namespace {

namespace beast = boost::beast;
using beast::error_code;
using beast::http::field;
using BeastError = beast::http::error;

constexpr std::size_t first_buffer_bytes = 4 * 1024;
constexpr std::size_t body_buffer_bytes = 64 * 1024;
/// A chunk header with its extensions, or the trailer, must fit here.
constexpr std::size_t chunk_line_bytes = 8 * 1024;
/// "0\r\n\r\n"
constexpr std::size_t shortest_chunked_end = 5;
/// What a request line holds besides its target.
constexpr std::size_t request_line_margin = 64;
/// A claimed Content-Length reserves no more than this before its bytes arrive.
constexpr std::uint64_t reserved_body_bytes = 256 * 1024;

std::string_view view(beast::string_view text) {
  return {text.data(), text.size()};
}

bool is_host_byte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte > 0x20 && byte < 0x7f && std::strchr("/?#@\\,\"<>^`{|}", c) == nullptr;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// What the header lines say about framing, gathered line by line.
struct Framing {
  int hosts = 0;
  int content_lengths = 0;
  int transfer_encodings = 0;
  std::string_view host;
  std::string_view content_length;
  std::string_view transfer_encoding;
  std::string_view expect;
};

/// Beast's parser with its callbacks filling our structures. It reads one message; each request
/// gets a new one.
class Parser final : public beast::http::basic_parser<true> {
public:
  Parser(RequestHead& head, Framing& framing, std::string& sink)
      : head_(head), framing_(framing), sink_(sink) {
    header_limit(1U << 30);  // bounded by RequestReader before it parses
    body_limit(boost::none); // bounded in take()
    eager(false);
  }

  bool too_many_fields = false;
  std::size_t max_fields = 0;
  std::uint64_t max_body = 0;
  std::uint64_t body_bytes = 0;
  bool inside_chunk = false;

private:
  void on_request_impl(beast::http::verb, beast::string_view method, beast::string_view target,
                       int version, error_code&) override {
    head_.method_token = view(method);
    head_.method = method_of(head_.method_token);
    head_.target = view(target);
    head_.minor_version = version % 10;
  }
  void on_response_impl(int, beast::string_view, int, error_code&) override {}
  void on_field_impl(field name, beast::string_view name_text, beast::string_view value_text,
                     error_code& ec) override {
    if (in_body_)
      return; // trailer fields are checked by Beast and then ignored
    if (head_.headers.size() == max_fields) {
      too_many_fields = true;
      ec = BeastError::header_limit;
      return;
    }
    const std::string_view value = view(value_text);
    head_.headers.push_back({view(name_text), value});
    if (name == field::host) {
      ++framing_.hosts;
      framing_.host = value;
    } else if (name == field::content_length) {
      ++framing_.content_lengths;
      framing_.content_length = value;
    } else if (name == field::transfer_encoding) {
      ++framing_.transfer_encodings;
      framing_.transfer_encoding = value;
    } else if (name == field::expect) {
      framing_.expect = value;
    }
  }
  void on_header_impl(error_code&) override { in_body_ = true; }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(beast::string_view bytes, error_code& ec) override {
    return take(bytes, ec);
  }
  void on_chunk_header_impl(std::uint64_t size, beast::string_view, error_code&) override {
    inside_chunk = size > 0;
  }
  std::size_t on_chunk_body_impl(std::uint64_t remain, beast::string_view bytes,
                                 error_code& ec) override {
    inside_chunk = remain > bytes.size();
    return take(bytes, ec);
  }
  void on_finish_impl(error_code&) override {}

  std::size_t take(beast::string_view bytes, error_code& ec) {
    if (bytes.size() > max_body - body_bytes) {
      ec = BeastError::body_limit;
      return 0;
    }
    body_bytes += bytes.size();
    sink_.append(bytes.data(), bytes.size());
    return bytes.size();
  }

  RequestHead& head_;
  Framing& framing_;
  std::string& sink_;
  bool in_body_ = false;
};

/// RFC 9112 §3.2: a request without a Host, with two, or with a wrong one is refused.
std::string_view host_problem(const Framing& framing, int minor_version) {
  if (framing.hosts > 1)
    return "the request has more than one Host header";
  if (framing.hosts == 0)
    return minor_version == 0 ? "" : "the request has no Host header";
  if (!std::all_of(framing.host.begin(), framing.host.end(), is_host_byte))
    return "the Host header is not a host name with an optional port";
  return "";
}

/// RFC 9112 §6.3: whatever two readers could delimit differently is refused.
Refusal framing_problem(const Framing& framing, int minor_version) {
  if (framing.content_lengths > 1)
    return {400, "the request has more than one Content-Length header"};
  if (framing.content_lengths > 0 && framing.transfer_encodings > 0)
    return {400, "the request has both Content-Length and Transfer-Encoding"};
  if (framing.content_lengths > 0 &&
      (framing.content_length.empty() ||
       !std::all_of(framing.content_length.begin(), framing.content_length.end(), is_digit)))
    return {400, "Content-Length is not a number"};
  if (framing.transfer_encodings == 0)
    return {0, ""};
  if (minor_version == 0)
    return {400, "HTTP/1.0 has no Transfer-Encoding"};
  if (framing.transfer_encodings > 1)
    return {400, "the request has more than one Transfer-Encoding header"};
  if (!same_header_name(framing.transfer_encoding, "chunked"))
    return {501, "the only transfer coding understood is chunked"};
  return {0, ""};
}

/// Splits the target into path and query. RFC 9112 §3.2: origin-form, absolute-form (whose
/// authority is ignored), and the asterisk-form for OPTIONS.
std::string_view split_target(RequestHead& head) {
  std::string_view rest = head.target;
  if (rest.find('#') != std::string_view::npos)
    return "the request target contains a '#'";
  if (rest == "*" && head.method == Method::options) {
    head.path = rest;
    return "";
  }
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (rest.size() < scheme.size() || !same_header_name(rest.substr(0, scheme.size()), scheme))
      continue;
    rest.remove_prefix(scheme.size());
    const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
    if (end == 0)
      return "the request target has no authority";
    rest.remove_prefix(end);
    const bool has_path = !rest.empty() && rest.front() == '/';
    const std::size_t mark = std::min(rest.find('?'), rest.size());
    head.path = has_path ? rest.substr(0, mark) : std::string_view("/");
    head.query = rest.substr(std::min(mark + 1, rest.size()));
    return "";
  }
  if (rest.empty() || rest.front() != '/')
    return "the request target is neither a path nor an http URL";
  const std::size_t mark = std::min(rest.find('?'), rest.size());
  head.path = rest.substr(0, mark);
  head.query = rest.substr(std::min(mark + 1, rest.size()));
  return "";
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

private:
  Step refuse(int status, std::string_view message);
  Step scan_head();
  Step parse_head(std::size_t length);
  Refusal head_error(error_code ec) const;
  Step parse_body();
  Step body_error(error_code ec);
  Step finished();

  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
  // Where the search for the end of the head goes on, relative to begin.
  std::size_t scanned_ = 0;
  std::size_t line_start_ = 0;
  std::size_t lines_ = 0;
  bool skipped_blank_line_ = false;
  std::string head_bytes_;
  Framing framing_;
  std::optional<Parser> parser_;
};

std::span<char> RequestReader::Impl::space() {
  std::size_t wanted = first_buffer_bytes;
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
  return {buffer_.get() + end, capacity_ - end};
}

RequestReader::Step RequestReader::Impl::refuse(int status, std::string_view message) {
  state = State::refused;
  refusal = {status, message};
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
      if (lines_ == 0 && size - line_start_ > limits.target_bytes + request_line_margin)
        return refuse(414, "the request target is too long");
      if (size > limits.head_bytes)
        return refuse(431, "the request's headers are too large");
      return Step::need_bytes;
    }
    const auto position = static_cast<std::size_t>(static_cast<const char*>(found) - start);
    if (position == 0 || start[position - 1] != '\r' || position - 1 < line_start_)
      return refuse(400, "a header line does not end in CR LF");
    const std::size_t length = position - 1 - line_start_;
    scanned_ = position + 1;
    if (length == 0 && lines_ == 0) { // RFC 9112 §2.2: one blank line before a request is ignored
      if (skipped_blank_line_)
        return refuse(400, "blank lines stand before the request");
      skipped_blank_line_ = true;
      begin += scanned_;
      scanned_ = 0;
      continue;
    }
    if (lines_ == 0 && length > limits.target_bytes + request_line_margin)
      return refuse(414, "the request target is too long");
    if (lines_ > 0 && length > 0 && (start[line_start_] == ' ' || start[line_start_] == '\t'))
      return refuse(400, "a header is folded over several lines");
    if (scanned_ > limits.head_bytes)
      return refuse(431, "the request's headers are too large");
    if (length == 0)
      return parse_head(scanned_);
    ++lines_;
    line_start_ = scanned_;
  }
}

Refusal RequestReader::Impl::head_error(error_code ec) const {
  if (parser_->too_many_fields)
    return {431, "the request has too many headers"};
  if (ec == BeastError::bad_version) {
    const std::string_view line(head_bytes_.data(), head_bytes_.find('\r'));
    const std::string_view version = line.substr(line.rfind(' ') + 1);
    if (version.size() == 8 && version.starts_with("HTTP/") && is_digit(version[5]) &&
        version[6] == '.' && is_digit(version[7]) && version[5] != '1')
      return {505, "only HTTP/1.1 and HTTP/1.0 are spoken here"};
    return {400, "the request line does not end in HTTP/1.1"};
  }
  if (ec == BeastError::bad_method)
    return {400, "the request line does not start with a method"};
  if (ec == BeastError::bad_target)
    return {400, "the request target has a character that must be percent-encoded"};
  if (ec == BeastError::bad_field)
    return {400, "a header name has a character that is not allowed there"};
  if (ec == BeastError::bad_value)
    return {400, "a header value has a character that is not allowed there"};
  if (ec == BeastError::bad_content_length || ec == BeastError::multiple_content_length ||
      ec == BeastError::bad_transfer_encoding)
    return {400, "Content-Length and Transfer-Encoding do not agree on where the body ends"};
  return {400, "the request's head is not HTTP/1.1"};
}

RequestReader::Step RequestReader::Impl::parse_head(std::size_t length) {
  // Copied, because the body will need the buffer while the handler still looks at the head.
  head_bytes_.assign(buffer_.get() + begin, length);
  begin += length;
  bytes = length;
  parser_.emplace(head, framing_, collected);
  parser_->max_fields = limits.head_fields;
  error_code ec;
  parser_->put(boost::asio::buffer(head_bytes_), ec);
  // Beast first reads the start line and may then ask to be called again for the fields.
  if (ec) {
    const Refusal why = head_error(ec);
    return refuse(why.status, why.message);
  }
  if (head.target.size() > limits.target_bytes)
    return refuse(414, "the request target is too long");
  if (const Refusal why = framing_problem(framing_, head.minor_version); why.status != 0)
    return refuse(why.status, why.message);
  if (const std::string_view why = host_problem(framing_, head.minor_version); !why.empty())
    return refuse(400, why);
  if (head.method == Method::connect)
    return refuse(501, "this server is not a proxy");
  if (const std::string_view why = split_target(head); !why.empty())
    return refuse(400, why);
  if (!framing_.expect.empty() && head.minor_version > 0) {
    if (!same_header_name(framing_.expect, "100-continue"))
      return refuse(417, "the only expectation understood is 100-continue");
    head.expects_continue = true;
  }
  head.keep_alive = head.minor_version > 0 && parser_->keep_alive();
  head.has_body = !parser_->is_done();
  if (const auto length_given = parser_->content_length())
    head.content_length = *length_given;
  state = State::wait;
  return Step::head;
}

void RequestReader::Impl::accept_body(BodyMode wanted) {
  DIFFO_ASSERT(state == State::wait);
  mode = wanted;
  parser_->max_body = mode == BodyMode::streamed ? UINT64_MAX : limits.body_bytes;
  state = State::body;
  if (!head.has_body) {
    state = State::complete;
  } else if (mode == BodyMode::collected && head.content_length.value_or(0) > limits.body_bytes) {
    refuse(413, "the request's body is too large");
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

RequestReader::Step RequestReader::Impl::body_error(error_code ec) {
  if (ec == BeastError::body_limit)
    return refuse(413, "the request's body is too large");
  return refuse(400, "the chunked body is malformed");
}

RequestReader::Step RequestReader::Impl::parse_body() {
  if (parser_->is_done())
    return finished();
  while (begin < end) {
    if (mode == BodyMode::streamed && collected.size() >= body_buffer_bytes)
      return Step::piece;
    // Beast asserts that five bytes are here when it looks at a last chunk again; no chunked body
    // ends in fewer.
    if (parser_->chunked() && !parser_->inside_chunk && end - begin < shortest_chunked_end)
      break;
    error_code ec;
    const std::size_t used =
        parser_->put(boost::asio::buffer(buffer_.get() + begin, end - begin), ec);
    begin += used;
    bytes += used;
    if (ec == BeastError::need_more) {
      if (end - begin > chunk_line_bytes)
        return refuse(400, "a chunk header or trailer is too long");
      break;
    }
    if (ec)
      return body_error(ec);
    if (parser_->is_done())
      return finished();
  }
  if (mode == BodyMode::streamed && !collected.empty())
    return Step::piece;
  return Step::need_bytes;
}

void RequestReader::Impl::start_over() {
  std::vector<Header> kept = std::move(head.headers);
  kept.clear();
  head = {};
  head.headers = std::move(kept);
  framing_ = {};
  collected.clear();
  parser_.reset();
  state = State::head;
  scanned_ = line_start_ = lines_ = 0;
  skipped_blank_line_ = false;
  bytes = 0;
  shrink();
}

void RequestReader::Impl::shrink() {
  if (collected.capacity() > body_buffer_bytes)
    std::string().swap(collected);
  if (begin == end && capacity_ > body_buffer_bytes / 2) {
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
std::uint64_t RequestReader::request_bytes() const {
  return impl_->bytes;
}
void RequestReader::start_over() {
  impl_->start_over();
}

} // namespace diffo::http

#include "http/request_head.h"

#include "http/authority.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>

namespace diffo::http {
namespace {

namespace beast = boost::beast;
using beast::error_code;
using beast::http::field;
using BeastError = beast::http::error;

constexpr Refusal good{0, ""};

std::string_view view(beast::string_view text) {
  return {text.data(), text.size()};
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

/// Beast's parser with its callbacks filling our structures. It is given heads only.
class Parser final : public beast::http::basic_parser<true> {
public:
  Parser(RequestHead& head, Framing& framing, std::size_t max_fields)
      : head_(head), framing_(framing), max_fields_(max_fields) {
    header_limit(1U << 30);  // bounded by RequestReader before it parses
    body_limit(boost::none); // no body passes through here
    eager(false);
  }

  bool too_many_fields = false;

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
    if (head_.headers.size() == max_fields_) {
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
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(beast::string_view bytes, error_code&) override { return bytes.size(); }
  void on_chunk_header_impl(std::uint64_t, beast::string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view bytes, error_code&) override {
    return bytes.size();
  }
  void on_finish_impl(error_code&) override {}

  RequestHead& head_;
  Framing& framing_;
  std::size_t max_fields_;
};

Refusal version_problem(std::string_view bytes) {
  const std::string_view line = bytes.substr(0, bytes.find('\r'));
  const std::string_view version = line.substr(line.rfind(' ') + 1);
  if (version.size() == 8 && version.starts_with("HTTP/") && is_digit(version[5]) &&
      version[6] == '.' && is_digit(version[7]) && version[5] != '1')
    return {505, "only HTTP/1.1 and HTTP/1.0 are spoken here"};
  return {400, "the request line does not end in HTTP/1.1"};
}

Refusal syntax_problem(std::string_view bytes, const Parser& parser, error_code ec) {
  if (parser.too_many_fields)
    return {431, "the request has too many headers"};
  if (ec == BeastError::bad_version)
    return version_problem(bytes);
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
    return good;
  if (minor_version == 0)
    return {400, "HTTP/1.0 has no Transfer-Encoding"};
  if (framing.transfer_encodings > 1)
    return {400, "the request has more than one Transfer-Encoding header"};
  if (!same_header_name(framing.transfer_encoding, "chunked"))
    return {501, "the only transfer coding understood is chunked"};
  return good;
}

/// Splits the target into authority, path and query. RFC 9112 §3.2: origin-form, absolute-form, and
/// the asterisk-form for OPTIONS.
std::string_view split_target(RequestHead& head) {
  std::string_view rest = head.target;
  if (rest.find('#') != std::string_view::npos)
    return "the request target contains a '#'";
  if (rest == "*" && head.method == Method::options) {
    head.path = rest;
    return "";
  }
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!same_header_name(rest.substr(0, scheme.size()), scheme))
      continue;
    rest.remove_prefix(scheme.size());
    head.authority = rest.substr(0, rest.find_first_of("/?"));
    if (!Authority::parse(head.authority))
      return "the request target has no valid authority";
    rest.remove_prefix(head.authority.size());
    if (!rest.starts_with('/'))
      head.path = "/";
    break;
  }
  if (head.path.empty() && !rest.starts_with('/'))
    return "the request target is neither a path nor an http URL";
  const std::size_t mark = std::min(rest.find('?'), rest.size());
  if (head.path.empty())
    head.path = rest.substr(0, mark);
  head.query = rest.substr(std::min(mark + 1, rest.size()));
  return "";
}

/// RFC 9112 §3.2: a request without a Host, with two, or with a wrong one is refused. §3.2.2: an
/// absolute target beats Host, which must be valid all the same.
std::string_view settle_authority(const Framing& framing, RequestHead& head) {
  if (framing.hosts > 1)
    return "the request has more than one Host header";
  if (framing.hosts == 0)
    return head.minor_version == 0 ? "" : "the request has no Host header";
  if (!Authority::parse(framing.host))
    return "the Host header is not a host name with an optional port";
  if (head.authority.empty())
    head.authority = framing.host;
  return "";
}

} // namespace

Refusal parse_head(std::string_view bytes, const Limits& limits, RequestHead& head) {
  Framing framing;
  Parser parser(head, framing, limits.head_fields);
  error_code ec;
  parser.put(boost::asio::buffer(bytes.data(), bytes.size()), ec);
  if (ec)
    return syntax_problem(bytes, parser, ec);
  if (head.target.size() > limits.target_bytes)
    return {414, "the request target is too long"};
  if (const Refusal why = framing_problem(framing, head.minor_version); why.status != 0)
    return why;
  if (head.method == Method::connect)
    return {501, "this server is not a proxy"};
  if (const std::string_view why = split_target(head); !why.empty())
    return {400, why};
  if (const std::string_view why = settle_authority(framing, head); !why.empty())
    return {400, why};
  if (!framing.expect.empty() && head.minor_version > 0) {
    if (!same_header_name(framing.expect, "100-continue"))
      return {417, "the only expectation understood is 100-continue"};
    head.expects_continue = true;
  }
  head.keep_alive = head.minor_version > 0 && parser.keep_alive();
  head.is_chunked = framing.transfer_encodings > 0;
  if (const auto length = parser.content_length())
    head.content_length = *length;
  head.has_body = head.is_chunked || head.content_length.value_or(0) > 0;
  return good;
}

} // namespace diffo::http

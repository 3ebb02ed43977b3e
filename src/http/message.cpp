#include "http/message.h"

#include "base/text.h"

#include <array>
#include <cstring>

namespace diffo::http {
namespace {

constexpr std::array<std::string_view, 9> method_names = {
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"};

/// Of responders that are destroyed unused on this thread; see DroppedFor.
thread_local int status_of_dropped = 500;

/// Hands the answer to a function.
class FunctionPort final : public ExchangePort {
public:
  explicit FunctionPort(std::function<void(Response)> receiver) : receiver_(std::move(receiver)) {}
  void answer(std::uint64_t, Response&& response) override { receiver_(std::move(response)); }
  void drop(std::uint64_t, int status) override { receiver_(Response{.status = status}); }
  void set_route(std::uint64_t, std::string_view) override {}
  void read_body(std::uint64_t, BodyCallback callback) override {
    callback(Error{ErrorCode::unsupported, "this request has no streamed body"});
  }
  void chunk(std::uint64_t, ChunkKind, std::string&&) override {}

private:
  std::function<void(Response)> receiver_;
};

class DressingPort final : public ExchangePort {
public:
  DressingPort(Responder inner, std::function<void(Response&)> dress)
      : inner_(std::move(inner)), dress_(std::move(dress)) {}
  void answer(std::uint64_t, Response&& response) override {
    dress_(response);
    inner_.send(std::move(response));
  }
  void drop(std::uint64_t, int) override {
    // It goes on this thread, whose failure it answers with.
    const Responder dropped = std::move(inner_);
  }
  void set_route(std::uint64_t, std::string_view route) override { inner_.set_route(route); }
  void read_body(std::uint64_t, BodyCallback) override {}
  void chunk(std::uint64_t, ChunkKind, std::string&&) override {}

private:
  Responder inner_;
  std::function<void(Response&)> dress_;
};

void append_json_text(std::string& out, std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      out += "\\u00";
      out += digits[byte >> 4];
      out += digits[byte & 15];
    } else {
      out += c;
    }
  }
}

} // namespace

std::string_view name_of(Method method) {
  const auto index = static_cast<std::size_t>(method);
  return index < method_names.size() ? method_names[index] : std::string_view();
}

Method method_of(std::string_view token) {
  for (std::size_t index = 0; index < method_names.size(); ++index)
    if (method_names[index] == token)
      return static_cast<Method>(index);
  return Method::other;
}

std::string_view reason_of(int status) {
  struct Entry {
    int status;
    std::string_view reason;
  };
  static constexpr Entry entries[] = {{100, "Continue"},
                                      {200, "OK"},
                                      {201, "Created"},
                                      {202, "Accepted"},
                                      {204, "No Content"},
                                      {206, "Partial Content"},
                                      {301, "Moved Permanently"},
                                      {302, "Found"},
                                      {303, "See Other"},
                                      {304, "Not Modified"},
                                      {307, "Temporary Redirect"},
                                      {308, "Permanent Redirect"},
                                      {400, "Bad Request"},
                                      {401, "Unauthorized"},
                                      {403, "Forbidden"},
                                      {404, "Not Found"},
                                      {405, "Method Not Allowed"},
                                      {406, "Not Acceptable"},
                                      {408, "Request Timeout"},
                                      {409, "Conflict"},
                                      {410, "Gone"},
                                      {411, "Length Required"},
                                      {412, "Precondition Failed"},
                                      {413, "Content Too Large"},
                                      {414, "URI Too Long"},
                                      {415, "Unsupported Media Type"},
                                      {416, "Range Not Satisfiable"},
                                      {417, "Expectation Failed"},
                                      {422, "Unprocessable Content"},
                                      {428, "Precondition Required"},
                                      {429, "Too Many Requests"},
                                      {431, "Request Header Fields Too Large"},
                                      {500, "Internal Server Error"},
                                      {501, "Not Implemented"},
                                      {502, "Bad Gateway"},
                                      {503, "Service Unavailable"},
                                      {504, "Gateway Timeout"},
                                      {505, "HTTP Version Not Supported"},
                                      {507, "Insufficient Storage"}};
  for (const Entry& entry : entries)
    if (entry.status == status)
      return entry.reason;
  return "Unknown";
}

bool same_header_name(std::string_view left, std::string_view right) {
  if (left.size() != right.size())
    return false;
  for (std::size_t index = 0; index < left.size(); ++index)
    if (small_letter(left[index]) != small_letter(right[index]))
      return false;
  return true;
}

bool is_token_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c != '\0' && std::strchr("!#$%&'*+-.^_`|~", c) != nullptr);
}

std::string_view Request::header(std::string_view name) const {
  for (const Header& candidate : headers)
    if (same_header_name(candidate.name, name))
      return candidate.value;
  return {};
}

std::string Request::joined_header(std::string_view name) const {
  std::string joined;
  for (const Header& candidate : headers) {
    if (!same_header_name(candidate.name, name))
      continue;
    if (!joined.empty())
      joined += ", ";
    joined += candidate.value;
  }
  return joined;
}

bool Request::has_header(std::string_view name) const {
  for (const Header& candidate : headers)
    if (same_header_name(candidate.name, name))
      return true;
  return false;
}

std::string_view Request::parameter(std::string_view name) const {
  for (const PathParameter& candidate : path_parameters)
    if (candidate.name == name)
      return candidate.value;
  return {};
}

void BodyReader::read(Callback callback) {
  if (!port_) {
    callback(Error{ErrorCode::unsupported, "this request has no streamed body"});
    return;
  }
  port_->read_body(ticket_, std::move(callback));
}

ChunkSink::~ChunkSink() {
  if (port_)
    finish(ExchangePort::ChunkKind::failed, {});
}

void ChunkSink::chunk(std::string bytes) {
  finish(ExchangePort::ChunkKind::data, std::move(bytes));
}
void ChunkSink::end() {
  finish(ExchangePort::ChunkKind::end, {});
}
void ChunkSink::fail() {
  finish(ExchangePort::ChunkKind::failed, {});
}

void ChunkSink::finish(ExchangePort::ChunkKind kind, std::string bytes) {
  DIFFO_ASSERT(port_ != nullptr);
  const auto port = std::exchange(port_, nullptr);
  port->chunk(ticket_, kind, std::move(bytes));
}

BodySource pull_source(std::function<bool(std::string&)> pull) {
  return [pull = std::move(pull), ended = false](ChunkSink sink) mutable {
    if (ended)
      return sink.end();
    std::string bytes;
    ended = !pull(bytes);
    if (ended && bytes.empty())
      return sink.end();
    sink.chunk(std::move(bytes));
  };
}

DroppedFor::DroppedFor(const Error& failure) : before_(status_of_dropped) {
  status_of_dropped = failure.code == ErrorCode::unavailable ? 503 : 500;
}

DroppedFor::~DroppedFor() {
  status_of_dropped = before_;
}

Responder::~Responder() {
  if (port_)
    port_->drop(ticket_, status_of_dropped);
}

Responder Responder::to(std::function<void(Response)> receiver) {
  return {std::make_shared<FunctionPort>(std::move(receiver)), 0};
}

Responder Responder::dressed(std::function<void(Response&)> dress) && {
  return {std::make_shared<DressingPort>(std::move(*this), std::move(dress)), 0};
}

void Responder::send(Response response) {
  DIFFO_ASSERT(port_ != nullptr);
  const auto port = std::exchange(port_, nullptr);
  port->answer(ticket_, std::move(response));
}

void Responder::set_route(std::string_view route) {
  if (port_)
    port_->set_route(ticket_, route);
}

ErrorBody plain_error_body(int status, std::string_view reason, std::string_view message) {
  const std::string number = std::to_string(status);
  std::string body = "{\"code\":\"" + number + "\",\"reason\":\"";
  append_json_text(body, reason);
  body += "\",\"message\":\"";
  append_json_text(body, message);
  body += "\",\"status\":\"" + number + "\"}";
  return {"application/json", std::move(body)};
}

} // namespace diffo::http

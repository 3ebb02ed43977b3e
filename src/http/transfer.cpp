#include "http/transfer.h"

#include "http/message.h"

#include <algorithm>
#include <array>
#include <exception>
#include <span>
#include <string_view>
#include <utility>

#include <arpa/inet.h>
#include <curl/curl.h>
#include <sys/socket.h>

namespace diffo::http {
namespace {

constexpr std::size_t max_header_bytes = 256 * 1024;

long status_of(CURL* handle) {
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  return status;
}

ErrorCode code_of(CURLcode code) {
  if (code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST)
    return ErrorCode::unavailable;
  if (code == CURLE_OPERATION_TIMEDOUT)
    return ErrorCode::timeout;
  if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL)
    return ErrorCode::invalid;
  return ErrorCode::io;
}

bool has_line_break(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

/// The text of an address, without a port; empty for what is no address of the internet.
std::string text_of(const curl_sockaddr& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* bytes = nullptr;
  // What libcurl hands over is laid out as the family says.
  if (address.family == AF_INET)
    bytes = &reinterpret_cast<const sockaddr_in*>(&address.addr)->sin_addr;
  else if (address.family == AF_INET6)
    bytes = &reinterpret_cast<const sockaddr_in6*>(&address.addr)->sin6_addr;
  if (bytes == nullptr || inet_ntop(address.family, bytes, text.data(), text.size()) == nullptr)
    return {};
  return text.data();
}

} // namespace

bool curl_ready() {
  static const bool ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  return ready;
}

struct Transfer::Callbacks {
  static std::size_t on_upload(char* buffer, std::size_t size, std::size_t count, void* context) {
    auto& transfer = *static_cast<Transfer*>(context);
    auto filled = transfer.request_.upload(std::span(buffer, size * count));
    if (filled)
      return std::min(*filled, size * count);
    transfer.failure_ = std::move(filled).error();
    return CURL_READFUNC_ABORT;
  }

  static std::size_t on_download(char* bytes, std::size_t size, std::size_t count, void* context) {
    auto& transfer = *static_cast<Transfer*>(context);
    const std::string_view piece(bytes, size * count);
    if (transfer.request_.download) {
      auto taken = transfer.request_.download(static_cast<int>(status_of(transfer.easy_)), piece);
      if (taken)
        return piece.size();
      transfer.failure_ = std::move(taken).error();
      return 0;
    }
    const std::size_t most = transfer.options_.answer_bytes;
    if (piece.size() > most - transfer.answer_.body.size()) {
      transfer.failure_ = Error{ErrorCode::too_large,
                                "the answer is larger than " + std::to_string(most) + " bytes"};
      return 0;
    }
    transfer.answer_.body += piece;
    return piece.size();
  }

  /// Asked about once a second, and whenever something moves.
  static int on_progress(void* context, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    auto& transfer = *static_cast<Transfer*>(context);
    if (!transfer.options_.cancellation.is_requested())
      return 0;
    transfer.failure_ = Error{ErrorCode::unavailable, "broken off"};
    return 1;
  }

  static std::size_t on_header(char* bytes, std::size_t size, std::size_t count, void* context) {
    auto& transfer = *static_cast<Transfer*>(context);
    std::string_view line(bytes, size * count);
    const std::size_t taken = line.size();
    transfer.header_bytes_ += taken;
    if (transfer.header_bytes_ > max_header_bytes) {
      transfer.failure_ = Error{ErrorCode::too_large, "the answer's headers are too large"};
      return 0;
    }
    if (line.starts_with("HTTP/")) // also after 100 Continue
      transfer.answer_.headers.clear();
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos)
      return taken;
    std::string_view value = line.substr(colon + 1);
    const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
    while (!value.empty() && is_space(value.front()))
      value.remove_prefix(1);
    while (!value.empty() && is_space(value.back()))
      value.remove_suffix(1);
    transfer.answer_.headers.emplace_back(line.substr(0, colon), value);
    return taken;
  }

  /// The last word on where a connection leads: the name may have led elsewhere before.
  static curl_socket_t on_connect(void* context, curlsocktype purpose, curl_sockaddr* address) {
    auto& transfer = *static_cast<Transfer*>(context);
    try {
      const std::string text = text_of(*address);
      if (purpose == CURLSOCKTYPE_IPCXN && transfer.options_.may_connect(text))
        return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
      transfer.failure_ = Error{ErrorCode::forbidden, "the address " + text + " is not allowed"};
    } catch (const std::exception& problem) {
      transfer.failure_ = Error{ErrorCode::internal, problem.what()};
    }
    return CURL_SOCKET_BAD;
  }

  /// Exceptions of the caller's functions must not run through libcurl's frames.
  template <auto Function>
  static std::size_t guarded(char* bytes, std::size_t size, std::size_t count, void* context) {
    try {
      return Function(bytes, size, count, context);
    } catch (const std::exception& problem) {
      static_cast<Transfer*>(context)->failure_ = Error{ErrorCode::internal, problem.what()};
    } catch (...) {
      static_cast<Transfer*>(context)->failure_ =
          Error{ErrorCode::internal, "a callback has thrown"};
    }
    // Stops a download; an upload takes it for the end of the body, but the failure is what gets
    // reported.
    return Function == &on_upload ? static_cast<std::size_t>(CURL_READFUNC_ABORT) : 0;
  }
};

Transfer::Transfer(void* easy, const ClientOptions& options, const ClientRequest& request)
    : easy_(easy), options_(options), request_(request), problem_(CURL_ERROR_SIZE) {}

Transfer::~Transfer() {
  curl_slist_free_all(static_cast<curl_slist*>(headers_));
}

Result<void> Transfer::prepare() {
  if (request_.method.empty() || has_line_break(request_.method) ||
      request_.method.find(' ') != std::string::npos)
    return Error{ErrorCode::invalid, "a method is one word", "method"};
  if (request_.target.empty() || request_.target.front() != '/' || has_line_break(request_.target))
    return Error{ErrorCode::invalid, "a target starts with '/' and has no line breaks", "target"};
  url_ = options_.base_url + request_.target;
  set_common();
  set_body();
  return set_headers();
}

Result<void> Transfer::set_headers() {
  const auto append = [this](const std::string& line) {
    headers_ = curl_slist_append(static_cast<curl_slist*>(headers_), line.c_str());
  };
  bool has_type = false;
  bool has_expect = false;
  for (const auto& [name, value] : request_.headers) {
    if (has_line_break(name) || has_line_break(value))
      return Error{ErrorCode::invalid, "a header contains a line break", name};
    has_type = has_type || same_header_name(name, "content-type");
    has_expect = has_expect || same_header_name(name, "expect");
    // A header without a value is written with a semicolon, see CURLOPT_HTTPHEADER.
    std::string line = name;
    line += value.empty() ? ";" : ": ";
    line += value;
    append(line);
  }
  if (!has_expect)
    append("Expect:"); // libcurl would wait a second for a 100 that old servers never send
  if (!has_type)
    append("Content-Type:");
  if (request_.upload)
    append("Transfer-Encoding: chunked");
  curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, static_cast<curl_slist*>(headers_));
  return {};
}

void Transfer::set_common() {
  CURL* const easy = easy_;
  curl_easy_reset(easy); // keeps the open connection
  curl_easy_setopt(easy, CURLOPT_URL, url_.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, problem_.data());
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(options_.connect_timeout.count()));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(options_.timeout.count()));
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, static_cast<long>(options_.stall_timeout.count()));
  curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, &Callbacks::on_progress);
  curl_easy_setopt(easy, CURLOPT_XFERINFODATA, this);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Callbacks::guarded<&Callbacks::on_download>);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &Callbacks::guarded<&Callbacks::on_header>);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy, CURLOPT_PRIVATE, this);
  if (options_.may_connect) {
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &Callbacks::on_connect);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, this);
  }
}

void Transfer::set_body() {
  CURL* const easy = easy_;
  if (request_.upload) {
    curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, &Callbacks::guarded<&Callbacks::on_upload>);
    curl_easy_setopt(easy, CURLOPT_READDATA, this);
  } else if (!request_.body.empty() || request_.method == "POST" || request_.method == "PUT" ||
             request_.method == "PATCH") {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request_.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request_.body.data());
  }
  if (request_.method == "HEAD")
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request_.method.c_str());
}

Result<ClientAnswer> Transfer::answer_of(int code) {
  // An address that is not allowed may be followed by one that is.
  const bool connected_elsewhere =
      code == CURLE_OK && failure_ && failure_->code == ErrorCode::forbidden;
  if (failure_ && !connected_elsewhere)
    return std::move(*failure_);
  const auto outcome = static_cast<CURLcode>(code);
  if (outcome != CURLE_OK)
    return Error{code_of(outcome),
                 problem_.front() != '\0' ? problem_.data() : curl_easy_strerror(outcome),
                 options_.base_url};
  answer_.status = static_cast<int>(status_of(easy_));
  return std::move(answer_);
}

} // namespace diffo::http

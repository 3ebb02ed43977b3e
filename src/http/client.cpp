#include "http/client.h"

#include "http/message.h"

#include <algorithm>
#include <optional>

#include <curl/curl.h>

namespace diffo::http {
namespace {

constexpr std::size_t max_header_bytes = 256 * 1024;

/// libcurl wants its global state set up once before any thread uses it.
bool curl_ready() {
  static const bool ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  return ready;
}

struct EasyDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, ListDeleter>;

/// What libcurl's callbacks need while one request runs.
struct Transfer {
  CURL* handle = nullptr;
  const ClientRequest* request = nullptr;
  std::size_t answer_bytes = 0;
  Cancellation cancellation;
  ClientAnswer answer;
  std::size_t header_bytes = 0;
  std::optional<Error> failure;
};

long status_of(CURL* handle) {
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  return status;
}

std::size_t on_upload(char* buffer, std::size_t size, std::size_t count, void* context) {
  auto& transfer = *static_cast<Transfer*>(context);
  auto filled = transfer.request->upload(std::span(buffer, size * count));
  if (filled)
    return std::min(*filled, size * count);
  transfer.failure = std::move(filled).error();
  return CURL_READFUNC_ABORT;
}

std::size_t on_download(char* bytes, std::size_t size, std::size_t count, void* context) {
  auto& transfer = *static_cast<Transfer*>(context);
  const std::string_view piece(bytes, size * count);
  if (transfer.request->download) {
    auto taken = transfer.request->download(static_cast<int>(status_of(transfer.handle)), piece);
    if (taken)
      return piece.size();
    transfer.failure = std::move(taken).error();
    return 0;
  }
  if (piece.size() > transfer.answer_bytes - transfer.answer.body.size()) {
    transfer.failure =
        Error{ErrorCode::too_large,
              "the answer is larger than " + std::to_string(transfer.answer_bytes) + " bytes"};
    return 0;
  }
  transfer.answer.body += piece;
  return piece.size();
}

/// Asked about once a second, and whenever something moves.
int on_progress(void* context, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  auto& transfer = *static_cast<Transfer*>(context);
  if (!transfer.cancellation.is_requested())
    return 0;
  transfer.failure = Error{ErrorCode::unavailable, "broken off"};
  return 1;
}

std::size_t on_header(char* bytes, std::size_t size, std::size_t count, void* context) {
  auto& transfer = *static_cast<Transfer*>(context);
  std::string_view line(bytes, size * count);
  const std::size_t taken = line.size();
  transfer.header_bytes += taken;
  if (transfer.header_bytes > max_header_bytes) {
    transfer.failure = Error{ErrorCode::too_large, "the answer's headers are too large"};
    return 0;
  }
  if (line.starts_with("HTTP/")) // also after 100 Continue
    transfer.answer.headers.clear();
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos)
    return taken;
  std::string_view value = line.substr(colon + 1);
  const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!value.empty() && is_space(value.front()))
    value.remove_prefix(1);
  while (!value.empty() && is_space(value.back()))
    value.remove_suffix(1);
  transfer.answer.headers.emplace_back(line.substr(0, colon), value);
  return taken;
}

/// Exceptions of the caller's functions must not run through libcurl's frames.
template <auto Function>
std::size_t guarded(char* bytes, std::size_t size, std::size_t count, void* context) {
  try {
    return Function(bytes, size, count, context);
  } catch (const std::exception& problem) {
    static_cast<Transfer*>(context)->failure = Error{ErrorCode::internal, problem.what()};
  } catch (...) {
    static_cast<Transfer*>(context)->failure = Error{ErrorCode::internal, "a callback has thrown"};
  }
  // Stops a download; an upload takes it for the end of the body, but the failure is what gets
  // reported.
  return Function == &on_upload ? static_cast<std::size_t>(CURL_READFUNC_ABORT) : 0;
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

} // namespace

class Client::Impl {
public:
  explicit Impl(ClientOptions given) : options(std::move(given)), handle(curl_easy_init()) {}

  Result<ClientAnswer> send(const ClientRequest& request);

  ClientOptions options;
  std::unique_ptr<CURL, EasyDeleter> handle;

private:
  Result<HeaderList> header_list(const ClientRequest& request) const;
  void set_common(const std::string& url, Transfer& transfer, char* problem);
  void set_body(const ClientRequest& request, Transfer& transfer);
};

Result<HeaderList> Client::Impl::header_list(const ClientRequest& request) const {
  HeaderList list;
  const auto append = [&list](const std::string& line) {
    list.reset(curl_slist_append(list.release(), line.c_str()));
  };
  bool has_type = false;
  bool has_expect = false;
  for (const auto& [name, value] : request.headers) {
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
  if (request.upload)
    append("Transfer-Encoding: chunked");
  return list;
}

void Client::Impl::set_common(const std::string& url, Transfer& transfer, char* problem) {
  CURL* const easy = handle.get();
  curl_easy_reset(easy); // keeps the open connection
  curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, problem);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(options.connect_timeout.count()));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(options.timeout.count()));
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, static_cast<long>(options.stall_timeout.count()));
  curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, &on_progress);
  curl_easy_setopt(easy, CURLOPT_XFERINFODATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &guarded<&on_download>);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &guarded<&on_header>);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
}

void Client::Impl::set_body(const ClientRequest& request, Transfer& transfer) {
  CURL* const easy = handle.get();
  if (request.upload) {
    curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, &guarded<&on_upload>);
    curl_easy_setopt(easy, CURLOPT_READDATA, &transfer);
  } else if (!request.body.empty() || request.method == "POST" || request.method == "PUT" ||
             request.method == "PATCH") {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.data());
  }
  if (request.method == "HEAD")
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

Result<ClientAnswer> Client::Impl::send(const ClientRequest& request) {
  if (request.method.empty() || has_line_break(request.method) ||
      request.method.find(' ') != std::string::npos)
    return Error{ErrorCode::invalid, "a method is one word", "method"};
  if (request.target.empty() || request.target.front() != '/' || has_line_break(request.target))
    return Error{ErrorCode::invalid, "a target starts with '/' and has no line breaks", "target"};
  const HeaderList headers = TRY(header_list(request));
  Transfer transfer;
  transfer.handle = handle.get();
  transfer.request = &request;
  transfer.answer_bytes = options.answer_bytes;
  transfer.cancellation = options.cancellation;
  char problem[CURL_ERROR_SIZE] = "";
  set_common(options.base_url + request.target, transfer, problem);
  set_body(request, transfer);
  curl_easy_setopt(handle.get(), CURLOPT_HTTPHEADER, headers.get());
  const CURLcode code = curl_easy_perform(handle.get());
  if (transfer.failure)
    return std::move(*transfer.failure);
  if (code != CURLE_OK)
    return Error{code_of(code), problem[0] != '\0' ? problem : curl_easy_strerror(code),
                 options.base_url};
  transfer.answer.status = static_cast<int>(status_of(handle.get()));
  return std::move(transfer.answer);
}

std::string_view ClientAnswer::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (same_header_name(key, name))
      return value;
  return {};
}

Client::Client(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Client::~Client() = default;

Result<Client> Client::make(ClientOptions options) {
  if (!options.base_url.starts_with("http://") && !options.base_url.starts_with("https://"))
    return Error{ErrorCode::invalid, "the server's address starts with http:// or https://",
                 options.base_url};
  while (options.base_url.ends_with('/'))
    options.base_url.pop_back();
  if (!curl_ready())
    return Error{ErrorCode::internal, "libcurl cannot be set up"};
  auto impl = std::make_unique<Impl>(std::move(options));
  if (!impl->handle)
    return Error{ErrorCode::internal, "libcurl has no memory for a connection"};
  return Client(std::move(impl));
}

Result<ClientAnswer> Client::send(const ClientRequest& request) {
  return impl_->send(request);
}

} // namespace diffo::http

#pragma once

#include "http/client.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

/// One exchange over libcurl, as all clients of this room carry it out. Its headers stand in the
/// .cpp files alone, so that handles are pointers to nothing here.
namespace diffo::http {

/// libcurl wants its global state set up once before any thread uses it. False when it cannot be.
bool curl_ready();

/// What libcurl's callbacks need while one request runs. Stays where it is from prepare() to
/// answer_of(). Thread rule: one thread.
class Transfer {
public:
  /// The options and the request must outlive it; `easy` is a handle of libcurl.
  Transfer(void* easy, const ClientOptions& options, const ClientRequest& request);
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;
  ~Transfer();

  /// Tells the handle all about the request. Errors: invalid for what no request can have.
  Result<void> prepare();
  /// What came of it, once: `code` is libcurl's CURLcode. Errors: those of Client.
  Result<ClientAnswer> answer_of(int code);

private:
  struct Callbacks;
  Result<void> set_headers();
  void set_common();
  void set_body();

  void* easy_;
  const ClientOptions& options_;
  const ClientRequest& request_;
  std::string url_;
  void* headers_ = nullptr;   ///< a list of libcurl
  std::vector<char> problem_; ///< what libcurl says of a failure
  ClientAnswer answer_;
  std::size_t header_bytes_ = 0;
  std::optional<Error> failure_;
};

} // namespace diffo::http

#pragma once

#include "base/cancellation.h"
#include "http/client.h"
#include "server/tasks/executor.h"

#include <diffo/result.h>

#include <chrono>
#include <string>

namespace diffo::server {

/// A URL in two: what a client is made for, and the path.
struct RemoteUrl {
  std::string server; ///< "http://host:port"
  std::string path;   ///< "/tasks", or "/"
};
RemoteUrl remote_url(const std::string& url);

/// One exchange with an executor elsewhere. Answers are bounded; redirects are not followed.
/// Errors: those of http::Client.
Result<http::ClientAnswer> send_to(const std::string& server, const http::ClientRequest& request,
                                   std::chrono::microseconds timeout,
                                   const Cancellation& cancellation);

/// What an answer or the lack of one comes to: 2xx is `when_taken`, other 4xx than 408, 409, 425
/// and 429 failed, everything else another attempt.
Outcome outcome_of(const Result<http::ClientAnswer>& answer, Outcome::Kind when_taken);

} // namespace diffo::server

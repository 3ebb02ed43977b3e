#pragma once

#include "http/router.h"

#include <string>
#include <utility>
#include <vector>

namespace diffo::server {

/// A request that the server makes to its own surfaces.
struct InnerRequest {
  http::Method method = http::Method::post;
  std::string path;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers; ///< names in lower case
};

/// Makes it, as if it had come over loopback. Waits for the answer: never on a thread of the
/// surfaces or of the store.
http::Response ask(http::Router& router, const InnerRequest& request);

} // namespace diffo::server

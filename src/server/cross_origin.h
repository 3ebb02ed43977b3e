#pragma once

#include "http/message.h"

#include <diffo/result.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace diffo::server {

/// Which pages from elsewhere may use this server in a browser (CORS, the Fetch standard §3.2):
/// those of configured origins. Immutable once configured; any thread.
class CrossOrigin {
public:
  /// `https://ui.example` or `http://localhost:5173`. Errors: invalid, also for `*`: while there is
  /// no login, that would open the inventory to every page that anybody looks at.
  Result<void> allow(std::string_view origin);

  [[nodiscard]] bool allows(std::string_view origin) const;
  /// Lets the answers to such a page say that it may read them, and those to what a browser asks
  /// before (a preflight) what it may send. Answers to others are left alone, but for `Vary`.
  [[nodiscard]] http::Responder dressed(http::Responder responder,
                                        const http::Request& request) const;

private:
  std::vector<std::string> origins_; ///< as browsers write them
};

} // namespace diffo::server

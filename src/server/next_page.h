#pragma once

#include "server/call.h"

#include <string>
#include <string_view>

namespace diffo::server {

/// The `Link` to what comes behind: the same request with another `after`.
std::string next_page(const Call& call, std::string_view public_url, std::string_view after);

} // namespace diffo::server

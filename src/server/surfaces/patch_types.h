#pragma once

#include "http/message.h"
#include "tmf/patch.h"

#include <string>
#include <vector>

namespace diffo::server {

/// The media types that a PATCH takes (tmf.md §2.6).
std::vector<std::string> patch_types();

/// What the media type of a request says that its body is.
tmf::PatchKind patch_kind_of(const http::Request& request);

} // namespace diffo::server

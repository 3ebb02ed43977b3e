#pragma once

#include "graph/change.h"
#include "http/message.h"

#include <diffo/result.h>

namespace diffo::server {

/// Notes in the context what `Idempotency-Key` asks for: the key, and a fingerprint of method, path
/// and body that tells a repetition from another request (wire.md §9). Without the header nothing.
/// Errors: invalid for a key that is given twice, is empty, has more than 255 bytes or has other
/// characters than the visible ones of ASCII.
Result<void> take_idempotency_key(const http::Request& request, graph::Context& context);

} // namespace diffo::server

#pragma once

#include "base/secret.h"
#include "http/client.h"

namespace diffo::server {

/// Adds to a request that leaves us what tells the one who gets it that it is ours, where a secret
/// is shared with him: `X-Diffo-Timestamp`, seconds since 1970, and `X-Diffo-Signature`, `sha256=`
/// with the hexadecimal HMAC-SHA-256 of timestamp, `.` and body. Nothing with an empty secret.
void sign(http::ClientRequest& request, const Secret& secret);

} // namespace diffo::server

#pragma once

#include "http/memory_budget.h"
#include "http/message.h"
#include "server/streamed_body.h"

#include <diffo/result.h>

#include <cstdint>
#include <memory>
#include <string_view>

/// Bodies that are packed with gzip on their way (RFC 9110 §8.4): answers to those who take that,
/// and requests.
namespace diffo::server {

/// Whether an Accept-Encoding allows gzip (RFC 9110 §12.5.3).
bool takes_gzip(std::string_view accept_encoding);
/// Whether a Content-Encoding says gzip alone.
bool is_gzip(std::string_view content_encoding);

/// Packs the answers of reads for a client that takes gzip. Small ones, and events, which must not
/// wait for each other, go as they are. A tag then ends with `-gzip`, since the same tag must not
/// name other bytes (§8.8.3.3); whoever reads tags takes that for no difference
/// (without_coding()). Answers of writes are made by the store's writer, which has better to do.
http::Responder packing(http::Responder responder, const http::Request& request);
/// A tag as it was before it was packed.
std::string without_coding(std::string_view tag);

/// Unpacks the body of a request that was collected. Errors: malformed; too_large for more than
/// `most_bytes`; unavailable where the memory is held by others.
Result<void> unpack_body(http::Request& request, std::uint64_t most_bytes,
                         const std::shared_ptr<http::MemoryBudget>& memory);

/// Unpacks a streamed body for its taker, on the worker, where the request says that it is packed.
BodyTaker unpacking(const http::Request& request, BodyTaker taker);

} // namespace diffo::server

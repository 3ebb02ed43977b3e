#pragma once

#include "graph/record.h"
#include "tmf/emit.h"

#include <diffo/json.h>
#include <diffo/result.h>

#include <cstdint>
#include <optional>

namespace diffo::json {
class PatchShare;
}

namespace diffo::tmf {

/// RFC 7396 (also what plain application/json means), RFC 6902, or json-patch-query (TMF630 Parts 5
/// and 6).
enum class PatchKind : std::uint8_t { merge, json_patch, patch_query };

/// What rendering the document that is patched needs.
using PatchContext = EmitContext;

/// Patches a service or resource (wire.md §5): the patch is applied to the document that the
/// version shows, and only what differs then changes the record. Nothing when the patch changes
/// nothing. Errors: invalid, with all problems found, for a result that the version's schema
/// refuses and for attributes that cannot be changed; those of the patch itself. `share`: what the
/// patches of several records have in common.
Result<std::optional<graph::RecordDraft>> patch(const graph::Record& present,
                                                const json::Value& patch_document, PatchKind kind,
                                                model::Api api, model::Version version,
                                                const PatchContext& context,
                                                json::PatchShare* share = nullptr);

} // namespace diffo::tmf

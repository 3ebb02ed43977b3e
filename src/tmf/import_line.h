#pragma once

#include "tmf/decode.h"
#include "tmf/same_content.h" // IWYU pragma: export

#include <cstddef>
#include <optional>
#include <string>

namespace diffo::tmf {

/// Takes `which` out of a document: whether it says what is or what should be (wire.md §7). Errors:
/// invalid for any other value.
Result<graph::Which> take_which(json::Value& document);

/// What a line may be: an export of what a request may bring is larger than that was and deeper,
/// for v5 nests what v4 has flat, and the line says how it came.
inline constexpr std::size_t longest_line = std::size_t{64} << 20;
inline constexpr json::ReadLimits line_limits{
    .max_bytes = longest_line, .max_depth = 68, .max_values = 8'000'000};

/// Reads one line of an import (wire.md §6.2): a service when it has a serviceSpecification or is
/// of `@type` Service, else a resource, unless `as` says; in the form of v5 or v4. Ids and states
/// are taken as they are, also internal states and `which`. Errors: invalid, with all problems
/// found.
Result<graph::RecordDraft> decode_import_line(const json::Value& document,
                                              std::optional<model::Api> as,
                                              const graph::Schema& schema,
                                              const DecodeContext& context);

/// Appends the line of a record, without line feed: v5, with what else an import needs to get the
/// same record.
void export_line(const graph::Record& record, const graph::Schema& schema, std::string& out);

/// The same as a document.
json::Value export_document(const graph::Record& record, const graph::Schema& schema);

} // namespace diffo::tmf

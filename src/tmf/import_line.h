#pragma once

#include "tmf/decode.h"
#include "tmf/same_content.h" // IWYU pragma: export

#include <optional>
#include <string>

namespace diffo::tmf {

/// Takes `which` out of a document: whether it says what is or what should be (wire.md §7). Errors:
/// invalid for any other value.
Result<graph::Which> take_which(json::Value& document);

/// Reads one line of an import (wire.md §6.2): a service when it has a serviceSpecification or is
/// of
/// `@type` Service, else a resource, unless `as` says; in the form of v5 or v4. Ids and states are
/// taken as they are, also internal states and `which`. Errors: invalid, with all problems found.
Result<graph::RecordDraft> decode_import_line(const json::Value& document,
                                              std::optional<model::Api> as,
                                              const DecodeContext& context);

/// Appends the line of a record, without line feed: v5, with what else an import needs to get the
/// same record.
void export_line(const graph::Record& record, std::string& out);

/// The same as a document.
json::Value export_document(const graph::Record& record);

} // namespace diffo::tmf

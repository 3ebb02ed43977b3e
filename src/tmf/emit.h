#pragma once

#include "graph/record.h"
#include "graph/schema.h"
#include "model/api.h"

#include <diffo/json.h>

#include <string>

namespace diffo::tmf {

class FieldSelection;

/// Whether an answer also tells how items came, so that an import gets the same record back.
enum class Forms : std::uint8_t { published, noted };

/// What emitting needs to know of its circumstances.
struct EmitContext {
  const graph::Schema& schema; ///< of the revision that the record is from
  /// Where the API is served: "http://host/tmf-api/serviceInventory/v4".
  std::string api_base = {};
  Forms forms = Forms::published;
};

/// Appends the JSON of a service or resource in one version, straight from the packed record
/// (wire.md §3, §4). An item that came in this version is given back as it came; one of the other
/// version in its translated form (tmf.md §1.7). Without a selection everything is shown.
void emit(const graph::Record& record, model::Version version, const EmitContext& context,
          const FieldSelection* selection, std::string& json);

/// The same as a tree of values, whatever its size: nothing of ours is read back.
json::Value document_of(const graph::Record& record, model::Version version,
                        const EmitContext& context, const FieldSelection* selection = nullptr);

/// The absolute URL of a record.
std::string href_of(const graph::Record& record, const EmitContext& context);

} // namespace diffo::tmf

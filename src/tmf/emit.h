#pragma once

#include "graph/record.h"
#include "graph/schema.h"
#include "model/api.h"

#include <diffo/json.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

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
  /// How many things around the record it is given by value in.
  std::uint8_t by_value = 0;
};

/// Appends the JSON of a service or resource in one version, straight from the packed record
/// (wire.md §3, §4). An item that came in this version is given back as it came; one of the other
/// version in its translated form (tmf.md §1.7). Without a selection everything is shown.
void emit(const graph::Record& record, model::Version version, const EmitContext& context,
          const FieldSelection* selection, std::string& json);

/// The same as a tree of values, whatever its size: nothing of ours is read back.
json::Value document_of(const graph::Record& record, model::Version version,
                        const EmitContext& context, const FieldSelection* selection = nullptr);

/// A service or resource that is given by value, which came in the other version, as this one has
/// it: translated like a record, with what only the server sets left as it came. `created_at` is
/// the moment of the record around it. Nothing when there are too many around it.
std::optional<json::Value> translated_value(const json::Object& entity, model::Api api,
                                            model::Version to, std::int64_t created_at,
                                            const EmitContext& context);

/// The absolute URL of a record.
std::string href_of(const graph::Record& record, const EmitContext& context);
/// That of an entity of the API that the context is about, whether it is there or not.
std::string href_of(graph::Family family, std::string_view id, const EmitContext& context);

} // namespace diffo::tmf

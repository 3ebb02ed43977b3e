#pragma once

#include "base/text_hash.h"
#include "graph/record.h"
#include "graph/schema.h"
#include "model/api.h"

#include <diffo/json.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace diffo::tmf {

class FieldSelection;

/// Records that references lead to, and the collection that shows each. A reference to one of them
/// that came without an href is shown with the one it has here (wire.md §2). Thread rule: immutable
/// once shared.
class Referenced {
public:
  void add(graph::Family family, std::string id, model::Api api);
  [[nodiscard]] bool empty() const { return known_.empty(); }
  /// The collection that shows it; nothing: it is not known here.
  [[nodiscard]] std::optional<model::Api> api_of(graph::Family family, std::string_view id) const;
  /// Its absolute URL in a version, else in the one that there is; nothing: it is not known here.
  [[nodiscard]] std::optional<std::string> href_of(graph::Family family, std::string_view id,
                                                   model::Version version,
                                                   std::string_view origin) const;
  /// The same text for the same records: for an ETag.
  [[nodiscard]] std::string text() const;

private:
  std::map<graph::Family, TextMap<model::Api>> known_;
};

/// Appends the path of an entity of a collection in a version, or in the one that there is.
void append_entity_path(model::Api api, model::Version version, std::string_view id,
                        std::string& url);

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
  /// Scheme and authority, for the links to other collections.
  std::string origin = {};
  const Referenced* referenced = nullptr; ///< outlives what is emitted; none: no links are made
};

/// Appends the JSON of a record of any collection in one version, straight from the packed record
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
/// The path that an API is served under in a version, or, where it is not served in that, in the
/// one that there is: "/tmf-api/party/v4".
std::string base_path_of(model::Api api, model::Version version);

/// The absolute URL of a record.
std::string href_of(const graph::Record& record, const EmitContext& context);
/// That of an entity of the API that the context is about, whether it is there or not.
std::string href_of(graph::Family family, std::string_view id, const EmitContext& context);

} // namespace diffo::tmf

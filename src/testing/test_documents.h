#pragma once

#include "graph/record.h"
#include "model/schema.h"
#include "tmf/decode.h"
#include "tmf/emit.h"

#include <diffo/json.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Documents and round trips for the tests of the codec.
namespace diffo::testing {

inline constexpr const char* api_base = "http://host/api";

/// A sample document in our own words.
struct Sample {
  const char* name;
  model::Api api;
  model::Version version;
  const char* text;
};
const std::vector<Sample>& samples();

inline const graph::Schema& inventory() {
  return model::inventory_schema();
}
inline tmf::EmitContext links(std::string base = api_base) {
  return {.schema = inventory(), .api_base = std::move(base)};
}
/// A context with a fixed tenant and counting ids.
tmf::DecodeContext context();
json::Value parsed(std::string_view text);
/// Decodes and packs; a refused document fails the test.
graph::RecordRef record_of_document(const json::Value& document, model::Api api,
                                    model::Version version,
                                    const graph::Schema& schema = model::inventory_schema());
graph::RecordRef record_of(std::string_view text, model::Api api, model::Version version,
                           const graph::Schema& schema = model::inventory_schema());
graph::RecordRef packed(const graph::RecordDraft& draft,
                        const graph::Schema& schema = model::inventory_schema());
json::Value shown(const graph::Record& record, model::Version version,
                  const graph::Schema& schema = model::inventory_schema());
/// Without what only the server sets: id, href and serviceDate, and the first-level members that
/// equal absence.
json::Value comparable(json::Value document, const json::Value& original);
/// True when the two texts of the document are the same but for the order of members.
bool same_text(const json::Value& left, const json::Value& right);

} // namespace diffo::testing

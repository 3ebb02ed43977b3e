#include "loop/kind_expectation.h"

#include "model/model.h"
#include "rules/enforce.h"
#include "rules/kind_ranges.h"

#include <string_view>
#include <utility>

namespace diffo::loop {
namespace {

constexpr std::string_view prefix = "kind/";

} // namespace

bool is_kind_expectation(const graph::KeyView& expectation) {
  return expectation.family == model::family_expectation && expectation.id.starts_with(prefix);
}

std::string kind_of_expectation(const graph::KeyView& expectation) {
  return std::string(expectation.id.substr(prefix.size()));
}

Result<std::optional<KindExpectation>> kind_expectation_of(const graph::Record& record,
                                                           const graph::Schema& schema) {
  json::Object allowed = rules::allowed_instead(record, schema);
  if (allowed.empty())
    return std::optional<KindExpectation>();
  const model::DeclaredKind& kind = *rules::kind_of(model::model_of(schema), record);
  graph::Key key(record.tenant(), model::family_expectation, std::string(prefix) + kind.name);
  const bool service = record.family() == model::family_service;
  json::Object document{
      {"id", key.id},
      {"name", kind.name},
      {"side", "provider"},
      {"target", json::Object{{"id", record.id()}, {"family", service ? "service" : "resource"}}},
      {"expect", std::move(allowed)}};
  return std::optional(KindExpectation{
      std::move(key), TRY(ExpectationDocument::parse(std::move(document), schema))});
}

} // namespace diffo::loop

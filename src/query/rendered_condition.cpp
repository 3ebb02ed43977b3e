#include "query/rendered_condition.h"

#include "model/schema.h"
#include "query/path_filter.h"
#include "query/record_filter.h"
#include "tmf/emit.h"

#include <algorithm>
#include <utility>

namespace diffo::query {
namespace {

json::Value texts(const std::vector<std::string>& items) {
  json::Array array;
  for (const std::string& item : items)
    array.emplace_back(item);
  return array;
}

} // namespace

graph::Residual rendered(const Condition& condition, AttributeRenderer render) {
  std::vector<std::string> operands;
  operands.reserve(condition.any_of.size());
  for (const graph::Operand& operand : condition.any_of)
    operands.push_back(operand.text());
  json::Object arguments = render.arguments();
  arguments.append("path", texts(condition.path));
  arguments.append("is", std::string(name_of(condition.comparison)));
  arguments.append("of", texts(operands));
  return {"rendered", json::to_text(arguments),
          [condition, render = std::move(render)](const graph::Record& record) {
            return condition.holds(render(record));
          }};
}

graph::Residual shown_href(const Condition& condition, AttributeRenderer render,
                           const graph::Schema& schema) {
  graph::Residual residual = rendered(condition, std::move(render));
  residual.name = "href";
  residual.holds = [condition, &schema](const graph::Record& record) {
    const std::string tail = tmf::href_of(record, {.schema = schema});
    return std::any_of(condition.any_of.begin(), condition.any_of.end(),
                       [&](const graph::Operand& operand) {
                         return condition.comparison == Comparison::equal
                                    ? operand.text().ends_with(tail)
                                    : operand.matches_text(tail, asked_as(condition.comparison));
                       });
  };
  return residual;
}

Result<graph::Residual> with_function(graph::Residual residual, const graph::Schema& schema) {
  if (residual.name == "path")
    return path_residual(std::move(residual), schema);
  const Error unknown{ErrorCode::invalid, "nobody knows the condition " + residual.name};
  const json::Value arguments = TRY(json::read(residual.arguments));
  const auto text = [&arguments](const char* name) {
    const json::Value* value = arguments.find(name);
    return value != nullptr && value->is_string() ? value->string() : std::string();
  };
  const json::Value* path = arguments.find("path");
  const json::Value* operands = arguments.find("of");
  const bool href = residual.name == "href";
  if ((!href && residual.name != "rendered") || path == nullptr || path->if_array() == nullptr ||
      operands == nullptr || operands->if_array() == nullptr)
    return unknown;
  ConditionText condition;
  for (const json::Value& part : *path->if_array())
    condition.path.push_back(part.is_string() ? part.string() : std::string());
  for (const json::Value& operand : *operands->if_array())
    condition.values.push_back(operand.is_string() ? operand.string() : std::string());
  bool known = false;
  for (int number = 0; number <= static_cast<int>(Comparison::present); ++number)
    if (name_of(static_cast<Comparison>(number)) == text("is")) {
      condition.comparison = static_cast<Comparison>(number);
      known = true;
    }
  if (!known || condition.path.empty())
    return unknown;
  const model::Api api = model::api_named(text("api")).value_or(model::Api::resource);
  const model::Version version = text("version") == "v4" ? model::Version::v4 : model::Version::v5;
  const auto conditions = TRY(
      make_conditions({std::move(condition)}, reading_of(api, version, model::model_of(schema))));
  AttributeRenderer render(conditions.front().path.front(), api, version, schema);
  return href ? shown_href(conditions.front(), std::move(render), schema)
              : rendered(conditions.front(), std::move(render));
}

} // namespace diffo::query

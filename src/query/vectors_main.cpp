#include "query/entity_path.h"
#include "query/fields.h"
#include "query/inner_order.h"

#include <diffo/json.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <string>

// Answers questions about documents, a line of JSON each, for checks with the vectors of others:
// {"document", "patch"}, and likewise with "fields", "filter" or "sort", are answered by {"result"}
// or {"error"}; {"path"} by whether it is one.
namespace {

using namespace diffo;

Result<json::Value> narrowed(const json::Value& document, const std::string& fields) {
  constexpr std::array<std::string_view, 2> always{"id", "href"};
  const std::array<std::string, 1> values{fields};
  const tmf::FieldSelection selection = TRY(query::parse_selection(values, always));
  json::Value result = document;
  if (json::Array* items = result.if_array())
    for (json::Value& item : *items)
      selection.narrow_document(item);
  else
    selection.narrow_document(result);
  return result;
}

/// All that the path finds; of a collection whole entities.
Result<json::Value> kept(const json::Value& document, const std::string& filter) {
  json::Array found;
  if (const json::Array* items = document.if_array()) {
    const json::PathCondition condition(TRY(query::EntityPath::parse(filter)).condition());
    for (const json::Value& item : *items)
      if (TRY(query::holds(condition, item)))
        found.push_back(item);
    return json::Value(std::move(found));
  }
  json::Budget budget(query::max_path_steps);
  const json::Nodes nodes =
      TRY(TRY(json::JsonPath::parse_tmf630(filter)).select({&document, &document}, budget));
  for (std::size_t at = 0; at < nodes.size(); ++at)
    found.push_back(nodes[at]);
  return json::Value(std::move(found));
}

Result<json::Value> answer(const json::Value& question) {
  if (const json::Value* path = question.find("path"))
    return json::Value(query::parse_selection(std::array{path->string()}, {}).has_value());
  const json::Value* document = question.find("document");
  if (document == nullptr)
    return Error{ErrorCode::invalid, "no document"};
  if (const json::Value* patch = question.find("patch")) {
    json::Value result = *document;
    TRY(json::apply_patch_query(result, *patch));
    return result;
  }
  if (const json::Value* sort = question.find("sort")) {
    json::Value result = *document;
    query::InnerOrder::apply_all(TRY(query::InnerOrder::parse(sort->string())), result);
    return result;
  }
  return question.find("fields") != nullptr
             ? narrowed(*document, std::string(question.text_of("fields")))
             : kept(*document, std::string(question.text_of("filter")));
}

} // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    const auto question = json::read(line);
    auto answered = question ? answer(*question) : Result<json::Value>(question.error());
    json::Object said;
    if (answered)
      said.append("result", std::move(*answered));
    else
      said.append("error", answered.error().message);
    std::cout << json::to_text(said) << '\n' << std::flush;
  }
}

#include "query/entity_path.h"
#include "query/fields.h"
#include "query/list_parameters.h"
#include "query/page_headers.h"

#include <cstddef>
#include <cstdint>

namespace {

constexpr const char* document =
    R"({"id":"1","state":"active","rank":10,"startDate":"2013-05-04T10:20:30.123Z",)"
    R"("place":[{"role":"a"},{"role":["b",null,true]}]})";

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace diffo;
  const std::string_view query(reinterpret_cast<const char*>(data), size);
  static const json::Value value = json::read(document).value();
  static_cast<void>(query::page_headers("http://h/x", query, {0, 1, 2, 1}));
  auto parameters = query::parse_list_parameters(query);
  if (!parameters)
    return 0;
  if (const auto fields = query::parse_selection(parameters->fields, {})) {
    json::Value narrowed = value;
    fields->narrow_document(narrowed);
  }
  for (const std::string& filter : parameters->filters)
    if (const auto path = query::EntityPath::parse(filter))
      static_cast<void>(query::holds(json::PathCondition(path->condition()), value));
  const auto conditions =
      query::make_conditions(std::move(parameters->conditions),
                             [](std::span<const std::string>) { return Reading::value; });
  if (conditions)
    for (const query::Condition& condition : *conditions)
      static_cast<void>(condition.holds(value));
  return 0;
}

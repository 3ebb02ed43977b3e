#include "json/json_path.h"

#include <cstdio>
#include <cstdlib>
#include <string_view>

/// A line with a query of TMF630, then a document: what it finds is what the path that is said of
/// it leads to, and stands in what is said to hold it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace diffo::json;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t line = text.find('\n');
  if (line == std::string_view::npos)
    return 0;
  const auto document = read(text.substr(line + 1));
  const auto query = JsonPath::parse_tmf630(text.substr(0, line));
  if (!document || !query)
    return 0;
  Budget budget(100'000);
  const auto nodes = query->select({&*document, &*document}, budget);
  if (!nodes)
    return 0;
  for (std::size_t at = 0; at < nodes->size() && at < 100; ++at) {
    const Value* value = &*document;
    const Value* holder = nullptr;
    for (const Step& step : nodes->way_to(at)) {
      holder = value;
      value = step.name != nullptr ? value->find(*step.name) : &value->array()[step.index];
    }
    if (value == &(*nodes)[at] && holder == nodes->holder_of(at))
      continue;
    std::fprintf(stderr, "%s\n", nodes->path_to(at).c_str());
    std::abort();
  }
  return 0;
}

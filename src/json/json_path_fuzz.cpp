#include "json/json_path.h"

#include <cstdio>
#include <cstdlib>
#include <string_view>

/// A line with a query, then a document: each value that it finds is found again, alone, under the
/// path that is said of it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace diffo;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t line = text.find('\n');
  if (line == std::string_view::npos)
    return 0;
  const auto document = json::read(text.substr(line + 1));
  const auto query = json::JsonPath::parse(text.substr(0, line));
  if (!document || !query)
    return 0;
  json::Budget budget(100'000);
  const json::Roots roots{&*document, &*document};
  const auto nodes = query->select(roots, budget);
  if (!nodes)
    return 0;
  for (std::size_t at = 0; at < nodes->size() && at < 100; ++at) {
    const std::string path = nodes->path_to(at);
    const auto again = json::JsonPath::parse(path);
    if (!again && path.size() > 1000)
      continue;
    json::Budget more(100'000);
    const auto found = again ? again->select(roots, more) : again.error();
    if (found && found->size() == 1 && &(*found)[0] == &(*nodes)[at])
      continue;
    std::fprintf(stderr, "%s\n", path.c_str());
    std::abort();
  }
  return 0;
}

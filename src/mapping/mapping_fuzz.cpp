#include "mapping/mapping.h"

#include <array>
#include <cstdlib>
#include <string_view>

/// A mapping as JSON on the first line, then a document: each item can be matched.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace diffo;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t line = text.find('\n');
  if (line == std::string_view::npos)
    return 0;
  const auto description = json::read(text.substr(0, line));
  auto value = json::read(text.substr(line + 1));
  if (!description || !value)
    return 0;
  const auto made = mapping::Mapping::of(*description);
  if (!made)
    return 0;
  const auto parameters = made->values_of({});
  if (!parameters)
    return 0;
  const std::array<mapping::Document, 1> documents{{{"input", std::move(*value)}}};
  mapping::Run run(*made, documents, *parameters, {.max_steps = 50'000, .max_problems = 10});
  while (true) {
    const auto item = run.next();
    if (!item || !*item)
      return 0;
    const json::Value* match = (*item)->find("match");
    if (match == nullptr || !match->is_object())
      std::abort();
  }
}

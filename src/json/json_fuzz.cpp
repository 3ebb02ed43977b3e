#include "json/scanner.h"

#include <diffo/json.h>

#include <cstdio>
#include <cstdlib>

namespace {

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

} // namespace

/// Any bytes: the reader and the scanner agree, and what was read is written and read again as the
/// same value.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace diffo::json;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto value = read(text);
  const auto fault = find_fault(text, ReadLimits().max_depth);
  if (!value) {
    const bool duplicate = value.error().message.find("a second member named") != std::string::npos;
    if (!fault && !duplicate)
      fail("only the reader refuses it");
    return 0;
  }
  if (fault)
    fail("only the scanner refuses it");
  const std::string written = to_text(*value);
  const auto again = read(written);
  if (!again || !(*again == *value) || to_text(*again) != written)
    fail("written and read again it is another value");
  const auto pretty = read(to_pretty_text(*value));
  if (!pretty || to_text(*pretty) != written)
    fail("pretty text is another value");
  return 0;
}

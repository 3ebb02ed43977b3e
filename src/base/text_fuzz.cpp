#include "base/dates.h"
#include "base/time.h"
#include "base/uuid.h"

#include <cstdio>
#include <cstdlib>

namespace {

void require(bool condition, const char* what) {
  if (condition)
    return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

} // namespace

/// Any bytes as a timestamp and as an identifier: what is read is written and read again as the
/// same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace diffo;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto instants = parse_instants(text)) {
    const auto again = parse_instants(text_of_microseconds({instants->from}));
    require(again && again->from == instants->from, "another moment");
    const TextOperand operand(std::string(text), Reading::instant);
    require(operand.order_of(text) == 0, "a date that does not find itself");
  }
  if (const auto uuid = Uuid::parse(text)) {
    const auto again = Uuid::parse(uuid->text());
    require(again && *again == *uuid, "another identifier");
  }
  return 0;
}

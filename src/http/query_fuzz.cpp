#include "http/media_type.h"
#include "http/percent.h"
#include "http/query.h"

#include <cstdint>
#include <cstdlib>

/// Queries, media types and escapes from the same bytes; what was accepted must survive being
/// written and read again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace diffo::http;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto parsed = parse_query(text)) {
    for (const QueryParameter& parameter : *parsed) {
      std::string encoded;
      append_percent_encoded(encoded, parameter.name);
      const auto again = percent_decode(encoded);
      if (!again || *again != parameter.name)
        std::abort();
    }
  }
  (void)parse_media_type(text).has_value();
  const std::string offered[] = {"application/json", "text/plain"};
  (void)best_match(text, offered);
  (void)path_segments(text).has_value();
  return 0;
}

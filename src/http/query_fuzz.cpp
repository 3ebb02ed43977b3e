#include "base/url_text.h"
#include "http/authority.h"
#include "http/media_type.h"

#include <cstdint>
#include <cstdlib>

/// Queries, media types, authorities and escapes from the same bytes; what was accepted must
/// survive being written and read again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace diffo;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto parsed = decode_query(text, 200)) {
    for (const QueryText& parameter : *parsed) {
      std::string encoded;
      append_percent_encoded(encoded, parameter.name);
      const auto again = percent_decode(encoded);
      if (!again || *again != parameter.name)
        std::abort();
    }
  }
  if (const auto authority = http::Authority::parse(text))
    (void)authority->is_loopback();
  (void)http::parse_media_type(text).has_value();
  const std::string offered[] = {"application/json", "text/plain"};
  (void)http::best_match(text, offered);
  return 0;
}

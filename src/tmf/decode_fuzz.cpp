// Any JSON: decode it as either API in either version; what is taken must come back.

#include "testing/test_documents.h"
#include "tmf/import_line.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace diffo;
using namespace diffo::tmf;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto document = json::read(text);
  if (!document)
    return 0;
  for (const model::ApiRow& row : model::apis)
    for (const model::Version version : {model::Version::v4, model::Version::v5}) {
      const model::Api api = row.api;
      const auto draft = decode(*document, api, version, testing::inventory(), testing::context());
      if (!draft)
        continue;
      const auto record = testing::packed(*draft);
      for (const model::Version other : {model::Version::v4, model::Version::v5}) {
        std::string shown;
        emit(*record, other, testing::links(), nullptr, shown);
        const auto read_back = json::read(shown, {.max_depth = 128});
        if (!read_back)
          std::abort();
        if (other != version)
          continue;
        const auto again =
            decode(*read_back, api, version, testing::inventory(), testing::context());
        if (!again || !same_content(*record, *testing::packed(*again), testing::inventory()))
          std::abort();
      }
      (void)decode_import_line(*document, std::nullopt, testing::inventory(), testing::context());
    }
  return 0;
}

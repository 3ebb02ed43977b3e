// Two JSON texts with a line feed between them: a document and a patch. A patch must never end the
// process, and what was shown before a patch that changes nothing is shown after it.

#include "testing/test_documents.h"
#include "tmf/patch.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace diffo;
using namespace diffo::tmf;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos)
    return 0;
  const auto document = json::read(text.substr(0, end));
  const auto change = json::read(text.substr(end + 1));
  if (!document || !change)
    return 0;
  const EmitContext context = testing::links();
  for (const model::ApiRow& row : model::apis)
    for (const model::Version version : {model::Version::v4, model::Version::v5}) {
      const model::Api api = row.api;
      const auto draft = decode(*document, api, version, testing::inventory(), testing::context());
      if (!draft)
        continue;
      const auto record = testing::packed(*draft);
      for (const model::Version other : {model::Version::v4, model::Version::v5}) {
        const PatchKind kind = change->is_array() ? PatchKind::json_patch : PatchKind::merge;
        const auto result = patch(*record, *change, kind, api, other, context);
        const auto after = result && *result ? testing::packed(**result) : record;
        std::string shown;
        emit(*after, other, context, nullptr, shown);
        const auto read_back = json::read(shown, {.max_depth = 128});
        if (!read_back)
          std::abort();
        const auto same = patch(*after, *read_back, PatchKind::merge, api, other, context);
        if (!same || *same)
          std::abort();
      }
    }
  return 0;
}

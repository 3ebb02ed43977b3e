// Two JSON texts with a line feed between them: a document, and what somebody says to have seen of
// it, `{set, absent}`. Whatever it says, it must never end the process, and what comes of it shows.

#include "testing/test_documents.h"
#include "tmf/observed.h"

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
  const auto item = json::read(text.substr(end + 1));
  if (!document || !item || !item->is_object())
    return 0;
  const graph::Schema& schema = testing::inventory();
  const rules::Precedence order({{"strong", 1'000'000, {}}, {"weak", {}, {"state"}}});
  for (const model::Api api : {model::Api::service, model::Api::resource}) {
    const auto draft =
        decode(*document, api, model::Version::v5, testing::inventory(), testing::context());
    const auto observed = read_observed(item->find("set"), item->find("absent"), api, schema);
    if (!draft || !observed)
      continue;
    graph::RecordRef record = testing::packed(*draft);
    for (const char* source : {"strong", "weak", "nobody"}) {
      (void)is_as_observed(*record, *observed, schema);
      auto change =
          merge_observed(*record, *observed, {{source, 1'900'000'000'000'000}, order, {}}, schema);
      if (!change || !change->draft)
        continue;
      record = testing::packed(*change->draft);
      std::string shown;
      emit(*record, model::Version::v5, testing::links(), nullptr, shown);
      if (!json::read(shown, {.max_depth = 128}))
        std::abort();
      for (const std::string& address : observed->gone)
        (void)said_at(*record, address, schema);
    }
  }
  return 0;
}

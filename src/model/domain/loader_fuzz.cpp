#include "model/domain/difference.h"
#include "model/domain/kind_schema.h"
#include "model/domain/loader.h"
#include "model/domain/print.h"
#include "model/domain/verify.h"
#include "model/domain/yaml.h"

#include <cstdio>
#include <cstdlib>

namespace {

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

} // namespace

/// Any bytes: they are read within the bounds, and what is without a problem is written, as JSON
/// and as YAML, and read again as the same model, which does not differ from itself.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace diffo;
  using namespace diffo::model;
  const ModelSource source{"input", {reinterpret_cast<const char*>(data), size}};
  const LoadedModel loaded = load_model({&source, 1});
  (void)verify(loaded.model);
  if (!loaded.problems.empty())
    return 0;
  for (const Domain& domain : loaded.model.domains) {
    const json::Value printed = to_json(domain);
    for (const std::string& text : {json::to_text(printed), yaml::to_text(printed)}) {
      // Short forms grow when they are written out.
      if (text.size() > yaml::Limits().max_bytes)
        continue;
      const ModelSource again{"again", text};
      const LoadedModel second = load_model({&again, 1});
      if (!second.problems.empty())
        fail(second.problems.front().text().c_str());
      if (second.model.domains.size() != 1 || !(second.model.domains.front() == domain))
        fail("written and read again it is another model");
    }
    for (const DeclaredKind& kind : domain.kinds)
      (void)kind_schema(loaded.model, kind);
  }
  for (const ModelChange& change : difference(loaded.model, loaded.model))
    fail(change.path.c_str());
  return 0;
}

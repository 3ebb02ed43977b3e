#include "testing/expectations.h"

#include <diffo/expectation.h>

#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>

namespace {

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

} // namespace

/// The bytes are a profile, an expectation and an actual, the texts divided by a zero byte:
/// whatever compiles evaluates to a residue that compiles and, but for closed lists with rivals, is
/// its own residue.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace diffo;
  using namespace diffo::outstanding;
  if (size == 0)
    return 0;
  const auto profile = static_cast<Profile>(data[0] % 4);
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  const std::size_t middle = std::min(text.find('\0'), text.size());
  auto expected = json::read(text.substr(0, middle));
  const auto actual =
      json::read(middle < text.size() ? text.substr(middle + 1) : text.substr(0, middle));
  if (!expected || !actual)
    return 0;
  // What several items of a closed list want and only one of them gets, a residue does not tell.
  const bool closes = json::to_text(*expected).find("\"$only\"") != std::string::npos;
  const auto expectation = testing::compile_expectation(std::move(expected).value(), profile);
  if (!expectation)
    return 0;
  const EvaluationContext context{.now = {1'794'744'000'000'000},
                                  .explain = size % 2 == 0 ? Explain::yes : Explain::no,
                                  .limits = {.max_steps = 20'000}};
  const auto evaluation = expectation->evaluate(&*actual, context);
  (void)expectation->apply_to(*actual);
  if (!evaluation || !evaluation->residue)
    return 0;
  if (context.explain == Explain::yes) {
    (void)json::to_text(explanation_json(*evaluation, context.now));
    std::set<std::string> addresses;
    for (const Leaf& leaf : expectation->leaves_of(*evaluation))
      if (!addresses.insert(leaf.address).second)
        fail("two leaves have one address");
    if (addresses.empty())
      fail("something is outstanding at no leaf");
  }
  const auto residue = testing::compile_expectation(*evaluation->residue, profile);
  if (!residue)
    fail("the residue does not compile");
  const auto again = residue->evaluate(&*actual, context);
  if (again && !closes && again->residue != evaluation->residue)
    fail("the residue is not its own residue");
  if (again && again->unmet > evaluation->unmet)
    fail("more is outstanding of the residue");
  return 0;
}

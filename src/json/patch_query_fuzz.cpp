#include <diffo/json.h>

#include <cstdio>
#include <cstdlib>

/// An array of a document and a patch by query, as JSON: whatever they are, the result can be
/// written and read, and a refused patch changes nothing.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace diffo::json;
  const auto input = read({reinterpret_cast<const char*>(data), size});
  if (!input || !input->is_array() || input->array().size() < 2)
    return 0;
  const Value& document = input->array()[0];
  Value patched = document;
  const auto done = apply_patch_query(patched, input->array()[1]);
  const bool unchanged = to_text(patched) == to_text(document);
  if ((!done && !unchanged) || (!unchanged && !read(to_text(patched)))) {
    std::fputs("the patch left a broken document\n", stderr);
    std::abort();
  }
  return 0;
}

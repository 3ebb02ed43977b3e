#include "graph/journal.h"
#include "graph/record.h"
#include "testing/drafts.h"

#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using namespace diffo::graph;

void visit_all(const ElementView& element, std::string& out) {
  Word word = 0;
  ValueView value;
  for (FieldCursor fields = element.fields(); fields.next(word, value);)
    value.emit(out);
  Name name;
  for (ExtraCursor extra = element.extra(); extra.next(name, value);) {
    out += name.text;
    value.emit(out);
  }
  element.verbatim().emit(out);
  out += element.target_id().text();
  ElementView child;
  for (ChildCursor children = element.children(); children.next(child);)
    visit_all(child, out);
}

} // namespace

/// Any bytes as a stored record: refused, or read to the end without harm. The same bytes also
/// build a draft, which must come back.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto record = load(bytes, test_words())) {
    std::string out;
    visit_all((*record)->root(test_words()), out);
    (void)(*record)->to_draft(test_words());
    (void)(*record)->key();
  }
  (void)decode_entry(bytes);
  const RecordRef made = encode(DraftMaker({data, size}).draft(), test_words());
  const auto loaded = load(made->bytes(), test_words());
  if (!loaded || encode((*loaded)->to_draft(test_words()), test_words())->bytes() != made->bytes())
    std::abort();
  return 0;
}

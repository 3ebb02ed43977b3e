#include "graph/record.h"
#include "graph/schema.h"
#include "testing/drafts.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cstdint>
#include <set>
#include <string>
#include <vector>

using namespace diffo;
using namespace diffo::graph;

namespace {

/// Reads everything there is in an element.
void visit_all(const ElementView& element, std::string& out) {
  Word word = 0;
  ValueView value;
  for (FieldCursor fields = element.fields(); fields.next(word, value);)
    value.emit(out);
  Name name;
  for (ExtraCursor extra = element.extra(); extra.next(name, value);)
    value.emit(out);
  element.verbatim().emit(out);
  out += element.target_id().text();
  ElementView child;
  for (ChildCursor children = element.children(); children.next(child);)
    visit_all(child, out);
}

void collect_parts(const Element& element, std::multiset<std::uint32_t>& parts) {
  for (const Element& child : element.children) {
    parts.insert(child.part);
    collect_parts(child, parts);
  }
}

} // namespace

TEST_CASE("a draft comes back from its record, and the record from its bytes") {
  CHECK(rc::check([](const std::vector<std::uint8_t>& bytes) {
    const RecordDraft draft = DraftMaker(bytes).draft();
    const RecordRef record = encode(draft, test_words());
    RC_ASSERT(record->key() == draft.key);
    RC_ASSERT(record->which() == draft.which);
    RC_ASSERT(record->sequence() == draft.sequence);
    RC_ASSERT(record->created_at() == draft.created_at);
    RC_ASSERT(record->updated_at() == draft.updated_at);
    const RecordDraft again = record->to_draft(test_words());
    RC_ASSERT(encode(again, test_words())->bytes() == record->bytes());
    const auto loaded = load(record->bytes(), test_words());
    RC_ASSERT(loaded.has_value());
    RC_ASSERT((*loaded)->bytes() == record->bytes());
  }));
}

TEST_CASE("every part gets a number of its own and keeps it") {
  CHECK(rc::check([](const std::vector<std::uint8_t>& bytes) {
    const RecordRef record = encode(DraftMaker(bytes).draft(), test_words());
    RecordDraft draft = record->to_draft(test_words());
    std::multiset<std::uint32_t> parts;
    collect_parts(draft.root, parts);
    RC_ASSERT(std::set<std::uint32_t>(parts.begin(), parts.end()).size() == parts.size());
    RC_ASSERT(parts.empty() || (*parts.begin() > 0 && *parts.rbegin() < draft.next_part));
    draft.root.children.insert(draft.root.children.begin(), Element{});
    const RecordDraft more = encode(draft, test_words())->to_draft(test_words());
    RC_ASSERT(more.root.children.front().part == draft.next_part);
  }));
}

TEST_CASE("changed or cut bytes of a record never crash a reader") {
  CHECK(
      rc::check([](const std::vector<std::uint8_t>& bytes, std::uint16_t place, std::uint8_t flip) {
        const RecordRef record = encode(DraftMaker(bytes).draft(), test_words());
        std::string damaged(record->bytes());
        const std::size_t at = place % damaged.size();
        if (flip == 0)
          damaged.resize(at);
        else
          damaged[at] = static_cast<char>(damaged[at] ^ flip);
        const auto loaded = load(damaged, test_words());
        if (!loaded)
          return;
        std::string out;
        visit_all((*loaded)->root(test_words()), out);
        (void)(*loaded)->key();
        (void)(*loaded)->to_draft(test_words());
      }));
}

TEST_CASE("a commit stamps a record, or a copy of one that others hold") {
  const std::vector<std::uint8_t> bytes = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  RecordRef record = encode(DraftMaker(bytes).draft(), test_words());
  const Record* place = record.get();
  stamp(record, 7, 8, 9);
  CHECK(record.get() == place);
  CHECK(record->sequence() == 7);
  CHECK(record->created_at() == 8);
  CHECK(record->updated_at() == 9);
  const RecordRef other = record;
  stamp(record, 10, 8, 11);
  CHECK(record.get() != place);
  CHECK(record->sequence() == 10);
  CHECK(other->sequence() == 7);
  CHECK(record->key() == other->key());
}

TEST_CASE("a part's uuid depends on the record and the part, and is a version 8 uuid") {
  RecordDraft draft;
  draft.key = {0, 1, "one"};
  draft.root.children.resize(2);
  draft.root.children[1].uuid = PartUuid{1, 2, 3};
  const RecordRef record = encode(draft, test_words());
  ElementView part;
  ChildCursor children = record->root(test_words()).children();
  REQUIRE(children.next(part));
  const PartUuid derived = record->part_uuid(part);
  CHECK((derived[6] & 0xf0) == 0x80);
  CHECK((derived[8] & 0xc0) == 0x80);
  REQUIRE(children.next(part));
  CHECK(record->part_uuid(part) == PartUuid{1, 2, 3});
  draft.key.id = "two";
  const RecordRef two = encode(draft, test_words());
  ElementView other;
  ChildCursor others = two->root(test_words()).children();
  REQUIRE(others.next(other));
  CHECK(two->part_uuid(other) != derived);
}

TEST_CASE("a record of a newer format is refused as such") {
  RecordDraft draft;
  draft.key = {0, 1, "one"};
  std::string bytes(encode(draft, test_words())->bytes());
  bytes[0] = 9;
  const auto loaded = load(bytes, test_words());
  REQUIRE_FALSE(loaded);
  CHECK(loaded.error().code == ErrorCode::unsupported);
}

TEST_CASE("keys of values sort as the values do") {
  CHECK(rc::check([](double left, double right) {
    std::string a;
    std::string b;
    append_number_key(a, left);
    append_number_key(b, right);
    RC_ASSERT((left < right) == (a < b));
    RC_ASSERT((left == right) == (a == b));
  }));
  CHECK(rc::check([](std::int64_t left, std::int64_t right) {
    std::string a;
    std::string b;
    append_instant_key(a, left);
    append_instant_key(b, right);
    RC_ASSERT((left < right) == (a < b));
  }));
}

#include "graph/annotation.h"
#include "graph/unseen.h"

#include "testing/drafts.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace diffo;
using namespace diffo::graph;

namespace {

RecordDraft example() {
  RecordDraft draft;
  draft.key = {0, 1, "one"};
  draft.root.set_field(0, "value");
  draft.root.children.emplace_back();
  return draft;
}

} // namespace

TEST_CASE("annotations of an element come back, each of its member or of the whole") {
  RecordDraft draft = example();
  const std::vector<Annotation> all = {
      {"", "netbox", 5},
      {"state", "lldp", -7},
      {"a long name of an unknown member", "x y \"z\"", 1'780'000'000'000'000}};
  set_annotations(draft.root, all, test_words());
  set_annotations(draft.root.children[0], std::span(all).first(1), test_words());
  const RecordRef loaded = load(encode(draft, test_words())->bytes(), test_words()).value();
  const ElementView root = loaded->root(test_words());
  CHECK(annotations_of(root) == all);
  CHECK(annotation_of(root, "state")->source == "lldp");
  CHECK(annotation_of(root, "name")->source == "netbox");
  CHECK(root.field(0).text() == "value");
  ElementView child;
  ChildCursor children = root.children();
  REQUIRE(children.next(child));
  CHECK(annotation_of(child, "x")->changed_at == 5);
  Element again = root.to_draft();
  CHECK(annotations_of(again, test_words()) == all);
  set_annotations(again, {}, test_words());
  CHECK(again.blocks.empty());
}

TEST_CASE("a block that nobody knows is stepped over and kept") {
  RecordDraft draft = example();
  draft.root.blocks.push_back({77'000, "anything at all"});
  set_annotations(draft.root, std::vector<Annotation>{{"", "api", 1}}, test_words());
  const RecordRef loaded = load(encode(draft, test_words())->bytes(), test_words()).value();
  RecordDraft changed = loaded->to_draft(test_words());
  CHECK(changed.root.blocks == draft.root.blocks);
  changed.root.set_field(0, "other");
  const RecordRef again = encode(changed, test_words());
  CHECK(again->root(test_words()).block(77'000) == "anything at all");
  CHECK(annotation_of(again->root(test_words()), "")->source == "api");
}

TEST_CASE("the mark of what a source no longer sees comes back, and goes") {
  RecordDraft draft = example();
  CHECK_FALSE(unseen_of(draft.root, test_words()));
  const Unseen unseen{"nms", 1'780'000'000'000'000, true};
  set_annotations(draft.root, std::vector<Annotation>{{"", "lldp", 1}}, test_words());
  set_unseen(draft.root, Unseen{"lldp", 1, false}, test_words());
  set_unseen(draft.root, unseen, test_words());
  const RecordRef loaded = load(encode(draft, test_words())->bytes(), test_words()).value();
  CHECK(unseen_of(loaded->root(test_words())) == unseen);
  Element again = loaded->root(test_words()).to_draft();
  CHECK(unseen_of(again, test_words()) == unseen);
  set_unseen(again, {}, test_words());
  CHECK_FALSE(unseen_of(again, test_words()));
  CHECK(annotations_of(again, test_words()).size() == 1);
}

TEST_CASE("any bytes in a mark are read without harm") {
  CHECK(rc::check([](const std::string& bytes) {
    Element element;
    element.blocks.push_back({unseen_block, bytes});
    (void)unseen_of(element, test_words());
  }));
}

TEST_CASE("any bytes in an annotation block are read without harm") {
  CHECK(rc::check([](const std::string& bytes) {
    Element element;
    element.blocks.push_back({annotation_block, bytes});
    (void)annotations_of(element, test_words());
  }));
}

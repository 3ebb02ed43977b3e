#include "graph/conflicts.h"
#include "graph/subgraph.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <array>
#include <map>
#include <memory>

using namespace diffo;
using namespace diffo::graph;

namespace {

constexpr Family thing = 1;
constexpr ElementKind thing_root = 1;
constexpr ElementKind uses = 2;
constexpr ElementKind near = 3;
enum TestWord : Word { word_name, word_colour };

const Schema& schema() {
  static constexpr std::array<std::string_view, 2> words{"name", "colour"};
  static const Schema schema(words, {{.family = thing, .name = "thing"}},
                             {{.kind = thing_root, .name = "thing", .role = ElementRole::root},
                              {.kind = uses, .name = "uses", .role = ElementRole::edge},
                              {.kind = near, .name = "near", .role = ElementRole::edge}},
                             {});
  return schema;
}

Key key_of(int number) {
  return {0, thing, std::to_string(number)};
}

/// A few things by key.
class Things final : public Revision {
public:
  std::map<std::string, RecordRef> records;

  Sequence sequence() const override { return 1; }
  const Schema& schema() const override { return ::schema(); }
  RecordRef find(const KeyView& key) const override {
    const auto found = records.find(std::string(key.id));
    return found == records.end() ? RecordRef() : found->second;
  }
  void referrers(const KeyView& key,
                 const std::function<bool(const Referrer&)>& visit) const override {
    for (const auto& [id, record] : records)
      for (const ElementKind kind : {uses, near}) {
        bool refers = false;
        for_each_edge(record->root(schema().dictionary()), [&](const ElementView& edge) {
          refers = refers || (edge.kind() == kind && edge.target_id().text() == key.id);
        });
        if (refers && !visit({record, kind}))
          return;
      }
  }
  std::uint64_t count_referrers(const KeyView&) const override { return 0; }
  Result<Page> query(const Query& query, const Cancellation&) const override {
    const auto filter = TRY(CompiledFilter::compile(query.filter, schema()));
    Page page;
    for (const auto& [id, record] : records)
      if (filter.holds(*record))
        page.records.push_back(record);
    page.total = page.records.size();
    return page;
  }
  void for_each(Tenant, const std::function<bool(const RecordRef&)>&) const override {}
  std::uint64_t record_count() const override { return records.size(); }
};

RecordRef some_record(int number, Sequence sequence) {
  RecordDraft draft;
  draft.key = key_of(number);
  draft.root.kind = thing_root;
  draft.root.set_field(word_name, *rc::gen::element<std::string>("a", "b", "c"));
  draft.root.set_field(word_colour, *rc::gen::element<std::string>("red", "blue"));
  for (int count = *rc::gen::inRange(0, 3); count > 0; --count) {
    Element edge;
    edge.kind = *rc::gen::element(uses, near);
    edge.target = Target{thing, std::to_string(*rc::gen::inRange(0, 6))};
    draft.root.children.push_back(std::move(edge));
  }
  RecordRef record = encode(draft, schema().dictionary());
  stamp(record, sequence, 1, 1);
  return record;
}

/// One evaluation that looks at something of each kind, as a text of all it saw.
std::string evaluate(const Things& things, int number, Recorder* recorder) {
  Subgraph graph(std::make_shared<Things>(things), {}, recorder, Unplanned::serve);
  std::string seen;
  const FieldPath colour{.member = "colour"};
  const auto colour_of = [&](const RecordRef& record) {
    return record ? record->root(schema().dictionary()).field(word_colour).text() : "none";
  };
  seen += colour_of(graph.fetch(key_of(number), {colour}).record) + ';';
  graph.referrers(key_of(number), {uses}, [&](const Referrer& referrer) {
    seen += referrer.record->id() + colour_of(referrer.record) + ',';
    return true;
  });
  Query query;
  query.families = {thing};
  query.filter = equal_text({.member = "name"}, {"a"});
  const Page found = graph.query(query).value();
  for (const RecordRef& record : found.records)
    seen += record->id() + colour_of(record) + '.';
  return seen;
}

} // namespace

TEST_CASE("what changes outside of a footprint changes nothing that was concluded from it") {
  CHECK(rc::check([] {
    Things things;
    for (int number = 0; number < 5; ++number)
      if (*rc::gen::inRange(0, 4) != 0)
        things.records.emplace(std::to_string(number), some_record(number, 1));
    const int asked = *rc::gen::inRange(0, 5);
    Recorder recorder;
    const std::string before = evaluate(things, asked, &recorder);
    const auto conflicts = Conflicts::of(recorder.take(), schema()).value();

    const int changed = *rc::gen::inRange(0, 6);
    const Key key = key_of(changed);
    const RecordRef earlier = things.find(key);
    const RecordRef later = *rc::gen::inRange(0, 4) == 0 ? RecordRef() : some_record(changed, 2);
    things.records.erase(key.id);
    if (later)
      things.records.emplace(key.id, later);
    if (!earlier && !later)
      return;
    const std::string after = evaluate(things, asked, nullptr);
    RC_TAG(std::string(conflicts.meets(key, earlier, later) ? "inside" : "outside") +
           (before == after ? ", the same" : ", otherwise"));
    RC_ASSERT(before == after || conflicts.meets(key, earlier, later));
  }));
}

TEST_CASE("a change counts where it was looked at and nowhere else") {
  const auto record = [](const char* name, const char* colour, const char* target) {
    RecordDraft draft;
    draft.key = key_of(1);
    draft.root.kind = thing_root;
    draft.root.set_field(word_name, name);
    draft.root.set_field(word_colour, colour);
    Element edge;
    edge.kind = near;
    edge.target = Target{thing, target};
    draft.root.children.push_back(std::move(edge));
    return encode(draft, schema().dictionary());
  };
  const RecordRef base = record("a", "red", "x");
  const auto meets = [&](Recorder& recorder, const RecordRef& after) {
    return Conflicts::of(recorder.footprint(), schema()).value().meets(key_of(1), base, after);
  };
  Recorder colour;
  colour.record(key_of(1), base, {{.member = "colour"}});
  CHECK(meets(colour, record("a", "blue", "x")));
  CHECK(meets(colour, {}));
  CHECK_FALSE(meets(colour, record("b", "red", "y")));
  Recorder whole;
  whole.record(key_of(1), base, {{.member = "colour"}});
  whole.record(key_of(1), base);
  CHECK(meets(whole, record("b", "red", "x")));
  Recorder referrers;
  referrers.referrers(Key(0, thing, "x"), {near});
  CHECK(meets(referrers, record("a", "red", "y")));
  CHECK_FALSE(meets(referrers, record("b", "blue", "x")));
  Recorder others;
  others.referrers(Key(0, thing, "x"), {uses});
  CHECK_FALSE(meets(others, record("a", "red", "y")));
  Query query;
  query.families = {thing};
  query.filter = equal_text({.member = "name"}, {"b"});
  Recorder range;
  range.range(query);
  CHECK(meets(range, record("b", "red", "x")));
  CHECK_FALSE(meets(range, record("c", "blue", "y")));
  query.filter = residual({"odd", "", [](const Record&) { return false; }});
  Recorder function;
  function.range(query);
  CHECK(meets(function, record("c", "red", "x")));
  Recorder claims;
  claims.claim({"pool", "7"});
  claims.claim({"names", ""});
  const auto conflicts = Conflicts::of(claims.footprint(), schema()).value();
  CHECK(conflicts.meets_claim("pool", "7"));
  CHECK_FALSE(conflicts.meets_claim("pool", "8"));
  CHECK(conflicts.meets_claim("names", "any"));
}

TEST_CASE("the same values in other places are a change") {
  // Parts with a colour or without, in that order.
  const auto record = [](const std::vector<const char*>& colours) {
    RecordDraft draft;
    draft.key = key_of(1);
    draft.root.kind = thing_root;
    for (const char* colour : colours) {
      Element edge;
      edge.kind = near;
      if (colour == nullptr)
        edge.verbatim = json::Value("no object");
      else if (*colour != '\0')
        edge.set_field(word_colour, colour);
      draft.root.children.push_back(std::move(edge));
    }
    return encode(draft, schema().dictionary());
  };
  const auto meets = [](const FieldPath& path, const RecordRef& before, const RecordRef& after) {
    Recorder recorder;
    recorder.record(key_of(1), before, {path});
    return Conflicts::of(recorder.footprint(), schema()).value().meets(key_of(1), before, after);
  };
  const FieldPath colour{.parts = {{near}}, .member = "colour"};
  const RecordRef base = record({"red", ""});
  CHECK_FALSE(meets(colour, base, record({"red", ""})));
  CHECK(meets(colour, base, record({"", "red"})));
  CHECK(meets(colour, base, record({"red"})));
  CHECK(meets(colour, base, record({"red", nullptr})));
  const FieldPath whole{.parts = {{near}}, .end = FieldPath::End::element};
  CHECK_FALSE(meets(whole, base, record({"red", ""})));
  CHECK(meets(whole, base, record({"red", "blue"})));
  const FieldPath others{.parts = {{uses}}, .end = FieldPath::End::element};
  CHECK_FALSE(meets(others, base, record({"blue"})));
  // A list is not the one thing in it.
  const auto named = [](json::Value name) {
    RecordDraft draft;
    draft.key = key_of(1);
    draft.root.kind = thing_root;
    draft.root.set_field(word_name, std::move(name));
    return encode(draft, schema().dictionary());
  };
  const FieldPath name{.member = "name"};
  CHECK(meets(name, named("a"), named(json::Array{"a"})));
  CHECK(meets(name, named(json::Array{"a", json::Array{"b"}}), named(json::Array{"a", "b"})));
}

TEST_CASE("each version of a record differs in its time, even within one microsecond") {
  const auto version = [](Sequence sequence) {
    RecordDraft draft;
    draft.key = key_of(1);
    draft.root.kind = thing_root;
    RecordRef record = encode(draft, schema().dictionary());
    stamp(record, sequence, 1, 1);
    return record;
  };
  Recorder recorder;
  recorder.record(key_of(1), version(1), {{.end = FieldPath::End::updated_at}});
  const auto conflicts = Conflicts::of(recorder.footprint(), schema()).value();
  CHECK(conflicts.meets(key_of(1), version(1), version(2)));
}

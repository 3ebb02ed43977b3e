#include "graph/compiled_filter.h"
#include "graph/sort_key.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <array>

using namespace diffo;
using namespace diffo::graph;

namespace {

constexpr Family thing = 1;
constexpr ElementKind thing_root = 1;
constexpr ElementKind note = 2;
constexpr ElementKind link_edge = 3;
enum TestWord : Word { word_name, word_role };

const Schema& schema() {
  static constexpr std::array<std::string_view, 2> words{"name", "role"};
  static const Schema schema(words, {{.family = thing, .name = "thing"}},
                             {{.kind = thing_root, .name = "thing", .role = ElementRole::root},
                              {.kind = note, .name = "note"},
                              {.kind = link_edge, .name = "link", .role = ElementRole::edge}},
                             {});
  return schema;
}

/// A thing named "ann" with extras, two notes and a link to "far".
RecordRef some_thing() {
  RecordDraft draft;
  draft.key = Key(0, thing, "one");
  draft.created_at = 1'000'000;
  draft.root.kind = thing_root;
  draft.root.set_field(word_name, "ann");
  draft.root.extra.push_back({"weight", json::read("9007199254740993").value()});
  draft.root.extra.push_back(
      {"geo", json::read(R"({"points":[{"x":1},{"x":"2026-01-02"}]})").value()});
  for (const char* role : {"a", "b"}) {
    Element part;
    part.kind = note;
    part.set_field(word_role, role);
    part.extra.push_back({"text", std::string("text of ") + role});
    draft.root.children.push_back(std::move(part));
  }
  Element odd;
  odd.kind = note;
  odd.verbatim = json::read(R"({"role":["v","w"]})").value();
  draft.root.children.push_back(std::move(odd));
  Element edge;
  edge.kind = link_edge;
  edge.target = Target{thing, "far"};
  edge.set_field(word_role, "up");
  draft.root.children.push_back(std::move(edge));
  return encode(draft, schema().dictionary());
}

bool holds(const Filter& filter) {
  static const RecordRef record = some_thing();
  return CompiledFilter::compile(filter, schema()).value().holds(*record);
}

FieldPath extra(const char* name, std::vector<std::string> inside = {}) {
  return {.end = FieldPath::End::extra, .member = name, .inside = std::move(inside)};
}

std::string some_word() {
  return *rc::gen::element<std::string>("name", "role", "", "a\"b", "ü,{", "12", "2026-01-02");
}

FieldPath some_path() {
  FieldPath path;
  for (int count = *rc::gen::inRange(0, 3); count > 0; --count)
    path.parts.push_back(*rc::gen::container<std::vector<ElementKind>>(
        *rc::gen::inRange(0, 3), rc::gen::arbitrary<ElementKind>()));
  path.end = static_cast<FieldPath::End>(*rc::gen::inRange(0, 7));
  path.member = some_word();
  for (int count = *rc::gen::inRange(0, 3); count > 0; --count)
    path.inside.push_back(some_word());
  path.otherwise = static_cast<FieldPath::Otherwise>(*rc::gen::inRange(0, 3));
  if (path.otherwise == FieldPath::Otherwise::text)
    path.otherwise_text = some_word();
  return path;
}

Filter some_comparison() {
  std::vector<json::Value> operands;
  for (int count = *rc::gen::inRange(0, 3); count > 0; --count)
    operands.push_back(*rc::gen::arbitrary<bool>() ? json::Value(some_word())
                                                   : json::Value(*rc::gen::inRange(-3, 3)));
  Filter filter = compare(some_path(), static_cast<Compare>(*rc::gen::inRange(0, 7)),
                          static_cast<Reading>(*rc::gen::inRange(0, 3)), std::move(operands));
  if (*rc::gen::arbitrary<bool>())
    filter.shown.emplace_back(some_word(), some_word());
  return filter;
}

Filter some_filter(int depth) {
  const auto children = [depth] {
    std::vector<Filter> filters;
    for (int count = *rc::gen::inRange(0, 4); count > 0; --count)
      filters.push_back(some_filter(depth - 1));
    return filters;
  };
  switch (depth == 0 ? 5 : *rc::gen::inRange(0, 9)) {
  case 0:
    return all_of(children());
  case 1:
    return any_of(children());
  case 2:
    return none_of(some_filter(depth - 1));
  case 3:
    return any_part({note}, some_filter(depth - 1));
  case 4: {
    Filter filter = has_edge({link_edge}, {{thing, some_word()}});
    if (*rc::gen::arbitrary<bool>())
      filter.children.push_back(some_filter(depth - 1));
    return filter;
  }
  case 6:
    return in_index(some_word());
  case 7:
    return residual({some_word(), some_word(), nullptr});
  default:
    return some_comparison();
  }
}

} // namespace

TEST_CASE("a filter is printed, read back the same, and printed alike") {
  CHECK(rc::check([] {
    const Filter filter = some_filter(3);
    const std::string printed = print(filter);
    const auto read = read_filter(printed);
    RC_ASSERT(read.has_value());
    RC_ASSERT(*read == filter);
    RC_ASSERT(print(*read) == printed);
  }));
}

TEST_CASE("what is no printed filter is refused") {
  for (const char* text :
       {"", "{}", "[]", R"({"all":1})", R"({"not":{}})", R"({"path":{},"is":"equal","as":"text"})",
        R"({"path":{"field":"a"},"is":"like","as":"text"})", R"({"part":[300],"with":{"all":[]}})",
        R"({"edge":[-1]})", R"({"edge":[1],"to":[[1]]})", R"({"index":3})",
        R"({"path":{"field":"a"},"is":"equal","as":"text","shown":[["a"]]})"}) {
    CAPTURE(text);
    CHECK_FALSE(read_filter(text).has_value());
  }
}

TEST_CASE("a filter looks at fields, extras, parts, edges and inside of values") {
  const FieldPath name{.member = "name"};
  const FieldPath role{.parts = {{note}}, .member = "role"};
  CHECK(holds({}));
  CHECK_FALSE(holds(any_of({})));
  CHECK(holds(equal_text(name, {"bob", "ann"})));
  CHECK_FALSE(holds(none_of(equal_text(name, {"ann"}))));
  CHECK(holds(compare(name, Compare::matches, Reading::text, {json::Value("^an")})));
  CHECK(holds(equal_text(role, {"b"})));
  CHECK(holds(equal_text(role, {"w"})));
  CHECK_FALSE(holds(equal_text({.member = "role"}, {"a"})));
  CHECK(holds(exists(extra("geo", {"points", "x"}))));
  CHECK_FALSE(holds(exists(extra("geo"))));
  CHECK(holds(compare(extra("geo", {"points", "x"}), Compare::greater, Reading::value,
                      {json::Value("2026-01-01")})));
  CHECK(holds(compare(extra("weight"), Compare::greater, Reading::value,
                      {json::Value("9007199254740992")})));
  CHECK_FALSE(holds(compare(name, Compare::greater, Reading::value, {json::Value("1")})));
  const auto note_with = [](const char* a, const char* text) {
    return any_part(
        {note}, all_of({equal_text({.member = "role"}, {a}), equal_text(extra("text"), {text})}));
  };
  CHECK(holds(note_with("a", "text of a")));
  CHECK_FALSE(holds(note_with("a", "text of b")));
  CHECK(holds(has_edge({link_edge}, {{thing, "far"}})));
  CHECK_FALSE(holds(has_edge({note}, {{thing, "far"}})));
  Filter edge = has_edge({}, {});
  edge.children.push_back(equal_text({.member = "role"}, {"down"}));
  CHECK_FALSE(holds(edge));
  CHECK(holds(equal_text({.parts = {{link_edge}}, .end = FieldPath::End::id}, {"far"})));
  CHECK(holds(equal_text({.end = FieldPath::End::id}, {"one"})));
  CHECK(holds(compare({.member = "role", .otherwise = FieldPath::Otherwise::created_at},
                      Compare::equal, Reading::instant, {json::Value("1970-01-01T00:00:01Z")})));
  CHECK(holds(equal_text(
      {.member = "role", .otherwise = FieldPath::Otherwise::text, .otherwise_text = "none"},
      {"none"})));
  CHECK(holds(any_part({note}, exists({.end = FieldPath::End::irregular}))));
}

TEST_CASE("a filter that cannot be run is refused") {
  const auto code = [](const Filter& filter) {
    return CompiledFilter::compile(filter, schema()).error().code;
  };
  CHECK(code(residual({"unknown", "", nullptr})) == ErrorCode::unsupported);
  CHECK(code(in_index("nowhere")) == ErrorCode::invalid);
  CHECK(code(compare({}, Compare::equal, Reading::text, {json::Value(json::Array())})) ==
        ErrorCode::invalid);
  CHECK(code(compare({}, Compare::matches, Reading::text, {json::Value("(")})) ==
        ErrorCode::invalid);
}

TEST_CASE("keys of numbers order as the numbers do") {
  const std::array<const char*, 13> ascending = {
      "-1e300", "-9007199254740993", "-2", "-1.5", "-1e-9",  "0",
      "1e-9",   "0.00123",           "1",  "1.5",  "10.001", "2e1",
      "1e300"};
  std::string before;
  for (const char* text : ascending) {
    CAPTURE(text);
    std::string key;
    append_exact_number_key(key, json::read(text).value());
    CHECK(before < key);
    before = key;
  }
  std::string one, other;
  append_exact_number_key(one, json::read("1e1").value());
  append_exact_number_key(other, json::read("10.0").value());
  CHECK(one == other);
}

#include "query/entity_path.h"

#include "query/inner_order.h"
#include "query/json_filter.h"

#include <doctest/doctest.h>

using namespace diffo;
using namespace diffo::query;

namespace {

/// The attributes that a path looks at, in one text; `*`: at all.
std::string looks_at(std::string_view text) {
  const auto names = attributes_of(EntityPath::parse(text).value().condition());
  if (!names)
    return "*";
  std::string joined;
  for (const std::string& name : *names)
    joined += (joined.empty() ? "" : " ") + name;
  return joined;
}

std::string sorted(std::string_view sort, std::string_view document) {
  const auto orders = InnerOrder::parse(sort);
  if (!orders)
    return orders.error().message;
  json::Value value = json::read(document).value();
  InnerOrder::apply_all(*orders, value);
  return json::to_text(value);
}

} // namespace

TEST_CASE("a path tells which attributes it looks at") {
  CHECK(looks_at("note[?(@.author=='x')].text") == "note");
  CHECK(looks_at("$[?(@.name=='a' && !(@.state=='b'))].note") == "name note state");
  CHECK(looks_at("[*][name,state]") == "name state");
  CHECK(looks_at("note[?(@.author==$.name)]") == "name note");
  CHECK(looks_at("$[?(length(@.tags)>1 || max($.loads[*])>2)]") == "loads tags");
  CHECK(looks_at("$..author") == "*");
  CHECK(looks_at("$[?(@.note^.name)]") == "*");
}

TEST_CASE("paths are split at commas that stand between them") {
  CHECK(split_paths("a,b[c,d],e[?(@.f=='g],h')]").size() == 3);
  CHECK(split_paths("it's,b").size() == 2);
  CHECK(split_paths("").size() == 1);
}

TEST_CASE("entities have no position, and what is no path is invalid") {
  CHECK(EntityPath::parse("$[0]").error().code == ErrorCode::unsupported);
  CHECK(EntityPath::parse("[1:].name").error().code == ErrorCode::unsupported);
  std::string deep = "a";
  for (int level = 0; level < 33; ++level)
    deep = "a[?(@." + deep + ")]";
  CHECK(EntityPath::parse(deep).error().code == ErrorCode::invalid);
  CHECK(EntityPath::parse("a[?(@.b=~'a{1000}{1000}')]").error().code == ErrorCode::invalid);
}

TEST_CASE("a path that would look at more than a million values is told") {
  json::Array items;
  for (int count = 0; count < 600'000; ++count)
    items.emplace_back(count);
  json::Object members;
  members.append("list", std::move(items));
  const json::Value document(std::move(members));
  const auto asked = [&document](std::string_view path) {
    return holds(json::PathCondition(EntityPath::parse(path).value().condition()), document);
  };
  CHECK(asked("list[599999]").value());
  const auto refused = asked("$..nothing");
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == ErrorCode::invalid);
}

TEST_CASE("a filter over documents takes JSONPath beside conditions") {
  const json::Value event =
      json::read(R"({"eventType":"A","event":{"service":{"state":"active","note":[{"n":1}]}}})")
          .value();
  const auto finds = [&event](std::string_view filter) {
    return JsonFilter::parse(filter).value().matches(event);
  };
  CHECK(finds("filter=$[?(@.event.service.state=='active')]"));
  CHECK(finds("eventType=A&filter=event.service.note[?(@.n==1)]"));
  CHECK_FALSE(finds("eventType=B&filter=event.service.note[?(@.n==1)]"));
  CHECK_FALSE(finds("filter=event.service.note[?(@.n==2)]"));
  CHECK(JsonFilter::parse("filter=$[").error().path == "filter");
}

TEST_CASE("items of lists are sorted within a document, and stay in their order when equal") {
  constexpr std::string_view document =
      R"({"n":[{"a":"y","i":1},{"i":2},{"a":"x","i":3},{"a":"x","i":4}],"m":[3,1,2]})";
  CHECK(sorted("n[*].a", document)
            .find(R"([{"a":"x","i":3},{"a":"x","i":4},{"a":"y","i":1},{"i":2}])") !=
        std::string::npos);
  CHECK(sorted("-n[*].a,-n[*].i", document)
            .find(R"([{"a":"y","i":1},{"a":"x","i":4},{"a":"x","i":3},{"i":2}])") !=
        std::string::npos);
  CHECK(sorted("-m[*]", document).find("[3,2,1]") != std::string::npos);
  CHECK(sorted("[*].i", R"([{"i":2},{"i":1}])") == R"([{"i":1},{"i":2}])");
  CHECK(sorted("nobody[*].a", document) == document);
  CHECK(sorted("name", document).find("note[*].date") != std::string::npos);
}

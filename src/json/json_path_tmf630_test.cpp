#include "json/json_path.h"

#include "testing/json_values.h"

#include <doctest/doctest.h>

using namespace diffo;
using namespace diffo::json;

namespace {

/// All that a query of TMF630 finds, as one JSON array; or why there is no query.
std::string found(std::string_view query, std::string_view text, std::size_t steps = 100'000) {
  const Value document = read(text).value();
  const auto path = JsonPath::parse_tmf630(query);
  if (!path)
    return path.error().message;
  Budget budget(steps);
  const auto nodes = path->select({&document, &document}, budget);
  if (!nodes)
    return nodes.error().message;
  Array values;
  for (std::size_t at = 0; at < nodes->size(); ++at)
    values.push_back((*nodes)[at]);
  return to_text(values);
}

constexpr std::string_view line = R"({
  "name": "line 17", "@type": "Line", "type": "plain", "on-hold": false,
  "note": [{"id": "1", "author": "Ada", "words": 3}, {"id": "2", "author": "Ben", "words": 40},
           {"id": "10", "author": "Ada", "words": 12, "@referredType": "Memo"}],
  "port": {"speed": 100, "tags": ["a", "b"], "since": "2026-06-22T01:02:03Z"},
  "loads": [1, 2.5, "4", "x"]})";

} // namespace

TEST_CASE("a path may leave out what it begins with") {
  CHECK(found("port.speed", line) == "[100]");
  CHECK(found("$.port.speed", line) == "[100]");
  CHECK(found(".port.speed", line) == "[100]");
  CHECK(found("['port'].speed", line) == "[100]");
  CHECK(found("..speed", line) == "[100]");
  CHECK(found("note[0,2].id", line) == R"(["1","10"])");
  CHECK(found("note[1:].id", line) == R"(["2","10"])");
  CHECK(found("note[-1].id", line) == R"(["10"])");
  CHECK(found("note[0][id,author]", line) == R"(["1","Ada"])");
  CHECK(found("[name,on-hold]", line) == R"(["line 17",false])");
}

TEST_CASE("a condition may leave out the sign or the dot") {
  for (const std::string_view path :
       {"note[?(@.author=='Ben')].id", "note[?(@author=='Ben')].id", "note[?(author=='Ben')].id",
        "$.note.[?(@.author==\"Ben\")].id", "note[?('Ben'==@.author)].id",
        "note[?@.author=='Ben'].id"})
    CHECK(found(path, line) == R"(["2"])");
  CHECK(found("note[?(@.author==Ben)]", line).find("in quotes") != std::string::npos);
}

TEST_CASE("names that begin with @ need no quotes") {
  CHECK(found("@type", line) == R"(["Line"])");
  CHECK(found("$.@type", line) == R"(["Line"])");
  CHECK(found("`@type", line) == R"(["Line"])");
  CHECK(found("type", line) == R"(["plain"])");
  CHECK(found("note[*][id,`@referredType]", line) == R"(["1","2","10","Memo"])");
  CHECK(found("note[?(@.`@referredType=='Memo')].id", line) == R"(["10"])");
  CHECK(found("note[?(@referredType=='Memo')].id", line) == R"(["10"])");
  CHECK(found("a`b", R"({"a`b": 1})") == "[1]");
}

TEST_CASE("texts that are numbers, and dates, compare by what they are") {
  CHECK(found("note[?(@.id>=2)].id", line) == R"(["2","10"])");
  CHECK(found("note[?(@.id==10)].id", line) == R"(["10"])");
  CHECK(found("note[?(@.id==10.0)].id", line) == R"(["10"])");
  CHECK(found("note[?(@.words=='12')].id", line) == R"(["10"])");
  CHECK(found("note[?(@.words!=12)].id", line) == R"(["1","2"])");
  CHECK(found("note[?(@.author>1)]", line) == "[]");
  CHECK(found("$[?(@.since>'2026-06')].speed", line) == "[]");
  CHECK(found("$[?(@.since=='2026-06')].speed", line) == "[100]");
  CHECK(found("$[?(@.since<'2026-07')].speed", line) == "[100]");
}

TEST_CASE("null is what is not there") {
  CHECK(found("note[?(@.`@referredType==null)].id", line) == R"(["1","2"])");
  CHECK(found("note[?(!@.`@referredType)].id", line) == R"(["1","2"])");
  CHECK(found("note[?(@.`@referredType!=null)].id", line) == R"(["10"])");
  CHECK(found("note[?(@.`@referredType!='x')].id", line) == R"(["1","2","10"])");
}

TEST_CASE("what is equal is also no more and no less, where nothing has an order too") {
  CHECK(found("$[?(@.flag<=true)].id",
              R"([{"id":1,"flag":true},{"id":2,"flag":false},{"id":3}])") == "[1]");
  CHECK(found("$[?(@.flag>=false)].id", R"([{"id":1,"flag":true},{"id":2,"flag":false}])") ==
        "[2]");
  CHECK(found("$[?(@.flag<true)].id", R"([{"id":1,"flag":true},{"id":2,"flag":false}])") == "[]");
  CHECK(found("$[?(@.flag<=null)].id", R"([{"id":1,"flag":true},{"id":2,"flag":null},{"id":3}])") ==
        "[2,3]");
  CHECK(found("$[?(@.flag>=@.other)].id",
              R"([{"id":1,"flag":[1],"other":[1]},{"id":2,"flag":[1],"other":[2]}])") == "[1]");
  CHECK(found("$[?(@.flag<null)].id", R"([{"id":1},{"id":2,"flag":null}])") == "[]");
  CHECK(found("$[?(@.flag<=1)].id", R"([{"id":1,"flag":true},{"id":2}])") == "[]");
  CHECK(found("$[?(@.flag<='1')].id",
              R"([{"id":1,"flag":"1"},{"id":2,"flag":1},{"id":3,"flag":"0"}])") == "[1,2]");
}

TEST_CASE("patterns match a part, with options behind the slash") {
  CHECK(found("note[?(@.author=~'^A')].id", line) == R"(["1","10"])");
  CHECK(found("note[?(@.author=~/ADA/i)].id", line) == R"(["1","10"])");
  CHECK(found("note[?(@.author=~/ADA/)].id", line) == "[]");
  CHECK(found(R"($[?(@=~/l[/i]ne\/?/)])", R"(["line"])") == R"(["line"])");
  CHECK(found("note[?(@.author=~/a)]", line).find("slash") != std::string::npos);
  CHECK(found("note[?(@.author=~'(?=a)')]", line).find("look") != std::string::npos);
}

TEST_CASE("functions take what is found, and stand before or behind it") {
  CHECK(found("$[?(length(@.tags)==2)].speed", line) == "[100]");
  CHECK(found("$[?(@.tags.length()==2)].speed", line) == "[100]");
  CHECK(found("$[?(max($.note[*].words)==40)].speed", line) == "[100]");
  CHECK(found("$[?($.loads.min()==1 && $.loads.max()==4)].speed", line) == "[100]");
  CHECK(found("$[?($.loads.avg()==2.5)].speed", line) == "[100]");
  CHECK(found("$[?(stddev($.note[*].words)>15.7)].speed", line) == "[100]");
  CHECK(found("$[?(avg(@.nothing)==0)]", line) == "[]");
}

TEST_CASE("several values fit when one does, and a nested filter when it finds something") {
  CHECK(found("$[?(@.tags[*]=='b')].speed", line) == "[100]");
  CHECK(found("$[?($.note[?(@.author=='Ada' && @.words>10)])].speed", line) == "[100]");
  CHECK(found("$[?($.note[?(@.author=='Ben' && @.words<10)])].speed", line) == "[]");
}

TEST_CASE("a roof leads to what a value stands in") {
  CHECK(found("..note[?(@.words==40)]^^.port.speed", line) == "[100]");
  CHECK(found("port^^", line) == "[]");
}

TEST_CASE("what is no path says where") {
  CHECK(found("note[?(@.id>=2]", line).find("at byte 15") != std::string::npos);
  CHECK(found("note[", line).find("at byte 6") != std::string::npos);
  CHECK(found("", line).find("at byte 1") != std::string::npos);
  CHECK(found("note[?(@.a='x')]", line).find("at byte 11") != std::string::npos);
  CHECK(found("note[(@.length-1)]", line).find("at byte") != std::string::npos);
}

TEST_CASE("a path is bounded in depth, patterns and steps") {
  std::string deep = "a";
  for (int level = 0; level < 33; ++level)
    deep = "a[?(@." + deep + ")]";
  CHECK(found(deep, line).find("32 levels") != std::string::npos);
  std::string many = "a[?(@=~'a'";
  for (int count = 0; count < 16; ++count)
    many += "||@=~'a'";
  CHECK(found(many + ")]", line).find("16 patterns") != std::string::npos);
  CHECK(found("..*", line, 20).find("more of the document") != std::string::npos);
}

TEST_CASE("RFC 9535's own dialect takes none of this") {
  for (const std::string_view path : {"note", "$.a-b", "$[a]", "$^", "$[?min(@.a)==1]",
                                      "$[?@.a=~'x']", "$[?@.a[*]==1]", "$[?a==1]"})
    CHECK_FALSE(JsonPath::parse(path));
}

#include "query/list_query.h"

#include "model/model.h"
#include "model/schema.h"
#include "query/list_parameters.h"
#include "query/record_filter.h"
#include "testing/test_inventory.h"

#include <doctest/doctest.h>

using namespace diffo;
using namespace diffo::query;
using diffo::query::test::TestInventory;

namespace {

ErrorCode refusal(std::string_view query, std::string_view path) {
  const auto refused =
      parse_list_query(query, model::Api::service, model::Version::v4, model::inventory_schema());
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().path == path);
  return refused.error().code;
}

TestInventory services() {
  TestInventory inventory;
  inventory.add(model::Api::service, model::Version::v4,
                R"({"id":"a","state":"designed","name":"alpha","startDate":"2026-01-01T00:00:00Z",
                    "serviceSpecification":{"id":"s1"},"weight":1.50,
                    "relatedParty":[{"id":"p1","role":"Customer","@referredType":"Individual"}],
                    "place":[{"id":"x1","role":"site"}],
                    "serviceCharacteristic":[{"name":"vlan","value":12}]})");
  inventory.add(model::Api::service, model::Version::v5,
                R"({"@type":"Service","id":"b","state":"suspended","name":"beta",
                    "serviceSpecification":{"@type":"ServiceSpecificationRef","id":"s2"},
                    "relatedParty":[{"@type":"RelatedPartyRefOrPartyRoleRef","role":"Supplier",
                       "partyOrPartyRole":{"@type":"PartyRef","id":"p1"}}],
                    "place":[{"@type":"RelatedPlaceRefOrValue","role":"site",
                       "place":{"@type":"GeographicAddress","id":"x9","city":"Bath"}}],
                    "serviceRelationship":[{"@type":"ServiceRelationship",
                       "relationshipType":"bestows","service":{"@type":"ServiceRef","id":"a"}}],
                    "operatingStatus":"running"})");
  inventory.add(model::Api::service, model::Version::v4,
                R"({"id":"c","state":"inactive","name":"gamma, the third","isBundle":true,
                    "startDate":"2026-03-01T10:00:00.500Z","serviceSpecification":{"id":"s1"},
                    "serviceCharacteristic":[{"name":"vlan","value":200},
                                             {"name":"tags","value":["x","y"]}]})");
  inventory.add(model::Api::service, model::Version::v4,
                R"({"id":"ghost","state":"active","serviceSpecification":{"id":"s1"}})",
                graph::Which::expected);
  return inventory;
}

} // namespace

TEST_CASE("a list without a filter has everything actual, in the order of creation") {
  CHECK(services().find("") == "a b c");
  CHECK(services().find("", model::Api::resource) == "");
}

TEST_CASE("a filter with an equal boolean holds of its record, also by JSONPath") {
  const TestInventory inventory = services();
  CHECK(inventory.find("isBundle.lte=true") == "c");
  CHECK(inventory.find("filter=$[?(@.isBundle<=true)]") == "c");
  CHECK(inventory.find("filter=$[?(@.isBundle<true)]") == "");
  CHECK(inventory.find("filter=$[?(@.isBundle>=null)]") == "a b");
}

TEST_CASE("states are asked for in the words of the version, and internal words are understood") {
  const TestInventory inventory = services();
  CHECK(inventory.find("state=designed") == "a");
  CHECK(inventory.find("state=initial") == "a");
  CHECK(inventory.find("state=inactive") == "b c");
  CHECK(inventory.find("state=inactive", model::Api::service, model::Version::v5) == "c");
  CHECK(inventory.find("state=suspended") == "b");
  CHECK(inventory.find("state=suspended", model::Api::service, model::Version::v5) == "b");
  CHECK(inventory.find("state.ne=inactive") == "a");
  CHECK(inventory.find("state=designed,inactive") == "a b c");
  CHECK(inventory.find("state.regex=^des") == "a");
  CHECK(inventory.find("internalState=suspended") == "b");
}

TEST_CASE("every home of an attribute is filtered as it is shown") {
  const TestInventory inventory = services();
  struct Case {
    const char* query;
    const char* found;
  };
  for (const Case& item : std::initializer_list<Case>{
           {"name=alpha", "a"},
           {"name=alpha,beta", "a b"},
           {"name=%22gamma,%20the%20third%22", "c"},
           {"name=gamma,%20the%20third", "c"},
           {"name.ne=gamma,%20the%20third", "a b"},
           {"foo.contains.eq=x", ""},
           {"state.gt=designed", "b c"},
           {"serviceCharacteristic.value.lt=100", "a"},
           {"name*=a$", "a b"},
           {"name.gt=alpha", "b c"},
           {"weight=1.5", "a"},
           {"weight.lt=2", "a"},
           {"isBundle=true", "c"},
           {"startDate=2026-01-01", "a"},
           {"startDate.gte=2026-01-01&startDate.lt=2026-03", "a"},
           {"startDate%3E2026-01-01", "c"},
           {"startDate=2026-03-01T11:00:00.5%2B01:00", "c"},
           {"startDate=soon", ""},
           {"serviceSpecification.id=s1", "a c"},
           {"serviceSpecification.id=s1,s2", "a b c"},
           {"serviceSpecification.id=s1&state=designed", "a"},
           {"relatedParty.id=p1", "a b"},
           {"relatedParty.role=Customer", "a"},
           {"place.id=x1", "a"},
           {"place.id=x9", "b"},
           {"place.city=Bath", "b"},
           {"serviceRelationship.service.id=a", "b"},
           {"serviceCharacteristic.name=vlan", "a c"},
           {"serviceCharacteristic.value=12", "a"},
           {"serviceCharacteristic.value.gt=100", "c"},
           {"serviceCharacteristic.value=y", "c"},
           {"serviceCharacteristic.name=vlan&serviceCharacteristic.value=y", "c"},
           {"operatingStatus=running", "b"},
           {"nothing=1", ""},
           {"name.ne=alpha", "b c"},
           {"weight.ne=3", "a"}}) {
    CAPTURE(item.query);
    CHECK(inventory.find(item.query) == item.found);
  }
  CHECK(inventory.find("relatedParty.partyOrPartyRole.id=p1", model::Api::service,
                       model::Version::v5) == "a b");
  CHECK(inventory.find("place.place.id=x9", model::Api::service, model::Version::v5) == "b");
  CHECK(inventory.find("@type=Service", model::Api::service, model::Version::v5) == "a b c");
}

TEST_CASE("what v4 cannot show in one object is found by what it shows instead") {
  TestInventory inventory;
  inventory.add(model::Api::service, model::Version::v5,
                R"({"@type":"Service","id":"a","state":"active",
                    "serviceSpecification":{"@type":"ServiceSpecificationRef","id":"s"},
                    "relatedParty":[{"role":"Customer","name":"outer",
                       "partyOrPartyRole":{"@type":"PartyRef","id":"p1","name":"inner"}}],
                    "place":[{"id":"x1","place":{"@type":"PlaceRef","id":"x2"}}]})");
  inventory.add(model::Api::service, model::Version::v5,
                R"({"@type":"Service","id":"b","state":"active",
                    "serviceSpecification":{"@type":"ServiceSpecificationRef","id":"s"},
                    "relatedParty":[{"role":"Customer","name":"outer",
                       "partyOrPartyRole":{"@type":"PartyRef","id":"p1"}}]})");
  CHECK(inventory.find("place.id=x1") == "a");
  CHECK(inventory.find("place.id=x2") == "");
  CHECK(inventory.find("place.place.id=x2") == "a");
  CHECK(inventory.find("relatedParty.id=p1") == "b");
  CHECK(inventory.find("relatedParty.id.gt=p0") == "b");
  CHECK(inventory.find("relatedParty.partyOrPartyRole.id=p1") == "a");
  CHECK(inventory.find("relatedParty.name=outer") == "a b");
  CHECK(inventory.find("relatedParty.partyOrPartyRole.name=inner") == "a");
}

TEST_CASE("ids and hrefs are looked up, several at once, and other conditions still hold") {
  const TestInventory inventory = services();
  CHECK(inventory.find("id=c,a,nobody,a") == "a c");
  CHECK(inventory.find("id=c&id=b&state=inactive&name=beta") == "b");
  CHECK(inventory.find("id=ghost") == "");
  CHECK(inventory.find("id=a,b,c&sort=-name&limit=2") == "c b");
  CHECK(inventory.find("id=a,b,c&offset=2") == "c");
  CHECK(inventory.find("href=http://h/tmf-api/serviceInventory/v4/service/b") == "b");
  CHECK(inventory.find("href=http://h/tmf-api/serviceInventory/v4/resource/b") == "");
  TestInventory spaced;
  spaced.add(model::Api::service, model::Version::v4,
             R"({"id":"a b+c","state":"active","serviceSpecification":{"id":"s"}})");
  CHECK(spaced.find("href=http://h/service/a%2520b%2Bc") == "a b+c");
  CHECK(spaced.find("href=http://h/service/a%2520b") == "");
  CHECK(inventory.find("id.ne=a") == "b c");
  CHECK(inventory.find("id.regex=^[ab]$") == "a b");
}

TEST_CASE("a condition is printed, read back and printed alike, and finds the same") {
  const TestInventory inventory = services();
  for (const char* text :
       {"state=inactive", "state.ne=inactive", "state.gt=b", "@type=Service", "serviceDate.gt=2026",
        "relatedParty.id=p1", "relatedParty.role.ne=Customer", "place.city=Bath",
        "internalState=suspended", "href=http://h/tmf-api/serviceInventory/v4/service/b",
        "externalIdentifier.id=x1", "serviceCharacteristic.value.gt=100&name=alpha,beta",
        "id=a,b,c&name.regex=a", "name.exists=false", "place.exists=true", "endDate=null",
        "filter=$[?(@.weight==1.5)]", "filter=relatedParty[?(@.id==%27p1%27)]"}) {
    CAPTURE(text);
    graph::Query query =
        parse_list_query(text, model::Api::service, model::Version::v4, model::inventory_schema())
            .value()
            .query;
    const std::string printed = graph::print(query.filter);
    const graph::Filter read =
        graph::read_filter(printed, [](graph::Residual residual) {
          return with_function(std::move(residual), model::inventory_schema());
        }).value();
    CHECK(read == query.filter);
    CHECK(graph::print(read) == printed);
    const auto found = inventory.revision().query(query).value();
    query.filter = read;
    CHECK(inventory.revision().query(query)->records == found.records);
  }
}

TEST_CASE("what can be said of records is said without a function") {
  const auto filter_of = [](const char* text) {
    return parse_list_query(text, model::Api::service, model::Version::v4,
                            model::inventory_schema())
        .value()
        .query.filter;
  };
  for (const char* text :
       {"state=inactive", "state.lt=inactive", "name.ne=a", "startDate.gte=2026", "@type=RFS",
        "serviceDate=2026", "weight.gt=1", "serviceSpecification.id=1", "note.text=x",
        "serviceCharacteristic.value=1", "externalIdentifier.id=1", "internalState=suspended"}) {
    CAPTURE(text);
    CHECK_FALSE(graph::has_residual(filter_of(text)));
  }
  CHECK(graph::print(filter_of("relatedParty.id=p1&name=n"))
            .starts_with(R"({"all":[{"path":{"field":"name"},"is":"equal","as":"text","of":["n"]},)"
                         R"({"any":[{"edge":[40],"to":[[3,"p1"]]},{"index":"irregular"}]})"));
  CHECK(graph::print(filter_of("place.city=Bath")).starts_with(R"({"residual":"rendered")"));
}

TEST_CASE("the date of creation finds its record at the precision it was shown in") {
  const TestInventory inventory = services();
  CHECK(inventory.find("serviceDate=2026-06-22T01:02:03.004Z") == "a");
  CHECK(inventory.find("serviceDate=2026-06-22T01:02:03.004005Z") == "a");
  CHECK(inventory.find("serviceDate=2026-06-22T01:02:03.004006Z") == "");
  CHECK(inventory.find("serviceDate=2026-06-22T01:02:04Z") == "b");
  CHECK(inventory.find("serviceDate.gt=2026-06-22T01:02:03.004Z") == "b c");
  CHECK(inventory.find("serviceDate=2026-06-22T03:02:03.004+02:00") == "a");
}

TEST_CASE("lists are sorted by any attribute, missing values last") {
  const TestInventory inventory = services();
  CHECK(inventory.find("sort=-name") == "c b a");
  CHECK(inventory.find("sort=name") == "a b c");
  CHECK(inventory.find("sort=startDate") == "a c b");
  CHECK(inventory.find("sort=-startDate") == "c a b");
  CHECK(inventory.find("sort=-serviceDate") == "c b a");
  CHECK(inventory.find("sort=state,-name") == "a c b");
  CHECK(inventory.find("sort=-serviceSpecification.id,-name") == "b c a");
  CHECK(inventory.find("sort=weight") == "a b c");
  CHECK(inventory.find("sort=-id&offset=1&limit=1") == "b");
  CHECK(inventory.find("sort=serviceCharacteristic.value") == "a c b");
}

TEST_CASE("numbers are sorted exactly, and equals stand in the order of creation") {
  TestInventory inventory;
  const auto add = [&inventory](const char* id, const char* weight) {
    inventory.add(model::Api::service, model::Version::v4,
                  std::string(R"({"id":")") + id +
                      R"(","state":"active","serviceSpecification":{"id":"s"},"weight":)" + weight +
                      "}");
  };
  add("big", "9007199254740993");
  add("less", "9007199254740992.5");
  add("even", "9007199254740992");
  add("text", R"("00:1a:2b")");
  add("minus", "-9007199254740993");
  add("huge", "1e400");
  add("one", "1");
  add("same", "1.0");
  add("tiny", "-1e-400");
  add("zero", "0");
  CHECK(inventory.find("sort=weight") == "minus tiny zero one same even less big huge text");
  CHECK(inventory.find("sort=-weight") == "text huge big less even one same zero tiny minus");
  CHECK(inventory.find("weight.lt=100") == "minus one same tiny zero");
  CHECK(inventory.find("weight.gt=100") == "big less even huge");
  CHECK(inventory.find("weight.gt=9007199254740992") == "big less huge");
  CHECK(inventory.find("sort=-category") == inventory.find("sort=category"));
}

TEST_CASE("pages are cut as asked for") {
  const TestInventory inventory = services();
  CHECK(inventory.find("limit=2") == "a b");
  CHECK(inventory.find("offset=2") == "c");
  CHECK(inventory.find("offset=9") == "");
  CHECK(inventory.find("limit=0") == "");
}

TEST_CASE("what a list cannot answer is refused") {
  CHECK(refusal("name.contains=x", "name.contains") == ErrorCode::invalid);
  CHECK(refusal("relatedParty.role.contains=x", "relatedParty.role.contains") ==
        ErrorCode::invalid);
  CHECK(refusal("name~=x", "name~") == ErrorCode::invalid);
  CHECK(refusal("foo.contains=x", "foo.contains") == ErrorCode::invalid);
  CHECK(refusal("geo.point.startswith=x", "geo.point.startswith") == ErrorCode::invalid);
  CHECK(refusal("name.regex=(?=x)", "name.regex") == ErrorCode::invalid);
  CHECK(refusal("filter=%24[0]", "filter") == ErrorCode::unsupported);
  CHECK(refusal("filter=%24[", "filter") == ErrorCode::invalid);
  CHECK(refusal("limit=-1", "limit") == ErrorCode::invalid);
  CHECK(refusal("fields=%5B0%5D", "fields") == ErrorCode::unsupported);
  CHECK(services().find("serviceCharacteristic.value.name.contains=x") == "");
}

TEST_CASE("a JSONPath keeps the entities that it says") {
  struct Example {
    const char* filter;
    const char* found;
  };
  const TestInventory inventory = services();
  for (const Example& one : {
           Example{"$", "a b c"},
           {"$[?(@.name=='alpha')]", "a"},
           {"$[?(@.name!='alpha')]", "b c"},
           {"$[?(@.state=='inactive')]", "b c"},
           {"$[?(@.state=='suspended')]", ""},
           {"$[?(@.internalState=='suspended')]", "b"},
           {"$[?(@.name=~'^(al|be)')]", "a b"},
           {"$[?(@.name=~'a' %26%26 !(@.state=='designed'))]", "b c"},
           {"$[?(@.weight==1.5)]", "a"},
           {"$[?(@.weight>='1')]", "a"},
           {"$[?(@.isBundle==true)]", "c"},
           {"$[?(@.isBundle==false || @.id=='b')]", "b"},
           {"$[?(@.startDate<'2026-02')]", "a"},
           {"$[?(@.startDate==null)]", "b"},
           {"serviceCharacteristic[?(@.name=='vlan' %26%26 @.value>100)]", "c"},
           {"serviceCharacteristic[?(@.value[?(@=='y')])]", "c"},
           {"$[?(@.serviceCharacteristic[?(@.name=='vlan')] %26%26 @.id=='a')]", "a"},
           {"$[?(count(@.serviceCharacteristic[*])==2)]", "c"},
           {"relatedParty[?(@.id=='p1')]", "a b"},
           {"relatedParty[?(@.id=='p1' %26%26 @.role=='Supplier')]", "b"},
           {"relatedParty.id", ""},
           {"$[?(@.serviceSpecification.id=='s1')].place", "a"},
           {"$..city", "b"},
           {"nobody[*].has", ""},
       }) {
    CAPTURE(one.filter);
    CHECK(inventory.find("filter=" + std::string(one.filter)) == one.found);
  }
}

TEST_CASE("a JSONPath of plain attributes is a filter that indexes can serve") {
  const auto made = [](std::string_view query) {
    return parse_list_query(query, model::Api::service, model::Version::v4,
                            model::inventory_schema())
        .value()
        .query.filter;
  };
  CHECK(made("filter=$[?(@.state=='active' %26%26 @.name=~'a.*')]") ==
        made("state=active&name.regex=a.*"));
  CHECK(made("filter=$[?(@.id=='a' || @.startDate>'2026')]").kind == graph::Filter::Kind::any);
  CHECK_FALSE(graph::has_residual(made("filter=$[?(@.id=='a' || @.startDate>'2026')]")));
  const graph::Filter narrowed =
      made("filter=relatedParty[?(@.id=='p1' %26%26 @.role=='Customer')]");
  CHECK(graph::print(narrowed).find("\"edge\"") != std::string::npos);
  CHECK(graph::has_residual(narrowed));
}

TEST_CASE("a search in which a path would look at too much of a record says so") {
  TestInventory inventory = services();
  json::Array rows;
  for (int row = 0; row < 300; ++row)
    rows.emplace_back(json::Array(1000, json::Value(row)));
  inventory.add(model::Api::service, model::Version::v4,
                R"({"id":"big","state":"active","serviceSpecification":{"id":"s1"},"rows":)" +
                    json::to_text(json::Value(std::move(rows))) + "}");
  const auto asked = [&](std::string_view query) {
    auto list =
        parse_list_query(query, model::Api::service, model::Version::v4, model::inventory_schema())
            .value();
    static_cast<void>(inventory.revision().query(list.query).value());
    return list.overrun->load();
  };
  CHECK_FALSE(asked("filter=rows[299][999]"));
  CHECK(asked("filter=$..[?(@..[?(@..nothing)])]"));
  CHECK(asked("sort=$..[?(@..[?(@..nothing)])].x"));
  CHECK_FALSE(asked("filter=$[?(@.id=='a')]..[?(@..[?(@..nothing)])]"));
}

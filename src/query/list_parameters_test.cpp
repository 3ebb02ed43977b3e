#include "query/list_parameters.h"

#include "query/fields.h"
#include "query/json_filter.h"

#include <doctest/doctest.h>

using namespace diffo;
using namespace diffo::query;

TEST_CASE("without parameters a list is its first page of everything") {
  const ListParameters parameters = parse_list_parameters("").value();
  CHECK(parameters.paging.offset == 0);
  CHECK(parameters.paging.limit == max_page);
  CHECK_FALSE(parameters.paging.is_given());
  CHECK(parameters.conditions.empty());
  CHECK(parameters.fields.empty());
}

TEST_CASE("offset and limit are whole numbers, and a large limit is cut") {
  struct Case {
    const char* query;
    std::uint64_t offset;
    std::uint64_t limit;
  };
  for (const Case& item : std::initializer_list<Case>{
           {"offset=5", 5, 1000},
           {"limit=0", 0, 0},
           {"limit=1000", 0, 1000},
           {"limit=1001", 0, 1000},
           {"limit=99999999999999999999999999", 0, 1000},
           {"offset=99999999999999999999&limit=1", 9223372036854775807U, 1}}) {
    CAPTURE(item.query);
    const ListParameters parameters = parse_list_parameters(item.query).value();
    CHECK(parameters.paging.offset == item.offset);
    CHECK(parameters.paging.limit == item.limit);
    CHECK(parameters.paging.is_given());
  }
}

TEST_CASE("sort names attributes with their directions and is no filter") {
  const ListParameters parameters =
      parse_list_parameters("sort=-startDate,+name, state,place.role&sort=id").value();
  CHECK(parameters.conditions.empty());
  REQUIRE(parameters.sort.size() == 5);
  CHECK(parameters.sort[0].path == std::vector<std::string>{"startDate"});
  CHECK(parameters.sort[0].descending);
  CHECK(parameters.sort[1].path == std::vector<std::string>{"name"});
  CHECK_FALSE(parameters.sort[1].descending);
  CHECK_FALSE(parameters.sort[2].descending);
  CHECK(parameters.sort[3].path == std::vector<std::string>{"place", "role"});
}

TEST_CASE("everything else is a filter, also an attribute named as a parameter") {
  const ListParameters parameters =
      parse_list_parameters("&state=active&&limit.eq=5&fields=name&fields=id,state&").value();
  REQUIRE(parameters.conditions.size() == 2);
  CHECK(parameters.conditions[0].name == "state");
  CHECK(parameters.conditions[1].path == std::vector<std::string>{"limit"});
  CHECK(parameters.fields == std::vector<std::string>{"name", "id,state"});
}

TEST_CASE("what breaks a rule is refused and the parameter named") {
  struct Case {
    std::string query;
    ErrorCode code;
    const char* path;
  };
  std::string many = "a=1";
  for (int count = 0; count < 100; ++count)
    many += "&a=1";
  for (const Case& item :
       std::initializer_list<Case>{{"limit=-1", ErrorCode::invalid, "limit"},
                                   {"limit=ten", ErrorCode::invalid, "limit"},
                                   {"limit=", ErrorCode::invalid, "limit"},
                                   {"limit", ErrorCode::invalid, "limit"},
                                   {"limit=1.5", ErrorCode::invalid, "limit"},
                                   {"limit=1&limit=2", ErrorCode::invalid, "limit"},
                                   {"offset=-1", ErrorCode::invalid, "offset"},
                                   {"offset=+1", ErrorCode::invalid, "offset"},
                                   {"sort=", ErrorCode::invalid, "sort"},
                                   {"sort=a,", ErrorCode::invalid, "sort"},
                                   {"sort=a.", ErrorCode::invalid, "sort"},
                                   {"sort=a,b,c,d,e,f,g,h,i", ErrorCode::invalid, "sort"},
                                   {"before=x&before=y", ErrorCode::invalid, "before"},
                                   {"after=x&after=", ErrorCode::invalid, "after"},
                                   {"after=x&before=y", ErrorCode::invalid, "before"},
                                   {"after=&offset=0", ErrorCode::invalid, "offset"},
                                   {"offset=3&before=", ErrorCode::invalid, "offset"},
                                   {"sort=name:desc", ErrorCode::invalid, "sort"},
                                   {"sort=name desc", ErrorCode::invalid, "sort"},
                                   {"sort=name,DESC", ErrorCode::invalid, "sort"},
                                   {"Limit=1", ErrorCode::invalid, "Limit"},
                                   {"offest=1", ErrorCode::invalid, "offest"},
                                   {"filters=x", ErrorCode::invalid, "filters"},
                                   {"name=core*", ErrorCode::invalid, "name"},
                                   {"name.exists=1", ErrorCode::invalid, "name.exists"},
                                   {"expand=place", ErrorCode::unsupported, "expand"},
                                   {"expnad=place", ErrorCode::invalid, "expnad"},
                                   {"Depth=1", ErrorCode::invalid, "Depth"},
                                   {"depth=1", ErrorCode::unsupported, "depth"},
                                   {"name=%zz", ErrorCode::malformed, "name"},
                                   {"na%zz=1", ErrorCode::malformed, "na%zz"},
                                   {"name", ErrorCode::invalid, "name"},
                                   {"name=" + std::string(2049, 'x'), ErrorCode::invalid, "name"},
                                   {many, ErrorCode::invalid, "a"}}) {
    CAPTURE(item.query);
    const auto parsed = parse_list_parameters(item.query);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().code == item.code);
    CHECK(parsed.error().path == item.path);
  }
}

TEST_CASE("requests that name one entity read only fields") {
  CHECK(parse_fields_parameters("fields=a&fields=b").value() == std::vector<std::string>{"a", "b"});
  CHECK(parse_fields_parameters("fields=a&x=1").error().path == "x");
  CHECK(parse_fields_parameters("limit=1").error().code == ErrorCode::invalid);
  CHECK(parse_fields_parameters("depth=1").error().code == ErrorCode::unsupported);
  CHECK(parse_fields("", model::Api::service, model::Version::v4, model::inventory_model())
            .value()
            .has_value() == false);
  CHECK(
      parse_fields("fields=name", model::Api::service, model::Version::v4, model::inventory_model())
          .value()
          ->wants("@type") == false);
  CHECK(
      parse_fields("fields=name", model::Api::service, model::Version::v5, model::inventory_model())
          .value()
          ->wants("@type"));
  CHECK(parse_fields_parameters("fields=%zz").error().path == "fields");
}

TEST_CASE("a filter text finds documents of any kind") {
  const json::Value event =
      json::read(
          R"({"eventType":"ServiceStateChangeEvent","event":{"service":{"state":"active"}}})")
          .value();
  const auto finds = [&event](std::string_view filter) {
    return JsonFilter::parse(filter).value().matches(event);
  };
  CHECK(finds(""));
  CHECK(finds("eventType=ServiceCreateEvent,ServiceStateChangeEvent&event.service.state=active"));
  CHECK_FALSE(finds("event.service.state=inactive"));
  CHECK(JsonFilter::parse("event.service.state").error().code == ErrorCode::invalid);
}

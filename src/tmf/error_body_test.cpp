#include "tmf/error_body.h"

#include <diffo/json.h>

#include <doctest/doctest.h>

using namespace diffo;
using namespace diffo::tmf;

TEST_CASE("an error body has code, reason, message, status and type, all texts") {
  const auto body = json::read(error_body({ErrorCode::not_found, "there is no service with id 7"}));
  REQUIRE(body.has_value());
  CHECK(body->text_of("@type") == "Error");
  CHECK(body->text_of("code") == "60");
  CHECK(body->text_of("status") == "404");
  CHECK(body->text_of("reason") == "Not found");
  CHECK(body->text_of("message") == "there is no service with id 7");
  CHECK(body->find("problems") == nullptr);
}

TEST_CASE("several problems are listed, each with its pointer") {
  const Error error{ErrorCode::invalid,
                    "2 problems",
                    "",
                    {{ErrorCode::invalid, "state is mandatory", "/state"},
                     {ErrorCode::invalid, "name must be a string", "/name"}}};
  const auto body = json::read(error_body(error));
  REQUIRE(body.has_value());
  CHECK(body->text_of("message") ==
        "2 problems: /state state is mandatory; /name name must be a string");
  REQUIRE(body->find("problems") != nullptr);
  CHECK(body->find("problems")->array().size() == 2);
  CHECK(body->find("problems")->array()[1].text_of("path") == "/name");
}

TEST_CASE("every error code has a status of its class") {
  for (int number = 0; number <= static_cast<int>(ErrorCode::internal); ++number) {
    const auto code = static_cast<ErrorCode>(number);
    CHECK(http_status(code) >= 400);
    CHECK(http_status(code) < 600);
    CHECK_FALSE(tmf_code(code).empty());
  }
}

namespace {
struct PairOfTexts {
  std::string type;
  std::string text;
};
} // namespace

TEST_CASE("the transport's own errors have the same body") {
  const PairOfTexts body = transport_error_body(405, "Method Not Allowed", "PUT is not allowed");
  CHECK(body.type == "application/json");
  CHECK(json::read(body.text)->text_of("code") == "61");
}

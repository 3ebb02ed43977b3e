#include "http/parallel_client.h"

#include "testing/http_support.h"

#include <doctest/doctest.h>

#include <map>
#include <string>

using namespace diffo::http;
using namespace diffo::http::test;
using std::chrono::milliseconds;

namespace {

std::string url_of(const TestServer& server) {
  return "http://127.0.0.1:" + std::to_string(server.port());
}

/// Moves until so many are left.
void move_until(ParallelClient& client, std::size_t left) {
  while (client.under_way() > left)
    client.move(milliseconds(1000));
}

} // namespace

TEST_CASE("many exchanges are under way at once, and connections are used again") {
  TestServer server(echo);
  ParallelClient client = ParallelClient::make(8).value();
  std::map<int, std::string> answers;
  for (int round = 0; round < 2; ++round) {
    for (int number = 0; number < 4; ++number) {
      ClientRequest request;
      request.method = "POST";
      request.target = "/" + std::to_string(number);
      request.body = "b" + std::to_string(number);
      REQUIRE(client.begin({.base_url = url_of(server)}, std::move(request),
                           [&answers, number](diffo::Result<ClientAnswer> answer) {
                             REQUIRE(answer);
                             answers[number] = answer->body;
                           }));
    }
    move_until(client, 0);
    CHECK(answers.size() == 4);
    CHECK(answers[3] == "POST /3 b3");
    answers.clear();
  }
  CHECK(server.server().connections() <= 4);
}

TEST_CASE("one that hangs keeps no other waiting, and fails by itself") {
  Parked parked;
  TestServer hanging(
      [&](Request request, Responder responder) { parked.put(request, std::move(responder)); });
  TestServer server(echo);
  ParallelClient client = ParallelClient::make(8).value();
  std::optional<diffo::ErrorCode> failure;
  int answered = 0;
  REQUIRE(client.begin({.base_url = url_of(hanging), .timeout = milliseconds(200)}, {},
                       [&](diffo::Result<ClientAnswer> answer) {
                         REQUIRE_FALSE(answer);
                         failure = answer.error().code;
                       }));
  for (int number = 0; number < 20; ++number) {
    REQUIRE(client.begin({.base_url = url_of(server)}, {},
                         [&](const diffo::Result<ClientAnswer>& answer) {
                           answered += answer && answer->status == 200 ? 1 : 0;
                         }));
    move_until(client, failure ? 0 : 1);
  }
  CHECK(answered == 20);
  move_until(client, 0);
  CHECK(failure == diffo::ErrorCode::timeout);
}

TEST_CASE("where a connection leads is asked each time one is made") {
  TestServer server(echo);
  ParallelClient client = ParallelClient::make(8).value();
  std::string asked;
  const auto answer_under = [&](bool may) {
    std::optional<diffo::Result<ClientAnswer>> told;
    REQUIRE(client.begin(
        {.base_url = url_of(server),
         .may_connect =
             [&asked, may](std::string_view address) {
               asked = address;
               return may;
             }},
        {}, [&told](diffo::Result<ClientAnswer> answer) { told = std::move(answer); }));
    move_until(client, 0);
    return *told;
  };
  const auto refused = answer_under(false);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == diffo::ErrorCode::forbidden);
  CHECK(asked == "127.0.0.1");
  CHECK(server.server().connections() == 0);
  CHECK(answer_under(true).has_value());
}

TEST_CASE("what is no request is refused, and what is under way may be left") {
  Parked parked;
  TestServer hanging(
      [&](Request request, Responder responder) { parked.put(request, std::move(responder)); });
  ParallelClient client = ParallelClient::make(8).value();
  const auto never = [](const diffo::Result<ClientAnswer>&) { FAIL("told"); };
  CHECK_FALSE(client.begin({.base_url = url_of(hanging)}, {.target = "no slash"}, never));
  CHECK_FALSE(
      client.begin({.base_url = url_of(hanging)}, {.headers = {{"A", "b\r\nC: d"}}}, never));
  CHECK(client.under_way() == 0);
  CHECK(client.begin({.base_url = url_of(hanging)}, {}, never));
  client.wake();
  client.move(milliseconds(10'000));
  CHECK(client.under_way() == 1);
}

#include "server/hub/callback.h"
#include "server/hub/hub_settings.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace diffo;
using namespace diffo::server;

namespace {

bool allowed(const CallbackRule& rule, const std::string& url) {
  const auto callback = Callback::parse(url);
  return callback && rule.check(*callback);
}

CallbackRule rule_of(const std::string& text) {
  return read_hub_settings("hub.yaml", text).value().callbacks;
}

} // namespace

TEST_CASE("a callback is read in its parts") {
  const Callback plain = Callback::parse("HTTP://Listener.example:8080").value();
  CHECK(plain.server == "http://listener.example:8080");
  CHECK(plain.host == "listener.example");
  CHECK(plain.target() == "/");
  CHECK(plain.target("/listener/x") == "/listener/x");
  const Callback deep = Callback::parse("https://[2001:db8::1]/a/b/?token=1/2").value();
  CHECK(deep.host == "2001:db8::1");
  CHECK(deep.target() == "/a/b/?token=1/2");
  CHECK(deep.target("/listener/x") == "/a/b/listener/x?token=1/2");
  CHECK(Callback::parse("https://h?x").value().target() == "/?x");
}

TEST_CASE("what is no plain http URL is none") {
  for (const char* url : {"",
                          "h",
                          "//h/x",
                          "ftp://h",
                          "file:///etc/passwd",
                          "http://",
                          "http:///x",
                          "http://u@h/",
                          "http://u:p@h/",
                          "http://h/#f",
                          "http://h/a b",
                          "http://h/\r\nX: y",
                          "http://h\\@i/",
                          "http://h:99999/",
                          "http://[::1/",
                          "http://2130706433/",
                          "http://0x7f.0.0.1/",
                          "http://127.1/",
                          "http://0177.0.0.1/",
                          "http://1.2.3.4.5/"}) {
    CAPTURE(url);
    CHECK_FALSE(Callback::parse(url));
  }
  CHECK_FALSE(Callback::parse("http://h/" + std::string(2048, 'x')));
}

TEST_CASE("by default nothing is sent to this host and the networks behind it") {
  const CallbackRule rule;
  for (const char* url :
       {"http://127.0.0.1/",         "http://127.9.9.9/",       "http://localhost/",
        "http://LOCALHOST./",        "http://x.localhost/",     "http://0.0.0.0/",
        "http://10.1.2.3/",          "http://172.16.0.1/",      "http://192.168.1.1/",
        "http://169.254.169.254/",   "http://100.64.0.1/",      "http://224.0.0.1/",
        "http://255.255.255.255/",   "http://[::1]/",           "http://[::]/",
        "http://[fe80::1]/",         "http://[fd00::1]/",       "http://[ff02::1]/",
        "http://[::ffff:10.0.0.1]/", "http://[::ffff:7f00:1]/", "http://[64:ff9b::a00:1]/",
        "http://[2002:a00:1::]/"}) {
    CAPTURE(url);
    CHECK(Callback::parse(url));
    CHECK_FALSE(allowed(rule, url));
  }
  for (const char* url : {"http://93.184.216.34/", "http://[2606:2800::1]/", "https://h.example/",
                          "http://172.32.0.1/"}) {
    CAPTURE(url);
    CHECK(allowed(rule, url));
  }
  // Wherever a name leads is asked again of each connection.
  CHECK_FALSE(rule.may_connect("h.example", "127.0.0.1"));
  CHECK_FALSE(rule.may_connect("h.example", "::ffff:127.0.0.1"));
  CHECK(rule.may_connect("h.example", "93.184.216.34"));
  CHECK_FALSE(rule.may_connect("h.example", "what is no address"));
}

TEST_CASE("the settings name what is allowed beside, or alone") {
  const CallbackRule beside = rule_of(R"({callbacks: {allow: [127.0.0.0/8, "fd00::/8", Noc]}})");
  CHECK(allowed(beside, "http://127.0.0.1/"));
  CHECK(allowed(beside, "http://localhost/"));
  CHECK(allowed(beside, "http://[::ffff:127.0.0.1]/"));
  CHECK(allowed(beside, "http://[fd00::7]/"));
  CHECK_FALSE(allowed(beside, "http://[::1]/"));
  CHECK_FALSE(allowed(beside, "http://10.0.0.1/"));
  CHECK(beside.may_connect("noc", "10.0.0.1"));
  CHECK_FALSE(beside.may_connect("other", "10.0.0.1"));

  const CallbackRule alone = rule_of("{callbacks: {allow: [noc.example], anybody: false}}");
  CHECK(allowed(alone, "https://noc.example/x"));
  CHECK_FALSE(allowed(alone, "https://other.example/x"));
  CHECK_FALSE(allowed(alone, "https://93.184.216.34/"));
  CHECK_FALSE(alone.may_connect("other.example", "93.184.216.34"));
}

TEST_CASE("settings that cannot be meant are refused, saying where") {
  const auto path_of = [](const std::string& text) {
    const auto settings = read_hub_settings("hub.yaml", text);
    REQUIRE_FALSE(settings);
    return settings.error().message;
  };
  CHECK(path_of("{callback: {}}").find("hub.yaml: /callback ") == 0);
  CHECK(path_of("{callbacks: {allow: [10.0.0.1/8]}}").find("/callbacks/allow/0") !=
        std::string::npos);
  CHECK(path_of("{callbacks: {allow: ['http://h']}}").find("/callbacks/allow/0") !=
        std::string::npos);
  CHECK(path_of("{callbacks: {allow: ['h:80']}}").find("/callbacks/allow/0") != std::string::npos);
  for (const std::string name : {"'*'", "'*.example'", "'.'", "a..b", "-a", "a-", "a/b", "a b",
                                 "1.2.3", "0x7f.1", "'[::1]'", "a%41", "u@a", "'~'"}) {
    CAPTURE(name);
    CHECK(path_of("{callbacks: {allow: [noc, " + name + "]}}").find("/callbacks/allow/1") !=
          std::string::npos);
  }
  CHECK(path_of("{callbacks: {allow: ['*']}}").find("no wildcards") != std::string::npos);
  CHECK(rule_of("{callbacks: {allow: [xn--fa-hia.Example., my_noc]}}").hosts ==
        std::vector<std::string>{"xn--fa-hia.example", "my_noc"});
  CHECK(path_of("{bounds: {inFlight: 0}}").find("/bounds/inFlight") != std::string::npos);
  CHECK(path_of("{bounds: {parkAfter: soon}}").find("/bounds/parkAfter") != std::string::npos);
  const HubBounds bounds =
      read_hub_settings("x", "{bounds: {backOff: 2s, parkAfter: 1h, subscriptions: 3}}")
          .value()
          .bounds;
  CHECK(bounds.back_off == 2'000'000);
  CHECK(bounds.park_after == 3'600'000'000);
  CHECK(bounds.subscriptions == 3);
}

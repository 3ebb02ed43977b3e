#include "query/page_cursor.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace diffo;
using namespace diffo::query;

namespace {

graph::Cursor some_cursor() {
  return {.revision = 12,
          .keys = {std::nullopt, std::string("\0\xff key", 6), std::string()},
          .created_at = -5,
          .key = {3, 2, "a/b?c"}};
}

} // namespace

TEST_CASE("a cursor comes back from its text, which a URL can hold") {
  const std::string binding = cursor_binding("service", "state=active&sort=-name");
  const std::string text = print_cursor(some_cursor(), binding);
  CHECK(
      text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
      std::string::npos);
  CHECK(read_cursor(text, binding).value() == some_cursor());
}

TEST_CASE("a cursor is bound to conditions and order, not to how much is shown") {
  const std::string binding = cursor_binding("service", "state=active&name=a%20b&sort=-name");
  for (const char* same :
       {"sort=-name&state=active&name=a+b", "limit=3&state=active&name=a%20b&sort=-name",
        "name=a%20b&after=x&fields=name&sort=-name&state=active&before=&offset=2"})
    CHECK(cursor_binding("service", same) == binding);
  const std::string text = print_cursor(some_cursor(), binding);
  for (const char* other :
       {"", "state=active&name=a%20b", "state=active&sort=-name",
        "state=active&name=a%20b&sort=name", "state=activ&name=ea%20b&sort=-name",
        "state=active&name=a%20b&sort=-name&outstanding=true",
        "state=active&name=a%20b&sort=-name&x",
        "state=active&state=active&name=a%20b&sort=-name"}) {
    CAPTURE(other);
    CHECK(cursor_binding("service", other) != binding);
    const auto read = read_cursor(text, cursor_binding("service", other));
    REQUIRE_FALSE(read);
    CHECK(read.error().code == ErrorCode::invalid);
  }
}

TEST_CASE("a cursor is bound to its collection") {
  const std::string text = print_cursor(some_cursor(), cursor_binding("service", "sort=name"));
  CHECK(read_cursor(text, cursor_binding("service", "sort=name")));
  CHECK_FALSE(read_cursor(text, cursor_binding("resource", "sort=name")));
  CHECK_FALSE(read_cursor(text, cursor_binding("service", "")));
}

TEST_CASE("what no link gave is no cursor") {
  const std::string binding = cursor_binding("service", "");
  const std::string text = print_cursor(some_cursor(), binding);
  for (const std::string& bad : {std::string("x"), std::string("AQ"), text + "A", text.substr(1),
                                 text.substr(0, text.size() - 2), std::string(2000, 'A')})
    CHECK_FALSE(read_cursor(bad, binding));
  CHECK(rc::check("a changed text is refused", [&] {
    std::string changed = text;
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
    changed[at] = *rc::gen::elementOf(std::string("ABCabc019-_"));
    RC_PRE(changed != text);
    RC_ASSERT(!read_cursor(changed, binding));
  }));
}

#include "model/ids.h"

#include <doctest/doctest.h>

using namespace diffo::model;

TEST_CASE("a reference may lead to what no id here can be") {
  CHECK(can_be_target("http://x/y?z#w"));
  CHECK(can_be_target(".."));
  CHECK_FALSE(can_be_target("a\u0085b"));
}

#include "http/memory_budget.h"

#include <doctest/doctest.h>

using namespace diffo::http;

TEST_CASE("what is held in one budget counts in the one around it, and is given back in both") {
  MemoryBudget whole(100);
  MemoryBudget part(60, &whole);
  {
    Charge other(whole);
    Charge one(part);
    CHECK(one.try_set(50));
    CHECK(part.used() == 50);
    CHECK(whole.used() == 50);
    CHECK_FALSE(one.try_set(61)); // more than the part
    CHECK(other.try_set(45));
    CHECK_FALSE(one.try_set(56)); // more than is left of the whole
    CHECK(part.used() == 50);
    CHECK(whole.used() == 95);
    one.set(58); // it is there already
    CHECK(whole.used() == 103);
    CHECK(whole.is_exhausted());
    CHECK_FALSE(part.is_exhausted());
    CHECK(one.try_set(10));
    CHECK(whole.used() == 55);
  }
  CHECK(part.used() == 0);
  CHECK(whole.used() == 0);
  CHECK(part.limit() == 60);
  CHECK(MemoryBudget(200, &whole).limit() == 100);
}

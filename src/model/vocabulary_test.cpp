#include "model/vocabulary.h"

#include <doctest/doctest.h>

using namespace diffo::model;

TEST_CASE("a record's initial state is designed on the wire, in both versions") {
  for (const Version version : {Version::v4, Version::v5}) {
    CHECK(state_vocabulary.wire_value("initial", version) == "designed");
    CHECK(state_vocabulary.internal_value("designed", version) == "initial");
    CHECK_FALSE(state_vocabulary.is_hidden("initial", version));
  }
}

TEST_CASE("what v4 cannot say is told by an extension") {
  CHECK(state_vocabulary.wire_value("suspended", Version::v4) == "inactive");
  CHECK(state_vocabulary.is_hidden("suspended", Version::v4));
  CHECK_FALSE(state_vocabulary.is_hidden("suspended", Version::v5));
  CHECK(state_vocabulary.is_hidden("cancelled", Version::v5));
  CHECK(operating_status_vocabulary.is_hidden("feasible", Version::v5));
  CHECK_FALSE(operating_status_vocabulary.is_hidden("feasible", Version::v4));
}

TEST_CASE("a wire word finds every internal value that is shown so") {
  CHECK(state_vocabulary.internal_values("inactive", Version::v4) ==
        std::vector<std::string>{"inactive", "suspended"});
  CHECK(state_vocabulary.internal_values("inactive", Version::v5) ==
        std::vector<std::string>{"inactive"});
  CHECK(state_vocabulary.internal_values("terminated", Version::v5) ==
        std::vector<std::string>{"terminated", "cancelled"});
  CHECK(state_vocabulary.internal_values("cancelled", Version::v4) ==
        std::vector<std::string>{"cancelled"});
  CHECK(state_vocabulary.internal_values("no such", Version::v4) ==
        std::vector<std::string>{"no such"});
}

TEST_CASE("resource states have other words in each version") {
  CHECK(operational_state_vocabulary.wire_value("enabled", Version::v4) == "enable");
  CHECK(operational_state_vocabulary.wire_value("enabled", Version::v5) == "enabled");
  CHECK(operational_state_vocabulary.internal_value("enable", Version::v4) == "enabled");
  CHECK(operational_state_vocabulary.internal_value("enabled", Version::v4) == "enabled");
  CHECK_FALSE(operational_state_vocabulary.internal_value("enable", Version::v5).has_value());
  CHECK(administrative_state_vocabulary.internal_value("shuttingDown", Version::v5) == "shutdown");
  CHECK_FALSE(
      administrative_state_vocabulary.internal_value("shuttingDown", Version::v4).has_value());
}

TEST_CASE("an extension counts only beside the word it maps to") {
  CHECK(state_vocabulary.extended_value("inactive", "suspended", Version::v4) == "suspended");
  CHECK_FALSE(state_vocabulary.extended_value("active", "suspended", Version::v4).has_value());
  CHECK_FALSE(state_vocabulary.extended_value("inactive", "unheard of", Version::v4).has_value());
}

#include "model/vocabulary.h"

#include <doctest/doctest.h>

using namespace diffo::model;

TEST_CASE("a record's initial state is designed on the wire, in both versions") {
  for (const Version version : {Version::v4, Version::v5}) {
    CHECK(wire_value("state", "initial", version) == "designed");
    CHECK(internal_value("state", "designed", version) == "initial");
    CHECK(extension_for("state", "initial", version).empty());
  }
}

TEST_CASE("what v4 cannot say is told by an extension") {
  CHECK(wire_value("state", "suspended", Version::v4) == "inactive");
  CHECK(extension_for("state", "suspended", Version::v4) == "internalState");
  CHECK(extension_for("state", "suspended", Version::v5).empty());
  CHECK(extension_for("state", "cancelled", Version::v5) == "internalState");
  CHECK(extension_for("operatingStatus", "feasible", Version::v5) == "internalOperatingStatus");
  CHECK(extension_for("operatingStatus", "feasible", Version::v4).empty());
}

TEST_CASE("a wire word finds every internal value that is shown so") {
  CHECK(internal_values("state", "inactive", Version::v4) ==
        std::vector<std::string>{"inactive", "suspended"});
  CHECK(internal_values("state", "inactive", Version::v5) == std::vector<std::string>{"inactive"});
  CHECK(internal_values("state", "terminated", Version::v5) ==
        std::vector<std::string>{"terminated", "cancelled"});
  CHECK(internal_values("state", "cancelled", Version::v4) ==
        std::vector<std::string>{"cancelled"});
  CHECK(internal_values("state", "no such", Version::v4) == std::vector<std::string>{"no such"});
  CHECK(internal_values("name", "x", Version::v4) == std::vector<std::string>{"x"});
}

TEST_CASE("resource states have other words in each version") {
  CHECK(wire_value("operationalState", "enabled", Version::v4) == "enable");
  CHECK(wire_value("operationalState", "enabled", Version::v5) == "enabled");
  CHECK(internal_value("operationalState", "enable", Version::v4) == "enabled");
  CHECK(internal_value("operationalState", "enabled", Version::v4) == "enabled");
  CHECK_FALSE(internal_value("operationalState", "enable", Version::v5).has_value());
  CHECK(internal_value("administrativeState", "shuttingDown", Version::v5) == "shutdown");
  CHECK_FALSE(internal_value("administrativeState", "shuttingDown", Version::v4).has_value());
}

TEST_CASE("an extension counts only beside the word it maps to") {
  CHECK(extended_value("state", "inactive", "suspended", Version::v4) == "suspended");
  CHECK_FALSE(extended_value("state", "active", "suspended", Version::v4).has_value());
  CHECK_FALSE(extended_value("state", "inactive", "unheard of", Version::v4).has_value());
}

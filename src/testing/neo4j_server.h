#pragma once

#include "neo4j/connection.h"

#include <diffo/bolt.h>

#include <doctest/doctest.h>

#include <cstdlib>
#include <string>
#include <utility>

/// The real server that test/neo4j/run starts and names in the environment.
namespace diffo::testing {

inline std::string variable(const char* name) {
  const char* value = std::getenv(name); // NOLINT(concurrency-mt-unsafe): nobody changes it
  return value == nullptr ? "" : value;
}

inline neo4j::ConnectionOptions connection() {
  return {.uri = variable("DIFFO_NEO4J_URI"),
          .user = variable("DIFFO_NEO4J_USER"),
          .password = bolt::Secret(variable("DIFFO_NEO4J_PASSWORD")),
          .database = {}};
}

template <typename T> T good(bolt::Outcome<T> outcome) {
  if (!outcome)
    FAIL(outcome.error().message);
  return std::move(outcome).value();
}

} // namespace diffo::testing

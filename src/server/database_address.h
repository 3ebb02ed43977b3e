#pragma once

#include "neo4j/connection.h"

#include <diffo/result.h>

#include <filesystem>
#include <string>

namespace diffo::server {

/// Where a database is that keeps the inventory, as people name it.
struct DatabaseAddress {
  std::string uri;                   ///< bolt:// or neo4j://, with +s or +ssc; empty: there is none
  std::string database;              ///< empty: the user's home database
  std::filesystem::path credentials; ///< a file; empty: the environment tells them
};

/// How the database is reached: credentials from the file (a line with the user and one with the
/// password, or one line user:password), else from DIFFO_NEO4J_USER (default neo4j) and
/// DIFFO_NEO4J_PASSWORD. Never from the URI, which anybody on the machine sees in the list of
/// processes. Errors: invalid for a URI that is none or holds credentials; unauthenticated without
/// any; forbidden for a file that others may read; malformed; those of reading it.
Result<neo4j::ConnectionOptions> read_database_address(const DatabaseAddress& address);

} // namespace diffo::server

#include "base/file.h"
#include "server/database_address.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <sys/stat.h>

using namespace diffo;
using server::read_database_address;

namespace {

/// The environment of one case.
class Environment {
public:
  Environment(const char* user, const char* password) {
    set("DIFFO_NEO4J_USER", user);
    set("DIFFO_NEO4J_PASSWORD", password);
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;
  ~Environment() {
    set("DIFFO_NEO4J_USER", nullptr);
    set("DIFFO_NEO4J_PASSWORD", nullptr);
  }

private:
  static void set(const char* name, const char* value) {
    if (value != nullptr)
      setenv(name, value, 1); // NOLINT(concurrency-mt-unsafe): one thread
    else
      unsetenv(name); // NOLINT(concurrency-mt-unsafe)
  }
};

struct CredentialsFile {
  explicit CredentialsFile(std::string_view content, unsigned mode = 0600) {
    REQUIRE(write_file_atomically(path, content, mode));
  }
  TemporaryDirectory folder = std::move(TemporaryDirectory::make()).value();
  std::filesystem::path path = folder.path() / "credentials";
};

} // namespace

TEST_CASE("who asks a database comes from the environment") {
  const Environment environment(nullptr, "s3cret");
  const auto read = read_database_address({"neo4j+s://db.example", "inventory", {}});
  REQUIRE(read);
  CHECK(read->uri == "neo4j+s://db.example");
  CHECK(read->database == "inventory");
  CHECK(read->user == "neo4j");
  CHECK(read->password.reveal() == "s3cret");
}

TEST_CASE("who asks a database comes from a file that goes before the environment") {
  const Environment environment("other", "other");
  for (const char* content : {"ada\ns3:cret\n", "ada\r\ns3:cret\r\n", "ada:s3:cret\n"}) {
    const CredentialsFile file(content);
    const auto read = read_database_address({"bolt://db.example", {}, file.path});
    REQUIRE(read);
    CHECK(read->user == "ada");
    CHECK(read->password.reveal() == "s3:cret");
  }
}

TEST_CASE("a file of credentials that others may read is refused, and one that is none") {
  const CredentialsFile open("ada\ns3cret\n", 0640);
  CHECK(read_database_address({"bolt://db", {}, open.path}).error().code == ErrorCode::forbidden);
  const CredentialsFile half("ada\n");
  CHECK(read_database_address({"bolt://db", {}, half.path}).error().code == ErrorCode::malformed);
  CHECK(read_database_address({"bolt://db", {}, half.path / "x"}).error().code !=
        ErrorCode::malformed);
}

TEST_CASE("a URI with credentials is refused without repeating them") {
  const Environment environment("neo4j", "x");
  for (const char* uri : {"bolt://ada:s3cret@db", "ada:s3cret@db", "s3cret@x://db"}) {
    const auto read = read_database_address({uri, {}, {}});
    REQUIRE_FALSE(read);
    CHECK(read.error().code == ErrorCode::invalid);
    CHECK(read.error().text().find("s3cret") == std::string::npos);
  }
}

TEST_CASE("without a password, or a URI that is one, nothing is tried") {
  const Environment environment("neo4j", nullptr);
  CHECK(read_database_address({"bolt://db", {}, {}}).error().code == ErrorCode::unauthenticated);
  for (const char* uri : {"http://db:7474", "db", "bolt://db/inventory", "bolt://:7687"})
    CHECK(read_database_address({uri, {}, {}}).error().code == ErrorCode::invalid);
}

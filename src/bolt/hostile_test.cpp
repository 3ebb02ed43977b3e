#include "testing/bolt_fixture.h"

#include <dlfcn.h>
#include <netdb.h>
#include <string_view>
#include <thread>

using namespace diffo::bolt;
using namespace diffo::bolt::fake;

// The resolver of this program: it hangs for one name.
extern "C" int getaddrinfo(const char* host, const char* service, const addrinfo* hints,
                           addrinfo** found) {
  if (host != nullptr && std::string_view(host) == "hangs.invalid") {
    std::this_thread::sleep_for(std::chrono::seconds(1));
    return EAI_AGAIN;
  }
  using Resolve = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
  static const auto resolve = reinterpret_cast<Resolve>(dlsym(RTLD_NEXT, "getaddrinfo"));
  return resolve(host, service, hints, found);
}

namespace {

const std::string asked = "${OPEN}\nC: RUN \"A\" {} *\nC: PULL {\"n\": 1000}\n";

// Runs one query against a server that misbehaves; the failure it ends with.
Failure failure_against(const std::string& script, DriverOptions options = {},
                        const std::string& scheme = "bolt", Server::Options where = {}) {
  Stage stage(bolt_5_8, script,
              {.options = std::move(options), .scheme = scheme, .server = std::move(where)});
  Session session = stage.driver->session({.mode = AccessMode::read});
  Outcome<EagerResult> result = session.execute("A");
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().message.size() < 500);
  stage.driver.reset();
  for (const std::string& problem : stage.servers[0]->finish())
    CHECK_MESSAGE(problem.find("expected another message") == std::string::npos, problem);
  return std::move(result).error();
}

} // namespace

TEST_CASE("nonsense instead of a handshake ends with a reason") {
  CHECK(failure_against("A: raw 48545450 2f312e31").message.find("web server") !=
        std::string::npos);
  CHECK(failure_against("A: raw 00000000").kind == FailureKind::configuration);
  CHECK(failure_against("A: raw 00000505").kind == FailureKind::protocol_error);
  CHECK(failure_against("A: raw 00000805 00").kind == FailureKind::protocol_error);
  CHECK(failure_against("A: raw 000001ff ffffffffff7f").kind == FailureKind::protocol_error);
  CHECK(failure_against("A: raw 00\nX: close").kind == FailureKind::service_unavailable);
  CHECK(failure_against("X: close").message.find("handshake") != std::string::npos);
}

TEST_CASE("answers that nobody may send end the connection with a reason") {
  const char* const answers[] = {
      "S: RECORD [1]",                // before the answer to RUN
      "S: IGNORED",                   // without a failure
      "S: HELLO {}",                  // a request
      "S: SUCCESS []",                // no map
      "S: SUCCESS {} {}",             // too many fields
      "S: FAILURE {}\nS: SUCCESS {}", // goes on after a failure
      "S: SUCCESS {\"fields\": 1}",   // no columns
      "S: SUCCESS {\"fields\": [1]}",
      "R: 0001 C7 0000",              // a reserved marker
      "R: 0002 B170 0000",            // cut off
      "R: 0006 B171 D67FFFFFFF 0000", // a list of 2 GiB
      "R: 0006 B171 D27FFFFFFF 0000",
  };
  for (const char* answer : answers) {
    CAPTURE(answer);
    const Failure failure = failure_against(asked + answer + "\nX: half");
    CHECK_FALSE(failure.message.empty());
    const bool plain_failure = std::string(answer).starts_with("S: FAILURE");
    CHECK((failure.kind == FailureKind::protocol_error || plain_failure ||
           failure.kind == FailureKind::service_unavailable));
  }
}

TEST_CASE("a server that closes in the middle of anything is noticed") {
  for (const char* ending : {"X: close", "X: half", "X: reset"})
    for (const char* before : {"", "S: SUCCESS {\"fields\": [\"n\"]}\n",
                               "S: SUCCESS {\"fields\": [\"n\"]}\nR: 0005 B171\n"}) {
      CAPTURE(ending);
      CAPTURE(before);
      CHECK(failure_against(asked + before + ending).kind == FailureKind::service_unavailable);
    }
}

TEST_CASE("more records than were asked for are refused") {
  DriverOptions options;
  options.fetch_size = 2;
  const Failure failure =
      failure_against("${OPEN}\nC: RUN \"A\" {} *\nC: PULL {\"n\": 2}\n${RUN_OK}\n"
                      "S: RECORD [1]\nS: RECORD [1]\nS: RECORD [1]\n",
                      options);
  CHECK(failure.message == "the server sent more records than were asked for");
}

TEST_CASE("floods are cut off: keep-alives, endless chunks, endless records") {
  CHECK(failure_against(asked + "F: 0000").message == "the server sends nothing but keep-alives");
  DriverOptions small;
  small.max_message_bytes = 100'000;
  CHECK(failure_against(asked + "F: 0004 B1B1B1B1", small).code == diffo::ErrorCode::too_large);
  DriverOptions little;
  little.max_buffered_bytes = 10'000;
  little.fetch_size = -1;
  const std::string all = "${OPEN}\nC: RUN \"A\" {} *\nC: PULL {\"n\": -1}\n${RUN_OK}\n";
  // Gathering all at once is bounded; reading one by one holds one.
  CHECK(failure_against(all + "F: 0004 B1719101 0000", little).code == diffo::ErrorCode::too_large);
}

TEST_CASE("a depth bomb is refused") {
  std::string bomb = "R: 0402 B171";
  for (int i = 0; i < 1024; ++i)
    bomb += " 91";
  const Failure failure = failure_against(asked + "${RUN_OK}\n" + bomb + " 0000\nX: half");
  CHECK(failure.message.find("too deeply nested") != std::string::npos);
}

TEST_CASE("a silent server is given up after the read timeout") {
  DriverOptions options;
  options.read_timeout = Milliseconds{50};
  // The script waits for a message that never comes.
  const Failure failure = failure_against(asked + "C: RESET", options);
  CHECK(failure.code == diffo::ErrorCode::timeout);
  CHECK(failure.kind == FailureKind::service_unavailable);

  DriverOptions impatient;
  impatient.connect_timeout = Milliseconds{50};
  CHECK(failure_against("C: RESET", impatient).code == diffo::ErrorCode::timeout);
}

TEST_CASE("the server's hint sets the read timeout, and keep-alives restart it") {
  Stage stage(
      bolt_5_8,
      "${OPEN_HINTED}\nC: RUN \"A\" {} {\"mode\": \"r\"}\nC: PULL {\"n\": 1000}\nN:\nC: RESET\n",
      {.variables = {
           {"OPEN_HINTED", open_lines(bolt_5_8, R"({"connection.recv_timeout_seconds": 1})")}}});
  Session session = stage.driver->session({.mode = AccessMode::read});
  CHECK(session.execute("A").error().code == diffo::ErrorCode::timeout);
  stage.driver.reset();
}

TEST_CASE("TLS verifies chain and host name, or nothing when told so") {
  const TemporaryFolder folder;
  const Certificates certificates = good(make_certificates(folder.path, "localhost"));
  const TemporaryFolder other_folder;
  const Certificates other = good(make_certificates(other_folder.path, "elsewhere.example"));
  const std::string script =
      "${OPEN}\nC: RUN \"A\" {} {\"mode\": \"r\"}\nC: PULL {\"n\": 1000}\n${RUN_OK}\n${PULL_OK}\n";
  const auto attempt = [&](const Certificates& server, const std::string& scheme,
                           TlsOptions tls) -> Outcome<void> {
    DriverOptions options;
    options.tls = std::move(tls);
    Stage stage(bolt_5_8, script,
                {.options = options, .scheme = scheme, .server = {.tls = server}});
    Session session = stage.driver->session({.mode = AccessMode::read});
    TRY(session.execute("A"));
    return {};
  };
  good(attempt(certificates, "bolt+s", {.ca_file = certificates.ca_file}));
  good(attempt(certificates, "bolt",
               {.encryption = Encryption::verified, .ca_file = certificates.ca_file}));
  good(attempt(certificates, "bolt+ssc", {}));
  good(attempt(other, "bolt+ssc", {}));
  good(attempt(other, "bolt+s", {.ca_file = other.ca_file, .server_name = "elsewhere.example"}));
  // Not signed by an authority of the system.
  CHECK(attempt(certificates, "bolt+s", {}).error().message.find("not trusted") !=
        std::string::npos);
  // Signed by another authority.
  CHECK_FALSE(attempt(certificates, "bolt+s", {.ca_file = other.ca_file}).has_value());
  // Signed well, but for another host.
  CHECK(attempt(other, "bolt+s", {.ca_file = other.ca_file})
            .error()
            .message.find("ostname mismatch") != std::string::npos);
  // Plain against TLS and TLS against plain.
  CHECK_FALSE(attempt(certificates, "bolt", {}).has_value());
  CHECK(failure_against("A: raw 48545450", {}, "bolt+ssc").message.find("TLS") !=
        std::string::npos);
}

TEST_CASE("a client certificate that is replaced is shown by the next connection") {
  const TemporaryFolder folder;
  const Certificates certificates = good(make_certificates(folder.path, "localhost"));
  const TemporaryFolder other_folder;
  const Certificates other = good(make_certificates(other_folder.path, "client"));
  Certificates demanding = certificates;
  demanding.client_ca = other.ca_file;
  DriverOptions options;
  options.tls = {.ca_file = certificates.ca_file,
                 .client_certificate = folder.path + "/shown.crt",
                 .client_key = folder.path + "/shown.key"};
  const auto show = [&](const Certificates& which) {
    const auto how = std::filesystem::copy_options::overwrite_existing;
    std::filesystem::copy_file(which.certificate, options.tls.client_certificate, how);
    std::filesystem::copy_file(which.key, options.tls.client_key, how);
  };
  show(certificates);
  const std::string script =
      "${OPEN}\nC: RUN \"A\" {} {\"mode\": \"r\"}\nC: PULL {\"n\": 1000}\n${RUN_OK}\n${PULL_OK}\n";
  // The first connection is refused before it says anything.
  Stage stage(bolt_5_8, "A: raw 00\n=== every\n" + script,
              {.options = options, .scheme = "bolt+s", .server = {.tls = demanding}});
  Session session = stage.driver->session({.mode = AccessMode::read});
  CHECK_FALSE(session.execute("A").has_value());
  show(other);
  good(session.execute("A"));
  std::filesystem::remove(options.tls.client_key);
  // Connections that are there go on; one that cannot be made says why.
  DriverOptions none = options;
  const auto refused = Driver::open("bolt+s://localhost:1", AuthToken::none(), none);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().message.find("client certificate") != std::string::npos);
  stage.driver.reset();
}

TEST_CASE("a resolver that hangs keeps nobody longer than the deadline") {
  DriverOptions options;
  options.connect_timeout = std::chrono::milliseconds(200);
  options.acquisition_timeout = std::chrono::milliseconds(300);
  Driver driver = good(Driver::open("bolt://hangs.invalid", AuthToken::none(), options));
  const auto begun = std::chrono::steady_clock::now();
  const auto lost = driver.session().execute("A");
  REQUIRE_FALSE(lost.has_value());
  CHECK(lost.error().message.find("the resolver did not answer in time") != std::string::npos);
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(5));
}

TEST_CASE("every version works over TLS with bytes in any pieces") {
  const TemporaryFolder folder;
  const Certificates certificates = good(make_certificates(folder.path, "localhost"));
  for (const Version version : supported_versions) {
    CAPTURE(to_text(version));
    DriverOptions options;
    options.tls.ca_file = certificates.ca_file;
    Stage stage(version,
                "${OPEN}\nW: pieces 1\nW: chunks 2\nC: RUN \"A\" {} *\nC: PULL {\"n\": "
                "1000}\n${RUN_OK}\nN:\n${RECORD_1}\n${PULL_OK}\n",
                {.options = options, .scheme = "bolt+s", .server = {.tls = certificates}});
    Session session = stage.driver->session();
    CHECK(good(session.execute("A")).records.size() == 1);
    stage.finish();
  }
}

TEST_CASE("TLS that ends without a farewell is a lost connection, not an end") {
  const TemporaryFolder folder;
  const Certificates certificates = good(make_certificates(folder.path, "localhost"));
  for (const char* ending : {"X: half", "X: reset", "X: close"}) {
    CAPTURE(ending);
    const Failure failure = failure_against(asked + "${RUN_OK}\nS: RECORD [1]\n" + ending, {},
                                            "bolt+ssc", {.tls = certificates});
    CHECK(failure.kind == FailureKind::service_unavailable);
  }
}

TEST_CASE("configurations that contradict themselves are refused") {
  const auto refused = [](const char* uri, DriverOptions options) {
    return !Driver::open(uri, AuthToken::none(), std::move(options)).has_value();
  };
  CHECK(refused("bolt+s://h", {.tls = {.encryption = Encryption::unverified}}));
  CHECK(refused("bolt+s://h", {.tls = {.ca_file = "/nonexistent"}}));
  CHECK(refused("bolt+ssc://h", {.tls = {.client_certificate = "/nonexistent"}}));
  CHECK(refused("bolt://h", {.fetch_size = 0}));
  CHECK(refused("bolt://h", {.only_version = "5.5"}));
  CHECK(refused("bolt://h", {.max_connections_per_address = 0}));
  CHECK_FALSE(refused("bolt://h", {}));
}

#include "base/uuid.h"

#include "base/dates.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <sys/wait.h>
#include <unistd.h>

#include <set>
#include <thread>
#include <unordered_set>

using namespace diffo;

TEST_CASE("the canonical text is read in either case and written in lower case") {
  for (const char* text :
       {"3f1c6f6e-9a0b-4d6e-8f51-0d7f2f8a9b10", "3F1C6F6E-9A0B-4D6E-8F51-0D7F2F8A9B10"}) {
    Result<Uuid> uuid = Uuid::parse(text);
    REQUIRE(uuid);
    CHECK(uuid->text() == "3f1c6f6e-9a0b-4d6e-8f51-0d7f2f8a9b10");
    CHECK(uuid->version() == 4);
  }
  CHECK(Uuid::parse("00000000-0000-0000-0000-000000000000")->is_nil());
  CHECK(Uuid::parse("ffffffff-ffff-ffff-ffff-ffffffffffff"));
}

TEST_CASE("what is not the canonical text is refused") {
  for (const char* text :
       {"", "3f1c6f6e", "3f1c6f6e-9a0b-4d6e-8f51-0d7f2f8a9b1",
        "3f1c6f6e-9a0b-4d6e-8f51-0d7f2f8a9b100", "{3f1c6f6e-9a0b-4d6e-8f51-0d7f2f8a9b1}",
        "3f1c6f6e9-a0b-4d6e-8f51-0d7f2f8a9b10", "3f1c6f6e-9a0b-4d6e-8f51-0d7f2f8a9b1g",
        "3f1c6f6e-9a0b-4d6e-8f51-0d7f2f8a9b1 ", "3f1c6f6e 9a0b 4d6e 8f51 0d7f2f8a9b10",
        "3f1c6f6e9a0b4d6e8f510d7f2f8a9b1000000"})
    CHECK(Uuid::parse(text).error().code == ErrorCode::malformed);
}

TEST_CASE("who asks for lower case gets no text with a capital") {
  Uuid uuid;
  CHECK(uuid.read("3f1c6f6e-9a0b-4d6e-8f51-0d7f2f8a9b10", Uuid::Letters::lower));
  CHECK(uuid.text() == "3f1c6f6e-9a0b-4d6e-8f51-0d7f2f8a9b10");
  CHECK_FALSE(uuid.read("3f1c6f6e-9a0b-4d6e-8f51-0d7f2f8a9B10", Uuid::Letters::lower));
  CHECK(uuid.read("3f1c6f6e-9a0b-4d6e-8f51-0d7f2f8a9B10"));
}

TEST_CASE("any sixteen bytes survive their text, which sorts as they do") {
  CHECK(rc::check("bytes to text to bytes", [](const std::array<std::uint8_t, 16>& one,
                                               const std::array<std::uint8_t, 16>& two) {
    const Uuid left{one};
    const Uuid right{two};
    RC_ASSERT(*Uuid::parse(left.text()) == left);
    RC_ASSERT((left < right) == (left.text() < right.text()));
    RC_ASSERT((std::hash<Uuid>()(left) == std::hash<Uuid>()(Uuid{one})));
  }));
}

TEST_CASE("random identifiers are of version 4 and differ, on all threads") {
  SystemUuids source;
  std::vector<std::vector<Uuid>> made(4);
  std::vector<std::thread> threads;
  for (auto& mine : made) {
    threads.emplace_back([&source, &mine] {
      for (int count = 0; count < 5000; ++count)
        mine.push_back(source.random());
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  std::unordered_set<Uuid> all;
  for (const auto& mine : made) {
    for (const Uuid& uuid : mine) {
      CHECK(uuid.version() == 4);
      CHECK((uuid.bytes[8] & 0xC0) == 0x80);
      all.insert(uuid);
    }
  }
  CHECK(all.size() == 20'000);
}

TEST_CASE("timed identifiers carry the time and sort by it") {
  SystemUuids source;
  const Timestamp time = {parse_instants("2022-02-22T19:22:22.000Z")->from};
  const Uuid uuid = source.timed(time);
  // RFC 9562 appendix A.6 gives 017F22E2-79B0-7… for this moment.
  CHECK(uuid.text().substr(0, 15) == "017f22e2-79b0-7");
  CHECK(uuid.version() == 7);
  CHECK((uuid.bytes[8] & 0xC0) == 0x80);
  Uuid before = uuid;
  for (std::int64_t step = 1; step < 3000; ++step) {
    const Uuid next = source.timed(Timestamp{time.microseconds + step});
    CHECK(before < next);
    before = next;
  }
}

TEST_CASE("a forked child makes other identifiers than its parent") {
  SystemUuids source;
  source.random();
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t child = fork();
  if (child == 0) {
    const Uuid uuid = source.random();
    const bool sent = write(ends[1], uuid.bytes.data(), uuid.bytes.size()) == 16;
    _exit(sent ? 0 : 1);
  }
  const Uuid own = source.random();
  Uuid childs;
  REQUIRE(read(ends[0], childs.bytes.data(), childs.bytes.size()) == 16);
  CHECK(own != childs);
  int status = 0;
  CHECK(waitpid(child, &status, 0) == child);
  close(ends[0]);
  close(ends[1]);
}

TEST_CASE("counting identifiers can be foreseen") {
  CountingUuids source;
  CHECK(source.random().text() == "00000000-0000-4000-8000-000000000001");
  CHECK(source.random().text() == "00000000-0000-4000-8000-000000000002");
  CHECK(source.timed(Timestamp{}).text() == "00000000-0000-7000-8000-000000000003");
}

#include "base/checksum.h"
#include "base/guarded.h"
#include "base/sha256.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>
#include <thread>
#include <vector>

using namespace diffo;

TEST_CASE("CRC-32C has the values of RFC 3720 appendix B.4") {
  std::string ascending;
  for (int byte = 0; byte < 32; ++byte)
    ascending += static_cast<char>(byte);
  const std::string descending(ascending.rbegin(), ascending.rend());
  const std::pair<std::string, std::uint32_t> vectors[] = {
      {"", 0},
      {"123456789", 0xE3069283},
      {std::string(32, '\0'), 0x8A9136AA},
      {std::string(32, '\xFF'), 0x62A8AB43},
      {ascending, 0x46DD794E},
      {descending, 0x113FDB5C},
  };
  for (const auto& [bytes, expected] : vectors) {
    CHECK(crc32c(bytes) == expected);
    CHECK(detail::crc32c_by_table(bytes, 0) == expected);
  }
}

TEST_CASE("CRC-32C can be continued, and both ways of computing it agree") {
  CHECK(rc::check("crc32c", [](const std::string& bytes, std::size_t cut) {
    const std::size_t at = cut % (bytes.size() + 1);
    const std::string_view all(bytes);
    RC_ASSERT(crc32c(all) == detail::crc32c_by_table(all, 0));
    RC_ASSERT(crc32c(all) == crc32c(all.substr(at), crc32c(all.substr(0, at))));
  }));
}

TEST_CASE("the checksum of two texts follows from those of each") {
  const std::string text(70'000, 'x');
  for (const std::size_t size : {0UL, 1UL, 7UL, 36UL, 4096UL, 65'537UL}) {
    const std::string second = text.substr(0, size) + "end";
    CHECK(crc32c_of_both(crc32c("first"), crc32c(second), second.size()) ==
          crc32c("first" + second));
  }
  CHECK(crc32c_of_both(crc32c("first"), crc32c(""), 0) == crc32c("first"));
}

TEST_CASE("SHA-256 has the values of FIPS 180-4") {
  CHECK(hexadecimal(sha256("")) ==
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  // RFC 4231, test case 2.
  CHECK(hexadecimal(hmac_sha256("Jefe", "what do ya want for nothing?")) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(hexadecimal(sha256("abc")) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("guarded data is changed by one thread at a time") {
  Guarded<std::vector<int>> numbers;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&numbers] {
      for (int count = 0; count < 1000; ++count)
        numbers.lock()->push_back(count);
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  CHECK(numbers.with([](auto& all) { return all.size(); }) == 4000);
}

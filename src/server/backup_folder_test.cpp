#include "server/backup_folder.h"

#include "base/file.h"

#include <doctest/doctest.h>

#include <string>

namespace diffo::server {
namespace {

ErrorCode refusal(const std::filesystem::path& root, std::string_view asked) {
  const auto folder = backup_folder(root, asked);
  REQUIRE_FALSE(folder.has_value());
  return folder.error().code;
}

TEST_CASE("a backup lies below the root, and its absolute folder is known") {
  const TemporaryDirectory root = TemporaryDirectory::make("diffo-root").value();
  CHECK(backup_folder(root.path(), "monday").value() == root.path() / "monday");
  CHECK(backup_folder(root.path(), "week/monday/").value() == root.path() / "week/monday");
  CHECK(backup_folder(root.path(), (root.path() / "x").string()).value() == root.path() / "x");
  CHECK(backup_folder(root.path() / "", "a/../b").value() == root.path() / "b");
}

TEST_CASE("nothing is written outside of the root, by whatever path") {
  const TemporaryDirectory root = TemporaryDirectory::make("diffo-root").value();
  const TemporaryDirectory other = TemporaryDirectory::make("diffo-other").value();
  CHECK(refusal({}, "monday") == ErrorCode::forbidden);
  CHECK(refusal(root.path(), "") == ErrorCode::invalid);
  for (const char* asked : {".", "..", "../x", "a/../..", "/", "/etc/x", "a/../../x"}) {
    CAPTURE(asked);
    CHECK(refusal(root.path(), asked) == ErrorCode::forbidden);
  }
  CHECK(refusal(root.path(), root.path().string()) == ErrorCode::forbidden);
  CHECK(refusal(root.path(), root.path().string() + "-other/x") == ErrorCode::forbidden);
  std::filesystem::create_directory_symlink(other.path(), root.path() / "link");
  CHECK(refusal(root.path(), "link/x") == ErrorCode::forbidden);
  CHECK(refusal(root.path(), "link") == ErrorCode::forbidden);
}

} // namespace
} // namespace diffo::server

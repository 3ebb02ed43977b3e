#include "base/file.h"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace diffo;
namespace fs = std::filesystem;

TEST_CASE("a file is written as a whole and read back") {
  const TemporaryDirectory directory = *TemporaryDirectory::make();
  const fs::path path = directory.path() / "file";
  for (const std::string& bytes :
       {std::string(), std::string("short\0text", 10), std::string(1'000'000, 'x')}) {
    REQUIRE(write_file_atomically(path, bytes, 0600));
    CHECK(*read_file(path, 2'000'000) == bytes);
    CHECK(*read_file(path, bytes.size()) == bytes);
  }
  CHECK((fs::status(path).permissions() & fs::perms::all) ==
        (fs::perms::owner_read | fs::perms::owner_write));
  CHECK(std::distance(fs::directory_iterator(directory.path()), {}) == 1);
}

TEST_CASE("reading is bounded") {
  const TemporaryDirectory directory = *TemporaryDirectory::make();
  const fs::path path = directory.path() / "file";
  REQUIRE(write_file_atomically(path, "0123456789"));
  CHECK(read_file(path, 9).error().code == ErrorCode::too_large);
  CHECK(*read_file(path, 10) == "0123456789");
  CHECK(read_file("/dev/zero", 10'000).error().code == ErrorCode::too_large);
  CHECK(read_file("/proc/self/status", 100'000));
}

TEST_CASE("what cannot be read or written is an error with its path") {
  const TemporaryDirectory directory = *TemporaryDirectory::make();
  const fs::path missing = directory.path() / "none" / "file";
  CHECK(read_file(missing, 10).error().code == ErrorCode::not_found);
  CHECK(read_file(missing, 10).error().path == missing.string());
  CHECK(read_file(directory.path(), 10).error().code == ErrorCode::io);
  CHECK(write_file_atomically(missing, "x").error().code == ErrorCode::not_found);
  CHECK(sync_directory(missing).error().code == ErrorCode::not_found);
}

TEST_CASE("a failed write leaves the old file and nothing beside it") {
  const TemporaryDirectory directory = *TemporaryDirectory::make();
  const fs::path path = directory.path() / "taken";
  REQUIRE(fs::create_directory(path)); // a file cannot be renamed over a directory
  CHECK_FALSE(write_file_atomically(path, "x"));
  CHECK(fs::is_directory(path));
  CHECK(std::distance(fs::directory_iterator(directory.path()), {}) == 1);
}

TEST_CASE("a lock is held by one and names its holder") {
  const TemporaryDirectory directory = *TemporaryDirectory::make();
  const fs::path path = directory.path() / "lock";
  {
    Result<LockFile> first = LockFile::acquire(path);
    REQUIRE(first);
    Result<LockFile> second = LockFile::acquire(path);
    REQUIRE_FALSE(second);
    CHECK(second.error().code == ErrorCode::conflict);
    CHECK(second.error().message == "in use by process " + std::to_string(getpid()));
  }
  CHECK(LockFile::acquire(path));
}

TEST_CASE("a lock ends with its process") {
  const TemporaryDirectory directory = *TemporaryDirectory::make();
  const fs::path path = directory.path() / "lock";
  const pid_t child = fork();
  if (child == 0) {
    Result<LockFile> held = LockFile::acquire(path);
    _exit(held ? 0 : 1); // without destroying the lock
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(LockFile::acquire(path));
}

TEST_CASE("descriptors are closed once, and not inherited") {
  int number = -1;
  {
    FileDescriptor first = *FileDescriptor::open("/dev/null", O_RDONLY);
    number = first.get();
    CHECK((fcntl(number, F_GETFD) & FD_CLOEXEC) != 0);
    FileDescriptor second = std::move(first);
    CHECK_FALSE(first.is_open());
    CHECK(second.get() == number);
  }
  CHECK(fcntl(number, F_GETFD) == -1);
}

TEST_CASE("a temporary directory goes with all it holds") {
  fs::path path;
  {
    const TemporaryDirectory directory = *TemporaryDirectory::make("name");
    path = directory.path();
    CHECK(path.filename().string().starts_with("name."));
    REQUIRE(fs::create_directories(path / "a" / "b"));
  }
  CHECK_FALSE(fs::exists(path));
}

#include "base/file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace diffo {
namespace {

/// Calls until it is not interrupted.
template <typename Call> auto uninterrupted(Call call) {
  decltype(call()) result{};
  do
    result = call();
  while (result < 0 && errno == EINTR);
  return result;
}

/// Removes a file that was not finished, unless it has been kept.
class Unfinished {
public:
  explicit Unfinished(std::filesystem::path path) : path_(std::move(path)) {}
  Unfinished(const Unfinished&) = delete;
  Unfinished& operator=(const Unfinished&) = delete;
  ~Unfinished() {
    if (!path_.empty())
      ::unlink(path_.c_str());
  }
  void keep() { path_.clear(); }

private:
  std::filesystem::path path_;
};

std::filesystem::path parent_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

} // namespace

FileDescriptor::~FileDescriptor() {
  if (is_open())
    ::close(descriptor_);
}

Result<FileDescriptor> FileDescriptor::open(const std::filesystem::path& path, int flags,
                                            unsigned mode) {
  const int descriptor =
      uninterrupted([&] { return ::open(path.c_str(), flags | O_CLOEXEC, mode); });
  if (descriptor < 0)
    return system_error("cannot open", path);
  return FileDescriptor(descriptor);
}

Error system_error(std::string_view doing, const std::filesystem::path& path) {
  const int number = errno;
  const ErrorCode code = number == ENOENT                      ? ErrorCode::not_found
                         : number == EACCES || number == EPERM ? ErrorCode::forbidden
                                                               : ErrorCode::io;
  return Error{code, std::string(doing) + ": " + std::generic_category().message(number),
               path.string()};
}

Result<std::string> read_file(const std::filesystem::path& path, std::size_t max_bytes) {
  const FileDescriptor file = TRY(FileDescriptor::open(path, O_RDONLY));
  struct stat status{};
  if (::fstat(file.get(), &status) != 0)
    return system_error("cannot read", path);
  std::string bytes;
  // The size is a hint only: a file may grow, and those of /proc have none.
  const auto expected = static_cast<std::size_t>(std::max<off_t>(0, status.st_size));
  std::size_t room = std::min(std::max<std::size_t>(expected, 4095), max_bytes) + 1;
  while (true) {
    const std::size_t held = bytes.size();
    bytes.resize(held + room);
    const ssize_t got =
        uninterrupted([&] { return ::read(file.get(), bytes.data() + held, room); });
    if (got < 0)
      return system_error("cannot read", path);
    bytes.resize(held + static_cast<std::size_t>(got));
    if (bytes.size() > max_bytes)
      return Error{ErrorCode::too_large, "more than " + std::to_string(max_bytes) + " bytes",
                   path.string()};
    if (got == 0)
      return bytes;
    room = std::min<std::size_t>(std::max<std::size_t>(bytes.size(), 4096),
                                 max_bytes + 1 - bytes.size());
  }
}

Result<void> write_all(const FileDescriptor& file, std::string_view bytes,
                       const std::filesystem::path& path) {
  while (!bytes.empty()) {
    const ssize_t done =
        uninterrupted([&] { return ::write(file.get(), bytes.data(), bytes.size()); });
    if (done < 0)
      return system_error("cannot write", path);
    bytes.remove_prefix(static_cast<std::size_t>(done));
  }
  return {};
}

Result<void> write_file_atomically(const std::filesystem::path& path, std::string_view bytes,
                                   unsigned mode) {
  std::string beside = path.string() + ".XXXXXX";
  const FileDescriptor file(::mkostemp(beside.data(), O_CLOEXEC));
  if (!file.is_open())
    return system_error("cannot create a file beside", path);
  Unfinished unfinished(beside);
  TRY(write_all(file, bytes, path));
  if (::fchmod(file.get(), mode) != 0 || ::fsync(file.get()) != 0)
    return system_error("cannot write", path);
  if (::rename(beside.c_str(), path.c_str()) != 0)
    return system_error("cannot rename to", path);
  unfinished.keep();
  return sync_directory(parent_of(path));
}

Result<void> sync_directory(const std::filesystem::path& directory) {
  const FileDescriptor file = TRY(FileDescriptor::open(directory, O_RDONLY | O_DIRECTORY));
  if (::fsync(file.get()) != 0)
    return system_error("cannot sync", directory);
  return {};
}

namespace {

Result<void> lock(const FileDescriptor& file, int how, const std::filesystem::path& path) {
  if (uninterrupted([&] { return ::flock(file.get(), how | LOCK_NB); }) == 0)
    return {};
  if (errno != EWOULDBLOCK)
    return system_error("cannot lock", path);
  const Result<std::string> holder = read_file(path, 64);
  const std::string who = holder && !holder->empty() ? *holder : "unknown\n";
  return Error{ErrorCode::conflict, "in use by process " + who.substr(0, who.find('\n')),
               path.string()};
}

} // namespace

Result<LockFile> LockFile::acquire(const std::filesystem::path& path, unsigned mode) {
  FileDescriptor file = TRY(FileDescriptor::open(path, O_RDWR | O_CREAT, mode));
  TRY(lock(file, LOCK_EX, path));
  if (::ftruncate(file.get(), 0) != 0)
    return system_error("cannot write", path);
  TRY(write_all(file, std::to_string(::getpid()) + "\n", path));
  return LockFile(std::move(file));
}

Result<LockFile> LockFile::acquire_shared(const std::filesystem::path& path) {
  FileDescriptor file = TRY(FileDescriptor::open(path, O_RDONLY));
  TRY(lock(file, LOCK_SH, path));
  return LockFile(std::move(file));
}

Result<TemporaryDirectory> TemporaryDirectory::make(std::string_view prefix) {
  std::error_code failure;
  const std::filesystem::path base = std::filesystem::temp_directory_path(failure);
  std::string pattern = (base / std::string(prefix)).string() + ".XXXXXX";
  if (failure || ::mkdtemp(pattern.data()) == nullptr)
    return system_error("cannot make a directory", pattern);
  return TemporaryDirectory(pattern);
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  if (!path_.empty())
    std::filesystem::remove_all(path_, ignored);
}

} // namespace diffo

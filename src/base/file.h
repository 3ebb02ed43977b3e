#pragma once

#include <diffo/result.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

namespace diffo {

/// Owns a file descriptor and closes it. One thread.
class FileDescriptor {
public:
  FileDescriptor() = default;
  explicit FileDescriptor(int descriptor) : descriptor_(descriptor) {}
  FileDescriptor(FileDescriptor&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, none)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~FileDescriptor();

  /// open(2) with O_CLOEXEC; ErrorCode::not_found or io, the path in the error.
  static Result<FileDescriptor> open(const std::filesystem::path& path, int flags,
                                     unsigned mode = 0666);

  [[nodiscard]] int get() const { return descriptor_; }
  [[nodiscard]] bool is_open() const { return descriptor_ != none; }

private:
  static constexpr int none = -1;
  int descriptor_ = none;
};

/// An Error of what errno says: not_found, forbidden or io.
Error system_error(std::string_view doing, const std::filesystem::path& path);

/// All bytes of a file; ErrorCode::too_large beyond the bound.
Result<std::string> read_file(const std::filesystem::path& path, std::size_t max_bytes);

/// Writes all bytes, going on after partial writes and interrupts.
Result<void> write_all(const FileDescriptor& file, std::string_view bytes,
                       const std::filesystem::path& path);

/// Makes the file hold exactly these bytes, or leaves it as it was: writes a file beside it, syncs
/// it, renames it over the old one and syncs the directory. When it has returned well, the bytes
/// survive a loss of power.
Result<void> write_file_atomically(const std::filesystem::path& path, std::string_view bytes,
                                   unsigned mode = 0644);

/// Makes the directory's entries (creations, renames, removals) survive a loss of power.
Result<void> sync_directory(const std::filesystem::path& directory);

/// An advisory lock on a file that names its holder: one process at a time. The lock ends with the
/// object or the process; the file stays. One thread.
class LockFile {
public:
  /// ErrorCode::conflict, naming the holder's process id, when another holds it.
  static Result<LockFile> acquire(const std::filesystem::path& path, unsigned mode = 0644);
  /// Together with others who only read, of a file that is there and without writing into it: for a
  /// medium that takes no writes. ErrorCode::not_found without a file, else as above.
  static Result<LockFile> acquire_shared(const std::filesystem::path& path);

private:
  explicit LockFile(FileDescriptor file) : file_(std::move(file)) {}
  FileDescriptor file_;
};

/// A fresh directory that is removed with all it holds. For tests and scratch data. One thread.
class TemporaryDirectory {
public:
  /// Below $TMPDIR or /tmp.
  static Result<TemporaryDirectory> make(std::string_view prefix = "diffo");
  TemporaryDirectory(TemporaryDirectory&& other) noexcept
      : path_(std::exchange(other.path_, std::filesystem::path())) {}
  TemporaryDirectory& operator=(TemporaryDirectory&& other) noexcept {
    std::swap(path_, other.path_);
    return *this;
  }
  ~TemporaryDirectory();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
  explicit TemporaryDirectory(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

} // namespace diffo

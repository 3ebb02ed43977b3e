#pragma once

#include "base/file.h"
#include "graph/journal.h"

#include <diffo/result.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

/// The files of a data folder beside the engine's (docs/formats/folder.md): `format`, `lock`,
/// `mark`, `seal`, and the folder `engine`.
namespace diffo::store {

inline constexpr unsigned format_version = 1;

std::filesystem::path engine_folder(const std::filesystem::path& folder);

/// Makes the folder and its format file, or checks the version that is there. Errors: unsupported
/// for a newer version, corrupt, io.
Result<void> prepare_folder(const std::filesystem::path& folder);
/// Only checks; not_found when it is no data folder.
Result<void> check_format(const std::filesystem::path& folder);

/// One process at a time: conflict, with the holder's process id.
Result<LockFile> lock_folder(const std::filesystem::path& folder);

/// What was last acknowledged: rewritten in place after every synced batch, itself not synced. It
/// is never ahead of what is durable, so that a log that lost more than its torn end is noticed:
/// damage to the length of a log entry looks like a torn end to the engine. Thread rule: one
/// thread.
class AcknowledgedMark {
public:
  struct Content {
    graph::Sequence sequence = 0;
    graph::Hash hash{};
  };
  /// Makes the file when it is missing.
  static Result<AcknowledgedMark> open(const std::filesystem::path& folder);
  /// Nothing when there is no file; corrupt when it is damaged.
  static Result<std::optional<Content>> read(const std::filesystem::path& folder);
  Result<void> write(const Content& content);

private:
  AcknowledgedMark(FileDescriptor file, std::filesystem::path path)
      : file_(std::move(file)), path_(std::move(path)) {}
  FileDescriptor file_;
  std::filesystem::path path_;
};

/// Written after a clean stop: size and checksum of each of the engine's files that is not
/// protected as a whole by the engine itself.
Result<void> write_seal(const std::filesystem::path& folder);
/// Compares the files with the seal, if there is one. Errors: corrupt, naming the file.
Result<void> verify_seal(const std::filesystem::path& folder);
/// The folder is about to be changed: the seal no longer holds.
Result<void> break_seal(const std::filesystem::path& folder);

} // namespace diffo::store

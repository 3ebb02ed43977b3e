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

/// Only the owner looks into what we make.
inline constexpr unsigned private_folder_mode = 0700;
inline constexpr unsigned private_file_mode = 0600;

/// Makes the folder and those above it where they are missing, durably.
Result<void> make_folder(const std::filesystem::path& folder);

/// How far a folder has come. A folder is made in steps; the file `format` is written last, so that
/// what was cut short is never taken for a whole one.
enum class FolderState : std::uint8_t {
  fresh,   ///< nothing of ours is in it, or the rest of a start that was cut short
  finished ///< a data folder of this program's format
};
/// Errors: unsupported for another format, corrupt for an unfinished backup and for one that lost
/// its format file or its tables.
Result<FolderState> look_at_folder(const std::filesystem::path& folder);

/// Begins and ends the making of a folder. What is left of an earlier try is removed.
enum class Making : std::uint8_t { fresh_store, backup };
Result<void> begin_folder(const std::filesystem::path& folder, Making what);
Result<void> finish_folder(const std::filesystem::path& folder);

/// One process at a time: conflict, with the holder's process id.
Result<LockFile> lock_folder(const std::filesystem::path& folder);
/// The same for those who only read, also from a medium that takes no writes; nothing when there is
/// no lock file.
Result<std::optional<LockFile>> lock_folder_for_reading(const std::filesystem::path& folder);

/// Whether the disk takes a file of some size again, after a write has failed.
Result<void> probe_folder(const std::filesystem::path& folder);

/// What was last acknowledged: rewritten in place after every synced batch, itself not synced. It
/// is never ahead of what is durable, so that a log that lost more than its torn end is noticed:
/// damage to the length of a log entry looks like a torn end to the engine. Thread rule: one
/// thread.
class AcknowledgedMark {
public:
  struct Content {
    graph::Sequence sequence = 0;
    graph::Hash hash{};
    std::uint64_t batch = 0; ///< also counts batches that hold no commit
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

#include "store/embedded_core.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <functional>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>

namespace diffo::store {
namespace {

namespace fs = std::filesystem;

bool is_inside(const fs::path& path, const fs::path& folder) {
  const auto [end, rest] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  return end == folder.end() || end->empty();
}

/// Where a backup may go. Errors: invalid, conflict, io.
Result<fs::path> backup_place(const fs::path& wanted, const fs::path& data) {
  if (!wanted.is_absolute())
    return Error{ErrorCode::invalid, "a backup needs an absolute path", wanted.string()};
  std::error_code failure;
  const fs::path place = fs::weakly_canonical(wanted, failure);
  const fs::path ours = failure ? data : fs::canonical(data, failure);
  if (failure)
    return Error{ErrorCode::io, "cannot look for the folder: " + failure.message(),
                 wanted.string()};
  if (is_inside(place, ours))
    return Error{ErrorCode::invalid, "a backup cannot lie inside the data folder", wanted.string()};
  if (fs::exists(place, failure) &&
      (!fs::is_directory(place, failure) || !fs::is_empty(place, failure)))
    return Error{ErrorCode::conflict, "the folder is not empty", wanted.string()};
  return place;
}

/// Tables never change, so the engine links them where it can instead of copying.
bool shares_tables(const fs::path& engine) {
  std::error_code failure;
  for (const fs::directory_entry& entry : fs::directory_iterator(engine, failure))
    if (entry.path().extension() == ".sst" && entry.hard_link_count(failure) > 1)
      return true;
  return false;
}

/// Makes the folder around the tables that `fill` puts there.
Result<void> make_backup(const fs::path& place, const std::function<Result<void>()>& fill,
                         const std::optional<AcknowledgedMark::Content>& acknowledged) {
  TRY(make_folder(place));
  TRY(begin_folder(place, Making::backup));
  TRY(fill());
  if (::chmod(engine_folder(place).c_str(), private_folder_mode) != 0)
    return system_error("cannot set the mode", engine_folder(place));
  if (acknowledged) {
    AcknowledgedMark mark = TRY(AcknowledgedMark::open(place));
    TRY(mark.write(*acknowledged));
  }
  TRY(write_seal(place));
  return finish_folder(place);
}

Result<void> copy_durably(const fs::path& from, const fs::path& to) {
  std::error_code failure;
  fs::copy_file(from, to, failure);
  if (failure)
    return Error{ErrorCode::io, "cannot copy: " + failure.message(), from.string()};
  if (::chmod(to.c_str(), private_file_mode) != 0)
    return system_error("cannot set the mode", to);
  const FileDescriptor file = TRY(FileDescriptor::open(to, O_RDONLY));
  if (::fsync(file.get()) != 0)
    return system_error("cannot sync", to);
  return {};
}

Result<void> copy_engine(const fs::path& from, const fs::path& to) {
  TRY(make_folder(to));
  std::error_code failure;
  for (const fs::directory_entry& entry : fs::directory_iterator(from, failure))
    if (entry.path().filename() != "LOCK")
      TRY(copy_durably(entry.path(), to / entry.path().filename()));
  if (failure)
    return Error{ErrorCode::io, "cannot list the folder: " + failure.message(), from.string()};
  return sync_directory(to);
}

} // namespace

Result<graph::BackupReport> backup_folder(const fs::path& folder, const fs::path& target) {
  if (TRY(look_at_folder(folder)) == FolderState::fresh)
    return Error{ErrorCode::not_found, "there is no data folder", folder.string()};
  const auto lock = TRY(lock_folder_for_reading(folder));
  const fs::path place = TRY(backup_place(target, folder));
  TRY(verify_seal(folder));
  const auto mark = TRY(AcknowledgedMark::read(folder));
  TRY(make_backup(
      place, [&] { return copy_engine(engine_folder(folder), engine_folder(place)); }, mark));
  return graph::BackupReport{.folder = place, .shares_tables = false};
}

Result<graph::BackupReport> EmbeddedStore::backup(const fs::path& folder) const {
  const fs::path place = TRY(backup_place(folder, core_->options.folder));
  if (core_->options.read_only)
    return Error{ErrorCode::unsupported, "it was opened for reading only"};
  // What was acknowledged before the copy begins is in the copy.
  Head head;
  if (!core_->run_between_batches([&] { head = core_->head(); }))
    return Error{ErrorCode::unavailable, "the store has been stopped"};
  TRY(make_backup(
      place, [&] { return core_->disk().checkpoint(engine_folder(place)); },
      AcknowledgedMark::Content{head.sequence, head.hash, head.batches}));
  return graph::BackupReport{.folder = place, .shares_tables = shares_tables(engine_folder(place))};
}

} // namespace diffo::store

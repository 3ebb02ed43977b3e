#include "store/embedded_core.h"

#include <algorithm>
#include <cerrno>
#include <sys/stat.h>

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

} // namespace

Result<BackupReport> EmbeddedStore::backup(const fs::path& folder) const {
  const fs::path place = TRY(backup_place(folder, core_->options.folder));
  // What was acknowledged before the copy begins is in the copy.
  Head head;
  if (!core_->run_between_batches([&] { head = core_->head(); }))
    return Error{ErrorCode::unavailable, "the store has been stopped"};
  TRY(make_folder(place));
  TRY(begin_folder(place, Making::backup));
  TRY(core_->disk().checkpoint(engine_folder(place)));
  if (::chmod(engine_folder(place).c_str(), private_folder_mode) != 0)
    return system_error("cannot set the mode", engine_folder(place));
  AcknowledgedMark mark = TRY(AcknowledgedMark::open(place));
  TRY(mark.write({head.sequence, head.hash, head.batches}));
  TRY(write_seal(place));
  TRY(finish_folder(place));
  return BackupReport{.folder = place, .shares_tables = shares_tables(engine_folder(place))};
}

} // namespace diffo::store

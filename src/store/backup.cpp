#include "store/embedded_core.h"

namespace diffo::store {

Result<void> EmbeddedStore::backup(const std::filesystem::path& folder) const {
  std::error_code failure;
  if (std::filesystem::exists(folder, failure) && !std::filesystem::is_empty(folder, failure))
    return Error{ErrorCode::conflict, "the folder is not empty", folder.string()};
  // What was acknowledged before the copy begins is in the copy.
  Head head;
  if (!core_->run_between_batches([&] { head = core_->head(); }))
    return Error{ErrorCode::unavailable, "the store has been stopped"};
  TRY(prepare_folder(folder));
  TRY(core_->disk().checkpoint(engine_folder(folder)));
  AcknowledgedMark mark = TRY(AcknowledgedMark::open(folder));
  TRY(mark.write({head.sequence, head.hash}));
  TRY(write_seal(folder));
  return sync_directory(folder);
}

} // namespace diffo::store

#pragma once

#include "store/disk.h"
#include "store/embedded_store.h"
#include "store/loaded_state.h"

#include <vector>

namespace diffo::store {

/// A bounded step of shortening the journal: what to write, and where the journal begins then.
struct Trim {
  SealedPrefix upto;
  DiskBatch batch;                 ///< empty: nothing is to be dropped
  std::vector<ImageNumber> images; ///< that nothing names any more when the batch is written
  bool more = false;               ///< the bound was reached first
};

/// Drops the oldest entries that the retention does not ask to keep, with the images that they
/// superseded, until about `most_bytes` of both are found; never the last entry. Reads the entries
/// it drops and one more, no images. Errors: corrupt, io.
Result<Trim> plan_trim(const Disk& disk, const SealedPrefix& sealed, const Head& head,
                       const Retention& keep, std::int64_t now, std::uint64_t most_bytes);

} // namespace diffo::store

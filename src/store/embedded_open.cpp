#include "store/embedded_core.h"
#include "store/stored_words.h"

#include <utility>

/// How a data folder is opened or made (docs/formats/folder.md, "Write and start").
namespace diffo::store {

Result<std::unique_ptr<EmbeddedStore::Core>> EmbeddedStore::Core::open(EmbeddedOptions options) {
  const std::filesystem::path& folder = options.folder;
  TRY(make_folder(folder));
  LockFile lock = TRY(lock_folder(folder));
  const bool fresh = TRY(look_at_folder(folder)) == FolderState::fresh;
  if (fresh) {
    TRY(begin_folder(folder, Making::fresh_store));
    TRY(make_folder(engine_folder(folder)));
  }
  TRY(verify_seal(folder));
  const auto mark = TRY(AcknowledgedMark::read(folder));
  if (!mark && !fresh && options.log != nullptr)
    options.log->warning("the mark of what was acknowledged last is missing",
                         {{"folder", folder.string()}});
  TRY(break_seal(folder));
  auto disk = TRY(Disk::open({.folder = engine_folder(folder),
                              .log = options.log,
                              .env = options.env,
                              .use = fresh ? DiskOptions::Use::make : DiskOptions::Use::write}));
  LoadedState loaded = TRY(load_state(*disk, {*options.schema, options.make_schema}));
  TRY(compare_with_mark(*disk, loaded, mark));
  TRY(store_words(*disk, *loaded.schema, loaded.words));
  AcknowledgedMark file = TRY(AcknowledgedMark::open(folder));
  if (fresh)
    TRY(finish_folder(folder));
  return std::make_unique<Core>(std::move(options), std::move(lock), std::move(disk),
                                std::move(file), std::move(loaded));
}

Result<std::unique_ptr<EmbeddedStore::Core>>
EmbeddedStore::Core::open_for_reading(EmbeddedOptions options) {
  const std::filesystem::path& folder = options.folder;
  if (TRY(look_at_folder(folder)) == FolderState::fresh)
    return Error{ErrorCode::not_found, "there is no data folder", folder.string()};
  auto lock = TRY(lock_folder_for_reading(folder));
  TRY(verify_seal(folder));
  const auto mark = TRY(AcknowledgedMark::read(folder));
  auto disk = TRY(Disk::open({.folder = engine_folder(folder),
                              .log = options.log,
                              .env = options.env,
                              .use = DiskOptions::Use::read}));
  LoadedState loaded = TRY(load_state(*disk, {*options.schema, options.make_schema}));
  TRY(compare_with_mark(*disk, loaded, mark));
  return std::make_unique<Core>(std::move(options), std::move(lock), std::move(disk), std::nullopt,
                                std::move(loaded));
}

} // namespace diffo::store

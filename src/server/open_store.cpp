#include "server/open_store.h"

#include "model/contradictions.h"
#include "model/schema.h"
#include "model/stored_declarations.h"
#include "neo4j/neo4j_store.h"
#include "store/embedded_store.h"
#include "store/folder.h"

#include <utility>

namespace diffo::server {

namespace {

/// What makes the schema of a folder whose model was replaced again, from what it kept.
graph::MakeSchema schema_maker(hooks::SharedRegistry hooks) {
  return
      [hooks = std::move(hooks)](
          std::string_view description,
          const std::vector<std::string>& words) -> Result<std::shared_ptr<const graph::Schema>> {
        return model::shared_schema(TRY(model::model_described(description, words, hooks)));
      };
}

Result<std::unique_ptr<graph::Store>> open_database(const StoreOptions& options) {
  neo4j::Neo4jOptions database;
  database.connection = *options.database;
  database.schema = &model::inventory_schema();
  database.make_schema = schema_maker(options.hooks);
  database.clock = options.clock;
  database.log = options.log;
  database.retention = options.retention;
  database.unplanned = options.unplanned;
  database.read_only = options.read_only;
  database.follow_every = options.follow_every;
  return std::unique_ptr<graph::Store>(TRY(neo4j::Neo4jStore::open(std::move(database))));
}

} // namespace

Result<std::unique_ptr<graph::Store>> open_store(const StoreOptions& options) {
  if (options.database)
    return open_database(options);
  store::EmbeddedOptions embedded;
  embedded.folder = options.data;
  embedded.schema = &model::inventory_schema();
  embedded.make_schema = schema_maker(options.hooks);
  embedded.clock = options.clock;
  embedded.log = options.log;
  embedded.retention = options.retention;
  embedded.unplanned = options.unplanned;
  embedded.read_only = options.read_only;
  embedded.record_findings = model::contradiction_findings;
  return std::unique_ptr<graph::Store>(TRY(store::EmbeddedStore::open(std::move(embedded))));
}

Result<LockFile> hold_local_folder(const std::filesystem::path& folder) {
  TRY(store::make_folder(folder));
  if (std::filesystem::exists(store::engine_folder(folder)))
    return Error{ErrorCode::conflict,
                 "an inventory lies in this folder; beside a database give --data another one",
                 folder.string()};
  return store::lock_folder(folder);
}

Result<graph::BackupReport> backup_store(const std::filesystem::path& data,
                                         const std::filesystem::path& target) {
  const std::filesystem::path place = std::filesystem::absolute(target);
  auto made = store::backup_folder(data, place);
  if (!made && made.error().code == ErrorCode::conflict && made.error().path != place.string())
    return Error{ErrorCode::conflict,
                 made.error().message +
                     "; a running server makes backups itself: start it with --backup-root DIR and "
                     "POST /diffo/v1/backup with {\"folder\": \"NAME\"}",
                 made.error().path};
  return made;
}

Result<void> check_store(const std::filesystem::path& data, const graph::FindingSink& sink) {
  return store::check_folder(data, {model::inventory_schema(), schema_maker({})}, sink,
                             model::contradiction_findings);
}

} // namespace diffo::server

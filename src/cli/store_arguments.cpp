#include "cli/store_arguments.h"

#include "cli/commands.h"
#include "model/api.h"

#include <memory>
#include <string>
#include <vector>

namespace diffo::cli {
namespace {

/// Returns the option that names it.
CLI::Option* add_database(CLI::App& app, Database& database) {
  auto* uri = app.add_option(
      "--store", database.uri,
      "URI of a Neo4j database that has the inventory, as neo4j+s://db.example; who asks it say "
      "DIFFO_NEO4J_USER and DIFFO_NEO4J_PASSWORD or --store-credentials");
  app.add_option("--store-database", database.name,
                 "which database of that server (default: the user's home database)")
      ->needs(uri);
  app.add_option("--store-credentials", database.credentials,
                 "FILE of two lines, user and password, that nobody else may read")
      ->needs(uri);
  return uri;
}

void add_place(CLI::App& app, Place& place) {
  auto* server = app.add_option("--server", place.server,
                                "URL of a running server (default http://127.0.0.1:8080)");
  auto* data = app.add_option("--data", place.data, "a data folder that no server has open")
                   ->excludes(server);
  add_database(app, place.database)->excludes(server)->excludes(data);
}

void add_serve(CLI::App& root, Own own, Action& action) {
  auto* app = root.add_subcommand(
      "serve", "Serve TMF638 and TMF639 from an embedded durable store or a Neo4j database");
  const auto command = std::make_shared<ServeCommand>();
  command->hooks = std::move(own.hooks);
  command->model = std::move(own.model);
  app->add_option("--data", command->data,
                  "data folder (default $XDG_DATA_HOME/diffo or ~/.local/share/diffo; "
                  "/var/lib/diffo without a home); with --store, what is kept here beside the "
                  "database")
      ->type_name("DIR");
  auto* database = add_database(*app, command->database);
  app->add_option("--follow", command->follow_seconds,
                  "SECONDS between two looks at what others wrote into the graph of that database "
                  "(0: never)")
      ->check(CLI::Range(0.0, 3600.0))
      ->needs(database)
      ->capture_default_str();
  app->add_option("--listen", command->listen, "HOST:PORT; loopback only")->capture_default_str();
  app->add_option("--public-url", command->public_url,
                  "what hrefs begin with (default: each request's Host)");
  app->add_option("--allow-host", command->allowed_hosts,
                  "HOST or HOST:PORT that the server answers to beside loopback names; may be "
                  "repeated");
  app->add_option(
      "--cors-origin", command->cors_origins,
      "ORIGIN whose pages may use the server from a browser, as https://ui.example; may "
      "be repeated");
  app->add_option(
      "--trusted-proxy", command->trusted_proxies,
      "ADDRESS or ADDRESS/BITS of a proxy whose Forwarded and X-Forwarded-* headers say "
      "how the client came; may be repeated");
  app->add_option("--backup-root", command->backup_root,
                  "folder below which backups over HTTP are written (default: none are made)");
  app->add_option("--import-bytes", command->import_bytes,
                  "what imports under way may hold in memory (units k, m, g; default: half of what "
                  "bodies and answers may hold, at most 256m)")
      ->transform(CLI::AsSizeValue(false));
  app->add_option("--io-threads", command->io_threads, "threads for connections")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app->add_option(
         "--model", command->models,
         "FILE of YAML or JSON that declares kinds (diffo help model); may be repeated, and "
         "takes the place of the models that the store has")
      ->take_all();
  app->add_option("--seed", command->seeds,
                  "FILE of YAML with what the store begins with: each is carried out once")
      ->take_all();
  app->add_option("--loop", command->loop,
                  "FILE of YAML with settings of the loop: who runs tasks, and what sources say");
  app->add_option("--hub", command->hub,
                  "FILE of YAML with settings of events: where they may be sent, and how");
  app->add_flag("--warn", command->warn, "serve models that do not hold together, too");
  app->add_flag("--strict-reads", command->strict_reads,
                "fail requests that read what they did not announce (for tests)");
  app->add_option("--keep-bytes", command->keep_bytes,
                  "of journal and earlier versions, at most so many bytes (units k, m, g; 0: all)")
      ->transform(CLI::AsSizeValue(false))
      ->capture_default_str();
  app->add_option("--keep-entries", command->keep_entries,
                  "at most so many journal entries (0: all)")
      ->capture_default_str();
  app->add_option("--keep-days", command->keep_days, "at most so many days (0: all)")
      ->check(CLI::Range(0, 36'500))
      ->capture_default_str();
  app->add_option("--log-level", command->log_level, "debug, info, warning or error")
      ->capture_default_str();
  app->add_option("--log-file", command->log_file, "server log (default: standard error)");
  app->add_flag("--access-log", command->access_log, "log every answered request");
  app->add_option("--access-log-file", command->access_log_file,
                  "where to (default: standard error)");
  app->callback([command, &action] { action = [command] { return serve(*command); }; });
}

void add_import(CLI::App& root, Action& action) {
  auto* app = root.add_subcommand(
      "import", "Take TMF documents, one a line, in any order, with their ids and states");
  const auto command = std::make_shared<ImportCommand>();
  add_place(*app, command->place);
  app->add_option("--mode", command->mode,
                  "best: every line that can be taken; atomic: all or nothing")
      ->check(CLI::IsMember({"atomic", "best"}))
      ->capture_default_str();
  std::vector<std::string> collections;
  collections.reserve(diffo::model::api_count);
  for (const diffo::model::ApiRow& row : diffo::model::apis)
    collections.emplace_back(row.collection);
  app->add_option("--as", command->as, "what the lines are, when they do not tell")
      ->check(CLI::IsMember(collections));
  app->add_option("FILE", command->file, "JSON lines; - is standard input")->required();
  app->callback([command, &action] { action = [command] { return import_records(*command); }; });
}

void add_export(CLI::App& root, Action& action) {
  auto* app =
      root.add_subcommand("export", "Write all instances as JSON lines that import takes again");
  const auto command = std::make_shared<ExportCommand>();
  add_place(*app, command->place);
  app->add_option("FILE", command->file, "where to; - is standard output")->capture_default_str();
  app->callback([command, &action] { action = [command] { return export_records(*command); }; });
}

void add_backup(CLI::App& root, Action& action) {
  auto* app = root.add_subcommand(
      "backup", "Copy a data folder that no server has open to another that can be served");
  const auto command = std::make_shared<BackupCommand>();
  app->add_option("FOLDER", command->data, "the data folder")->required();
  app->add_option("TARGET", command->target, "an absent or empty folder")->required();
  app->callback([command, &action] { action = [command] { return backup(*command); }; });
}

void add_check(CLI::App& root, Action& action) {
  auto* app =
      root.add_subcommand("check", "Verify journal, records, reverse edges, indexes and claims");
  const auto command = std::make_shared<CheckCommand>();
  add_place(*app, command->place);
  app->callback([command, &action] { action = [command] { return check(*command); }; });
}

void add_journal(CLI::App& root, Action& action) {
  auto* app = root.add_subcommand("journal", "Print journal entries as JSON lines");
  const auto command = std::make_shared<JournalCommand>();
  add_place(*app, command->place);
  app->add_option("--from", command->from, "first sequence (default: the oldest kept)");
  app->add_option("--limit", command->limit, "at most so many (default: all)");
  app->callback([command, &action] { action = [command] { return journal(*command); }; });
}

void add_neo4j(CLI::App& root, Action& action) {
  auto* neo4j = root.add_subcommand("neo4j", "Prepare or examine a Neo4j database");
  neo4j->require_subcommand(1);
  const auto add = [&](const char* name, const char* about, int (*run)(const DatabaseCommand&)) {
    auto* app = neo4j->add_subcommand(name, about);
    const auto command = std::make_shared<DatabaseCommand>();
    add_database(*app, command->database)->required();
    app->callback([command, run, &action] { action = [command, run] { return run(*command); }; });
    return std::pair(app, command);
  };
  add("init",
      "Make the constraints and indexes that an inventory needs; what is there already stays",
      database_init);
  add("check", "Hold the graph that is shared with others against the rules of writing it",
      database_check);
  const auto [adopt, command] = add(
      "adopt", "Take into the inventory what others wrote into the graph that is shared with them",
      database_adopt);
  adopt->add_flag("--erase", command->all_erasures,
                  "erase what others deleted, however much it is");
}

void add_copy(CLI::App& root, Action& action) {
  auto* app = root.add_subcommand(
      "copy", "Bring an inventory from a folder or Neo4j database into another, which is empty");
  const auto command = std::make_shared<CopyCommand>();
  const auto add = [app](const std::string& name, const char* about, CopyPlace& place) {
    auto* option = app->add_option("--" + name, place.place, about)->required();
    app->add_option("--" + name + "-database", place.database,
                    "which database of that server (default: the user's home database)")
        ->needs(option);
    app->add_option("--" + name + "-credentials", place.credentials,
                    "FILE of two lines, user and password (default: DIFFO_NEO4J_USER and "
                    "DIFFO_NEO4J_PASSWORD)")
        ->needs(option);
  };
  add("from", "DIR or URI that no server has open", command->from);
  add("to", "DIR or URI that is empty, or has the beginning of the same copy", command->to);
  app->callback([command, &action] { action = [command] { return copy(*command); }; });
}

} // namespace

void add_store_commands(CLI::App& root, Own own, Action& action) {
  add_serve(root, std::move(own), action);
  add_import(root, action);
  add_export(root, action);
  add_backup(root, action);
  add_copy(root, action);
  add_check(root, action);
  add_journal(root, action);
  add_neo4j(root, action);
}

} // namespace diffo::cli

#pragma once

#include <diffo/domain_model.h>
#include <diffo/hooks.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

/// The subcommands, each from its parsed options to an exit code. main.cpp and
/// store_arguments.cpp are the only files that parse arguments.
namespace diffo::cli {

/// A Neo4j database that has the inventory in place of a folder.
struct Database {
  std::string uri;         ///< empty: there is none
  std::string name;        ///< empty: the user's home database
  std::string credentials; ///< a file; empty: the environment tells them
};

struct ServeCommand {
  std::string data;
  Database database;
  double follow_seconds = 1;
  std::string listen = "127.0.0.1:8080";
  std::string public_url;
  std::vector<std::string> allowed_hosts;
  std::vector<std::string> cors_origins;
  std::vector<std::string> trusted_proxies;
  std::string backup_root; ///< empty: no backups over HTTP
  std::uint64_t import_bytes = 0;
  int io_threads = 1;
  std::vector<std::string> models; ///< files; none: what the store has
  std::vector<std::string> seeds;  ///< files of what the store begins with
  std::string loop;                ///< a file with settings of the loop; empty: none
  std::string hub;                 ///< a file with settings of events; empty: none
  bool warn = false;               ///< problems of the models do not keep them from being used
  hooks::SharedRegistry hooks;     ///< of this program
  std::optional<model::DomainModel> model; ///< of this program, where there are no files
  bool strict_reads = false;
  std::uint64_t keep_entries = 0; ///< 0: as many as there are
  std::uint64_t keep_bytes = std::uint64_t{4} << 30;
  std::uint32_t keep_days = 0;
  std::string log_level = "info";
  std::string log_file;
  bool access_log = false;
  std::string access_log_file;
};
int serve(const ServeCommand& command);

/// Where records are: a running server, or a folder or database that no server has open.
struct Place {
  std::string server;
  std::string data;
  Database database{};
  [[nodiscard]] bool is_server() const { return data.empty() && database.uri.empty(); }
};

struct ImportCommand {
  Place place;
  std::string mode = "best";
  std::string as;
  std::string file = "-";
};
int import_records(const ImportCommand& command);

struct ExportCommand {
  Place place;
  std::string file = "-";
};
int export_records(const ExportCommand& command);

struct BackupCommand {
  std::string data;
  std::string target;
};
int backup(const BackupCommand& command);

struct CheckCommand {
  Place place;
};
int check(const CheckCommand& command);

struct JournalCommand {
  Place place;
  unsigned long long from = 0;  ///< 0: the oldest that is kept
  unsigned long long limit = 0; ///< 0: all
};
int journal(const JournalCommand& command);

/// What is done to a database itself.
struct DatabaseCommand {
  Database database;
  bool all_erasures = false; ///< of adopt: what others deleted is erased, however much it is
};
int database_init(const DatabaseCommand& command);
int database_check(const DatabaseCommand& command);
int database_adopt(const DatabaseCommand& command);

/// One end of a copy.
struct CopyPlace {
  std::string place; ///< a folder, or a URI
  std::string database;
  std::string credentials;
};
struct CopyCommand {
  CopyPlace from;
  CopyPlace to;
};
int copy(const CopyCommand& command);

struct OutstandingCommand {
  std::string expected;
  std::string actual;
  std::string profile; ///< empty: the one the expectation names, else v5
  bool explain = false;
  std::string color = "auto";
  std::string format = "auto"; ///< json, tree, auto: tree on a terminal
};
int outstanding(const OutstandingCommand& command);
int outstanding_vectors(const std::string& file);

/// What is outstanding according to a running server, of which it only reads.
struct DriftCommand {
  std::string server;
  std::string filter;     ///< parameters of /diffo/v1/leaves
  std::string exceptions; ///< a file; empty: none
  bool all = false;       ///< also what is approved or overruled
  bool exit_code = false; ///< exit_found when something is outstanding
  std::string format = "auto";
};
int drift(const DriftCommand& command);

/// What becomes of what is outstanding, as it happens.
struct WatchCommand {
  std::string server;
  std::string filter; ///< parameters of /diffo/v1/leaves
  std::string events = "leaf,residue,decision,task";
  std::string format = "auto";
};
int watch(const WatchCommand& command);

/// What is decided about leaves: those named, of a filter, or of an expectation.
struct DecideCommand {
  std::string server;
  std::string decision;            ///< push, approve or adopt
  std::vector<std::string> leaves; ///< ID or ID:FINGERPRINT
  std::string filter;
  std::string expectation;
  std::string target; ///< of the expectation; empty: all
  std::string reason;
  std::string until;
  std::string scope;
  bool dry_run = false;
  std::string format = "auto";
};
int decide(const DecideCommand& command);

/// What would be done about what is outstanding; writes nothing.
struct PlanCommand {
  std::string server;
  std::string filter; ///< parameters of /diffo/v1/leaves
  std::string format = "auto";
};
int plan(const PlanCommand& command);

struct TasksCommand {
  std::string server;
  std::string action = "list"; ///< list, show, approve, reject, release, hold, resume
  std::vector<std::string> ids;
  std::string state; ///< of list, like the next two; empty: all
  std::string target;
  std::string executor;
  std::string reason; ///< of hold, like the next
  std::string until;
  std::string format = "auto";
};
int tasks(const TasksCommand& command);

/// How events reach those who subscribed (wire.md §10).
struct HubCommand {
  std::string server;
  std::string action = "list"; ///< list, show, resend, park, resume
  std::vector<std::string> ids;
  std::string state;                 ///< of list; empty: all
  std::optional<std::uint64_t> from; ///< of resend: a sequence
  std::string reason;                ///< of park
  std::string format = "auto";
};
int hub(const HubCommand& command);

/// What somebody has seen, sent to a running server (wire.md §8).
struct ObserveCommand {
  std::string server;
  std::vector<std::string> files;
  std::string source;
  std::string mapping; ///< the name of a shipped one or a file; empty: FILE is an observation
  std::vector<std::string> parameters; ///< NAME=VALUE, of the mapping
  std::string observed_at;
  std::string complete;                ///< KIND or KIND?FILTER
  std::optional<std::int64_t> at_most; ///< that may be no longer seen
  bool atomic = false;
  bool dry_run = false; ///< print what would be sent
  std::string format = "auto";
};
int observe(const ObserveCommand& command);
int list_mappings();
int show_mapping(const std::string& name);

struct ModelCommand {
  std::vector<std::string> files;
  std::string format;          ///< json or else
  std::string kind;            ///< of schema
  std::string hub;             ///< a file with settings of events; empty: none
  bool warn = false;           ///< of verify: problems are no reason to fail
  hooks::SharedRegistry hooks; ///< of verify: those of this program
};
int model_verify(const ModelCommand& command);
int model_show(const ModelCommand& command);
int model_schema(const ModelCommand& command);
int model_new(const std::string& name);
int model_difference(const std::string& before, const std::string& now, const std::string& format);
struct ImportedModel {
  std::vector<std::string> files;
  std::string domain = "Devices";
  std::string target = "-"; ///< a file
};
int model_of_device_types(const ImportedModel& command);
/// docs/reference/model.md
int model_reference();

} // namespace diffo::cli

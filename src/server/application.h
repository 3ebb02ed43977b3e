#pragma once

#include "base/log.h"
#include "graph/retention.h"
#include "http/limits.h"
#include "http/router.h"
#include "neo4j/connection.h"
#include "server/doorkeeper.h"
#include "server/hub/hub_settings.h"
#include "server/loop_settings.h"
#include "server/seed.h"
#include "server/transfer/import.h"

#include <diffo/domain_model.h>
#include <diffo/hooks.h>
#include <diffo/result.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace diffo::server {

/// A `HOST:PORT` to listen on.
struct ListenAddress {
  std::string host = "127.0.0.1"; ///< without the brackets of IPv6
  std::uint16_t port = 8080;

  /// Reads `HOST:PORT`, `[IPv6]:PORT`, `:PORT` or `PORT`; port 0 takes any free one.
  static Result<ListenAddress> parse(std::string_view text);
  /// Errors: forbidden for anything but loopback, with the sentence that says why and what to do.
  [[nodiscard]] Result<void> check_loopback() const;
  [[nodiscard]] std::string text() const;
};

struct ApplicationOptions {
  std::filesystem::path data; ///< the inventory, or what is kept here beside a database
  /// The database that has the inventory; nothing: the folder.
  std::optional<neo4j::ConnectionOptions> database;
  std::chrono::milliseconds follow_every{1'000}; ///< see StoreOptions
  ListenAddress listen;
  PublicUrl public_url;
  std::vector<std::string> allowed_hosts; ///< further names that the server answers to
  std::vector<std::string> cors_origins;  ///< whose pages may speak to it
  /// Addresses and prefixes of proxies whose word on how a client came is taken.
  std::vector<std::string> trusted_proxies;
  std::filesystem::path backup_root; ///< empty: no backups over HTTP
  /// What imports may hold in memory; 0: half of what bodies and answers may hold, within which
  /// they count, at most default_import_bytes. Where more is wanted, that whole grows with it.
  std::uint64_t import_bytes = 0;
  int io_threads = 1;
  /// Domains that are put in the place of those that the store has; nothing: it keeps its own.
  std::optional<model::DomainModel> models;
  hooks::SharedRegistry hooks; ///< the functions that domains may ask for
  std::vector<Seed> seeds;     ///< what it begins with
  LoopSettings loop;
  HubSettings hub;
  graph::Unplanned unplanned = graph::Unplanned::serve; ///< see StoreOptions
  graph::Retention retention;
  LogOptions log;
  http::Limits limits;
};

/// `$XDG_DATA_HOME/diffo` or `~/.local/share/diffo` for a person; `/var/lib/diffo` where there is
/// no home.
std::filesystem::path default_data_folder();
/// The folder beside that one for what is kept here of an inventory in a database.
std::filesystem::path default_local_folder();

/// Bounds connections by the open files that the process may have, whose soft limit is raised and
/// of which the engine gets a reserve, and bodies and answers by its memory. Before any thread.
void fit_to_machine(http::Limits& limits);

/// The whole server: store, surfaces, transport. Thread rule: one thread, but for stop().
class Application {
public:
  /// Opens the store and listens. Errors: conflict when another process has the folder; corrupt,
  /// unsupported of the store; io when the port is taken.
  static Result<Application> open(const ApplicationOptions& options);
  Application(Application&&) noexcept;
  Application& operator=(Application&&) noexcept;
  ~Application();

  /// The address that clients can use, "http://127.0.0.1:8080".
  [[nodiscard]] std::string url() const;
  /// What is served.
  [[nodiscard]] std::vector<http::RouteInfo> routes() const;
  /// Serves until stop(), then finishes requests, imports and commits.
  void run();
  // Any thread, not from a signal handler.
  void stop();
  /// Breaks off what is in progress, also after stop().
  void stop_at_once();
  void reopen_logs();
  /// Says in the log that the process ends although work has not.
  void say_unfinished() const;

private:
  struct Parts;
  explicit Application(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

} // namespace diffo::server

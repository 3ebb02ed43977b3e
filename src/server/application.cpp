#include "server/application.h"

#include "base/machine.h"
#include "base/metrics.h"
#include "http/server.h"
#include "model/contradictions.h"
#include "model/schema.h"
#include "server/coding.h"
#include "server/forwarded.h"
#include "server/lease_sweeper.h"
#include "server/models.h"
#include "server/observation.h"
#include "server/open_store.h"
#include "server/surfaces/decisions_api.h"
#include "server/surfaces/diffo_api.h"
#include "server/surfaces/expectation_api.h"
#include "server/surfaces/graph_api.h"
#include "server/surfaces/hub_api.h"
#include "server/surfaces/hubs_api.h"
#include "server/surfaces/inventory.h"
#include "server/surfaces/kinds_api.h"
#include "server/surfaces/observations_api.h"
#include "server/surfaces/operations.h"
#include "server/surfaces/pools_api.h"
#include "server/surfaces/residues_api.h"
#include "server/surfaces/stream_api.h"
#include "server/surfaces/tasks_api.h"
#include "server/surfaces/topics_api.h"
#include "server/surfaces/truth_api.h"
#include "tmf/error_body.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <utility>

namespace diffo::server {
namespace {

constexpr std::size_t longest_reader_queue = 1024;
constexpr std::size_t longest_bulk_queue = 64;
constexpr std::size_t longest_maintenance_queue = 4;
constexpr std::size_t longest_large_queue = 256;
/// Larger bodies are read and parsed on a worker: at some 100 MB/s an I/O thread would stand still
/// for everybody.
constexpr std::size_t large_body_bytes = std::size_t{64} << 10U;
/// Nice values: what is large or long gets the processors that requests leave.
constexpr int large_niceness = 5;
constexpr int bulk_niceness = 10;

} // namespace

void fit_to_machine(http::Limits& limits) {
  // The engine's tables and logs, and what else is open; see store/disk.cpp.
  constexpr std::uint64_t engine_files = 512;
  constexpr std::uint64_t least_memory = std::uint64_t{32} << 20U;
  constexpr std::uint64_t most_memory = std::uint64_t{512} << 20U;
  constexpr std::uint64_t least_connections = 8;
  // Beside the connections stand, for a moment, some that are told that there are too many.
  const std::uint64_t wanted = limits.connections + limits.connections / 8 + engine_files;
  const std::uint64_t files = raise_open_files(wanted);
  const std::uint64_t left = files - std::min(engine_files, files / 2);
  limits.connections =
      std::min<std::uint64_t>(limits.connections, std::max(least_connections, left - left / 8));
  limits.memory_bytes = std::clamp(memory_limit_bytes() / 4, least_memory, most_memory);
}

Result<ListenAddress> ListenAddress::parse(std::string_view text) {
  ListenAddress address;
  std::string_view port = text;
  if (const std::size_t colon = text.rfind(':'); colon != std::string_view::npos) {
    std::string_view host = text.substr(0, colon);
    port = text.substr(colon + 1);
    if (host.size() >= 2 && host.front() == '[' && host.back() == ']')
      host = host.substr(1, host.size() - 2);
    if (!host.empty())
      address.host = host;
  }
  const auto [end, problem] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (problem != std::errc() || end != port.data() + port.size())
    return Error{ErrorCode::invalid,
                 "\"" + std::string(text) + "\" is not HOST:PORT with a port of 0 to 65535",
                 "--listen"};
  return address;
}

Result<void> ListenAddress::check_loopback() const {
  const std::string shown = host.find(':') != std::string::npos ? '[' + host + ']' : host;
  if (const auto authority = http::Authority::parse(shown); authority && authority->is_loopback())
    return {};
  return Error{ErrorCode::forbidden,
               "refusing to listen on " + host +
                   ": whoever can reach that address could read and change the inventory, because "
                   "this build cannot "
                   "authenticate anybody yet. Listen on a loopback address (127.0.0.1, ::1 or "
                   "localhost) and put a "
                   "proxy that authenticates in front of it",
               "--listen"};
}

std::string ListenAddress::text() const {
  const std::string shown = host.find(':') != std::string::npos ? '[' + host + ']' : host;
  return shown + ':' + std::to_string(port);
}

std::filesystem::path default_data_folder() {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name); // NOLINT(concurrency-mt-unsafe): before any thread
    return std::string(value != nullptr ? value : "");
  };
  if (const std::string data_home = variable("XDG_DATA_HOME"); data_home.starts_with('/'))
    return std::filesystem::path(data_home) / "diffo";
  if (const std::string home = variable("HOME"); home.starts_with('/'))
    return std::filesystem::path(home) / ".local" / "share" / "diffo";
  return "/var/lib/diffo";
}

std::filesystem::path default_local_folder() {
  return default_data_folder().concat("-beside-database");
}

/// In the order in which they depend on each other; destroyed in the reverse.
struct Application::Parts {
  Parts(Log opened_log, std::uint64_t memory_bytes, std::uint64_t import_bytes)
      : log(std::move(opened_log)),
        memory(std::make_shared<http::MemoryBudget>(
            std::max(memory_bytes, import_bytes + std::min(import_bytes, memory_bytes)))),
        import_memory(import_bytes != 0 ? import_bytes
                                        : std::min(memory_bytes / 2, default_import_bytes),
                      memory.get()) {}
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;
  /// The residues fall silent before those go whom they tell.
  ~Parts() {
    if (tasks)
      tasks->stop(); // it uses the router
    if (leases)
      leases->stop();
    if (events)
      events->stop();
    if (residues)
      residues->stop();
    if (store)
      store->stop(); // it tells events what it still writes for them
  }

  Log log;
  SystemClock clock;
  SystemUuids uuids;
  Metrics metrics;
  std::shared_ptr<http::MemoryBudget> memory; ///< shared with answers that come late
  http::MemoryBudget import_memory;
  std::optional<LockFile> local_folder; ///< beside a database
  std::unique_ptr<graph::Store> store;
  FailureObserver on_failure;
  std::unique_ptr<Worker> readers;
  std::unique_ptr<Worker> large; ///< requests with large bodies
  std::unique_ptr<Worker> bulk;
  std::unique_ptr<Worker> maintenance;
  std::unique_ptr<loop::StandingResidues> residues;
  std::unique_ptr<Services> services;
  std::unique_ptr<Inventory> inventory;
  std::unique_ptr<EventDelivery> events;
  std::unique_ptr<HubApi> hub;
  std::unique_ptr<HubsApi> hubs;
  std::unique_ptr<TopicsApi> topics;
  std::unique_ptr<DiffoApi> diffo_api;
  std::unique_ptr<ExpectationApi> expectations;
  std::unique_ptr<ResiduesApi> residues_api;
  std::unique_ptr<TaskRunner> tasks;
  std::unique_ptr<DecisionsApi> decisions;
  std::unique_ptr<TasksApi> tasks_api;
  std::unique_ptr<TruthApi> truth;
  std::unique_ptr<StreamHub> streams;
  std::unique_ptr<StreamApi> stream_api;
  std::unique_ptr<KindsApi> kinds;
  std::unique_ptr<GraphApi> graph_api;
  std::unique_ptr<PoolsApi> pools;
  std::unique_ptr<LeaseSweeper> leases;
  rules::Precedence precedence; ///< of those who observe
  std::unique_ptr<ObservationsApi> observations;
  std::unique_ptr<Operations> operations;
  std::unique_ptr<Observation> observation;
  Doorkeeper doorkeeper;
  Forwarding forwarding;
  std::uint64_t body_bytes = 0; ///< the most of one body, unpacked
  http::Router router{tmf::transport_error_body};
  std::optional<http::Server> http;
  ListenAddress listen;

  void start_workers() {
    on_failure = [this](std::string_view where, const Error& failure) {
      log.error("something failed that should not", {{"where", where}, {"what", failure.message}});
      metrics.counter("diffo_failures_total", "Exceptions that ended some work.").add();
    };
    const auto worker = [this](std::size_t threads, std::size_t queue, int niceness) {
      return std::make_unique<Worker>(WorkerOptions{threads, queue, niceness, on_failure});
    };
    readers = worker(2, longest_reader_queue, 0);
    large = worker(2, longest_large_queue, large_niceness);
    bulk = worker(2, longest_bulk_queue, bulk_niceness);
    maintenance = worker(1, longest_maintenance_queue, bulk_niceness);
  }

  /// Answers a request here, or on a worker when its body is large, or packed and so may be.
  void handle(http::Request request, http::Responder plain) {
    const auto forwarded = forwarding.apply(request);
    http::Responder responder =
        doorkeeper.cross_origin().dressed(packing(std::move(plain), request), request);
    if (!forwarded) {
      Call call{std::move(request), std::move(responder), nullptr};
      return answer_error(call, forwarded.error());
    }
    if (auto refusal = doorkeeper.refuse(request))
      return responder.send(std::move(*refusal));
    const bool is_packed =
        !request.body.empty() && is_gzip(request.joined_header("Content-Encoding"));
    if (request.body.size() <= large_body_bytes && !is_packed)
      return router.handle(std::move(request), std::move(responder));
    // Shared because work must be copyable.
    const auto call = std::make_shared<Call>(std::move(request), std::move(responder));
    const bool posted = large->post(
        [this, call, is_packed] {
          if (is_packed)
            if (const auto unpacked = unpack_body(call->request, body_bytes, memory); !unpacked)
              return answer_error(*call, unpacked.error());
          router.handle(std::move(call->request), std::move(call->responder));
        },
        call->request.cancellation);
    if (!posted)
      answer_error(*call, {ErrorCode::unavailable, "too many large requests are waiting"});
  }

  void mount(TaskSettings task_settings, HubSettings hub_settings,
             const hooks::SharedRegistry& hooks) {
    services = std::make_unique<Services>(Services{*store,
                                                   clock,
                                                   uuids,
                                                   log,
                                                   metrics,
                                                   *readers,
                                                   *large,
                                                   *bulk,
                                                   *maintenance,
                                                   {},
                                                   import_memory,
                                                   *residues,
                                                   {}});
    const auto mount_one = [this]<typename Surface>(std::unique_ptr<Surface>& surface,
                                                    auto&... needs) {
      surface = std::make_unique<Surface>(*services, needs...);
      surface->add_routes(router);
    };
    mount_one(inventory);
    events = std::make_unique<EventDelivery>(*services, std::move(hub_settings));
    mount_one(hub, *events);
    mount_one(hubs, *events);
    mount_one(topics);
    mount_one(diffo_api);
    mount_one(expectations);
    mount_one(residues_api);
    tasks = std::make_unique<TaskRunner>(*services, std::move(task_settings), router);
    mount_one(decisions, *tasks);
    mount_one(tasks_api, *tasks);
    mount_one(truth);
    streams = std::make_unique<StreamHub>(*services);
    mount_one(stream_api, *streams);
    mount_one(kinds, hooks);
    mount_one(graph_api);
    mount_one(pools);
    leases = std::make_unique<LeaseSweeper>(*services);
    mount_one(observations, precedence);
    mount_one(operations);
    observation = std::make_unique<Observation>(log, metrics);
  }
};

Application::Application(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Application::Application(Application&&) noexcept = default;
Application& Application::operator=(Application&&) noexcept = default;
Application::~Application() = default;

Result<Application> Application::open(const ApplicationOptions& options) {
  auto parts = std::make_unique<Parts>(TRY(Log::open(options.log)), options.limits.memory_bytes,
                                       options.import_bytes);
  Parts& made = *parts;
  if (options.database)
    made.local_folder = TRY(hold_local_folder(options.data));
  made.store = TRY(open_store({.data = options.data,
                               .database = options.database,
                               .follow_every = options.follow_every,
                               .clock = &made.clock,
                               .log = &made.log,
                               .retention = options.retention,
                               .unplanned = options.unplanned,
                               .hooks = options.hooks}));
  const model::DomainModel present = models_of(*made.store);
  if (options.models || !present.domains.empty())
    TRY(put_models(*made.store,
                   context_of(*local_principal(), options.models ? "serve --model" : "serve",
                              made.clock, made.uuids),
                   options.models ? *options.models : present, options.hooks));
  made.start_workers();
  made.residues = std::make_unique<loop::StandingResidues>(loop::StandingResidues::Options{
      .store = *made.store,
      .clock = made.clock,
      .log = made.log,
      .file = options.data / "residues",
      .context = [&made](std::string cause) {
        return context_of(*local_principal(), std::move(cause), made.clock, made.uuids);
      }});
  made.residues->start();
  made.precedence = rules::Precedence(options.loop.sources);
  made.mount(options.loop.tasks, options.hub, options.hooks);
  made.services->public_url = options.public_url.text;
  made.services->backup_root = options.backup_root;
  made.streams->start();
  for (const Seed& seed : options.seeds)
    TRY(plant(seed, *made.services, made.router));
  for (const std::string& host : options.allowed_hosts)
    TRY(made.doorkeeper.also_answer_to(host));
  if (!options.public_url.authority.empty())
    TRY(made.doorkeeper.also_answer_to(options.public_url.authority));
  for (const std::string& origin : options.cors_origins)
    TRY(made.doorkeeper.also_serve_pages_of(origin));
  for (const std::string& address : options.trusted_proxies)
    TRY(made.forwarding.trust(address));
  made.body_bytes = options.limits.body_bytes;

  http::ServerOptions http_options;
  http_options.address = options.listen.host;
  http_options.port = options.listen.port;
  http_options.io_threads = options.io_threads;
  http_options.limits = options.limits;
  http_options.memory = made.memory;
  http_options.error_body = tmf::transport_error_body;
  http_options.streams_body = [&made](http::Method method, std::string_view path) {
    return made.router.streams_body(method, path);
  };
  http_options.observer = [&made](const http::Exchange& exchange) {
    made.observation->take(exchange);
  };
  http_options.on_failure = made.on_failure;
  made.http = TRY(http::Server::listen(std::move(http_options),
                                       [&made](http::Request request, http::Responder responder) {
                                         made.handle(std::move(request), std::move(responder));
                                       }));
  made.listen = options.listen;
  made.listen.port = made.http->port();
  made.doorkeeper.listen_on(made.listen.port);
  made.tasks->start(options.public_url.text.empty() ? "http://" + made.listen.text()
                                                    : options.public_url.text);
  TRY(made.events->start());
  TRY(made.leases->start());
  made.log.info("serving", {{"url", "http://" + made.listen.text()},
                            {"data", options.data.string()},
                            {"store", options.database ? options.database->uri : "here"}});
  return Application(std::move(parts));
}

std::string Application::url() const {
  return "http://" + parts_->listen.text();
}

std::vector<http::RouteInfo> Application::routes() const {
  return parts_->router.routes();
}

void Application::run() {
  parts_->http->run();
  parts_->tasks->stop();
  parts_->events->stop();
  parts_->leases->stop();
  // No request is left; what workers and writer still have is finished before the store goes.
  parts_->readers->stop();
  parts_->large->stop();
  parts_->bulk->stop();
  parts_->maintenance->stop();
  parts_->residues->stop();
  parts_->streams->stop();
  parts_->store->stop();
  parts_->log.info("stopped");
}

void Application::stop() {
  parts_->streams->end_streams();
  parts_->http->stop(http::StopMode::graceful);
}

void Application::stop_at_once() {
  parts_->http->stop(http::StopMode::at_once);
}

void Application::reopen_logs() {
  if (const auto opened = parts_->log.reopen(); opened)
    parts_->log.info("opened the logs anew");
  else
    parts_->log.error("could not open a log anew", {{"reason", opened.error().text()}});
}

void Application::say_unfinished() const {
  parts_->log.warning("ending although work is still under way; what was acknowledged is durable");
}

} // namespace diffo::server

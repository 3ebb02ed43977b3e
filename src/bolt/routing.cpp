#include "bolt/routing.h"

#include "bolt/uri.h"

#include <algorithm>

namespace diffo::bolt {

namespace {

// A table that nobody renewed for this long after its end is dropped.
constexpr Seconds purge_after{30};
constexpr std::int64_t longest_ttl_seconds = 1'000'000'000;

Outcome<std::vector<Address>> read_addresses(const Map& server) {
  std::vector<Address> out;
  const Value* list = server.find("addresses");
  if (list == nullptr || list->get_if<List>() == nullptr)
    return out;
  for (const Value& item : list->get<List>())
    if (const std::string* text = item.get_if<std::string>())
      out.push_back(TRY(parse_address(*text)));
  return out;
}

Failure bad_table(const std::string& what) {
  return make_failure(FailureKind::service_unavailable, "a routing table " + what);
}

// Another router would say the same (neo4j.md §2.11).
bool ends_discovery(const Failure& failure) {
  const std::string_view code = failure.server_code;
  if (code.starts_with("Neo.ClientError.Security."))
    return code != "Neo.ClientError.Security.AuthorizationExpired";
  return code == "Neo.ClientError.Database.DatabaseNotFound" ||
         code == "Neo.ClientError.Transaction.InvalidBookmark" ||
         code == "Neo.ClientError.Transaction.InvalidBookmarkMixture" ||
         code == "Neo.ClientError.Statement.TypeError" ||
         code == "Neo.ClientError.Statement.ArgumentError" ||
         code == "Neo.ClientError.Request.Invalid" || failure.kind == FailureKind::configuration ||
         failure.kind == FailureKind::pool_timeout ||
         (failure.kind == FailureKind::usage && failure.server_code.empty());
}

std::string refresh_key(const Demand& demand) {
  if (!demand.database.empty())
    return demand.database;
  return std::string("home of ") + '\0' + demand.impersonated_user + '\0' +
         (demand.auth ? demand.auth->principal : std::string{});
}

} // namespace

bool RoutingTable::is_fresh(AccessMode mode, Clock::Time now) const {
  return now < expires && !routers.empty() &&
         !(mode == AccessMode::read ? readers : writers).empty();
}

Outcome<RoutingTable> read_routing_table(const Map& metadata, Clock::Time now) {
  const Value* found = metadata.find("rt");
  const Map* raw = found == nullptr ? nullptr : found->get_if<Map>();
  const Value* ttl = raw == nullptr ? nullptr : raw->find("ttl");
  const Value* servers = raw == nullptr ? nullptr : raw->find("servers");
  if (ttl == nullptr || ttl->get_if<std::int64_t>() == nullptr || servers == nullptr ||
      servers->get_if<List>() == nullptr)
    return make_failure(FailureKind::protocol_error, "a routing table cannot be read");
  RoutingTable table;
  table.expires =
      now + Seconds{std::clamp<std::int64_t>(ttl->get<std::int64_t>(), 0, longest_ttl_seconds)};
  table.database = std::string(raw->text_of("db"));
  for (const Value& item : servers->get<List>()) {
    const Map* server = item.get_if<Map>();
    if (server == nullptr)
      continue;
    const std::string_view role = server->text_of("role");
    std::vector<Address> addresses = TRY(read_addresses(*server));
    std::vector<Address>* into = role == "ROUTE"   ? &table.routers
                                 : role == "READ"  ? &table.readers
                                 : role == "WRITE" ? &table.writers
                                                   : nullptr;
    if (into != nullptr)
      into->insert(into->end(), addresses.begin(), addresses.end());
  }
  if (table.routers.empty() || table.readers.empty())
    return bad_table(table.routers.empty() ? "without routers" : "without readers");
  return table;
}

Router::Router(Address seed, Hooks hooks, Clock& clock)
    : seed_(std::move(seed)), hooks_(std::move(hooks)), clock_(clock) {}

std::vector<Address> Router::candidates_of(const Entry* entry) const {
  std::vector<Address> seeds{seed_};
  if (hooks_.resolve)
    seeds = hooks_.resolve(seed_);
  if (entry == nullptr)
    return seeds;
  std::vector<Address> out = entry->table.routers;
  // A table without writers may come from a member cut off from the others: the seed is asked
  // first.
  const bool seed_first = entry->table.writers.empty();
  out.insert(seed_first ? out.begin() : out.end(), seeds.begin(), seeds.end());
  std::vector<Address> unique;
  for (Address& address : out)
    if (std::find(unique.begin(), unique.end(), address) == unique.end())
      unique.push_back(std::move(address));
  return unique;
}

Outcome<RoutingTable> Router::fetch_table(const Demand& demand,
                                          const std::vector<Address>& candidates) {
  Failure last = make_failure(FailureKind::service_unavailable, "no router is known");
  for (const Address& address : candidates) {
    Outcome<Map> reply = hooks_.fetch(address, demand);
    if (reply) {
      Outcome<RoutingTable> table = read_routing_table(*reply, clock_.now());
      if (table) {
        if (table->database.empty())
          table->database = demand.database;
        return table;
      }
      last = std::move(table).error();
      continue;
    }
    if (ends_discovery(reply.error()))
      return std::move(reply).error();
    last = std::move(reply).error();
  }
  Failure failure = make_failure(FailureKind::service_unavailable,
                                 "no router gave a routing table; the last said: " + last.text());
  failure.worth_another_try = last.worth_another_try;
  return failure;
}

std::optional<Address> Router::pick(const std::vector<Address>& servers) {
  if (servers.empty())
    return std::nullopt;
  std::size_t best = 0;
  std::size_t least = SIZE_MAX;
  // Ties go round.
  const std::size_t start = turn_++ % servers.size();
  for (std::size_t i = 0; i < servers.size(); ++i) {
    const std::size_t at = (start + i) % servers.size();
    const std::size_t busy = hooks_.in_use(servers[at]);
    if (busy < least) {
      least = busy;
      best = at;
    }
  }
  return servers[best];
}

void Router::store(RoutingTable table) {
  const std::string database = table.database;
  tables_[database] = Entry{std::move(table)};
  std::set<Address> known;
  const Clock::Time now = clock_.now();
  for (auto entry = tables_.begin(); entry != tables_.end();) {
    if (entry->second.table.expires + purge_after < now) {
      entry = tables_.erase(entry);
      continue;
    }
    const RoutingTable& each = entry->second.table;
    for (const std::vector<Address>* servers : {&each.routers, &each.readers, &each.writers})
      known.insert(servers->begin(), servers->end());
    ++entry;
  }
  known.insert(seed_);
  hooks_.known(known);
}

std::optional<Router::Choice> Router::choose_known(const Demand& demand,
                                                   const std::string& database) {
  const std::lock_guard lock(mutex_);
  const auto entry = tables_.find(database);
  if (entry == tables_.end() || !entry->second.table.is_fresh(demand.mode, clock_.now()))
    return std::nullopt;
  const RoutingTable& table = entry->second.table;
  const std::optional<Address> address =
      pick(demand.mode == AccessMode::read ? table.readers : table.writers);
  return Choice{*address, database};
}

Outcome<Router::Choice> Router::choose(const Demand& demand) {
  const std::string key = refresh_key(demand);
  std::unique_lock lock(mutex_);
  std::string wanted = demand.database;
  while (true) {
    const auto entry = wanted.empty() ? tables_.end() : tables_.find(wanted);
    if (entry != tables_.end() && entry->second.table.is_fresh(demand.mode, clock_.now())) {
      const RoutingTable& table = entry->second.table;
      return Choice{*pick(demand.mode == AccessMode::read ? table.readers : table.writers), wanted};
    }
    if (!refreshing_.contains(key))
      break;
    if (!demand.deadline)
      refreshed_.wait(lock);
    else if (refreshed_.wait_until(lock, *demand.deadline) == std::cv_status::timeout)
      return make_failure(FailureKind::pool_timeout, "no routing table came in time");
    // Who waited for somebody else's question about the same home database uses that answer.
    if (const auto home = homes_.find(key); demand.database.empty() && home != homes_.end())
      wanted = home->second;
  }
  refreshing_.insert(key);
  const auto entry = tables_.find(demand.database);
  const std::vector<Address> candidates =
      candidates_of(entry == tables_.end() ? nullptr : &entry->second);
  lock.unlock();
  Outcome<RoutingTable> table = fetch_table(demand, candidates);
  lock.lock();
  refreshing_.erase(key);
  refreshed_.notify_all();
  if (!table)
    return std::move(table).error();
  const std::string database = table->database;
  if (demand.database.empty())
    homes_[key] = database;
  const std::optional<Address> address =
      pick(demand.mode == AccessMode::read ? table->readers : table->writers);
  store(std::move(*table));
  if (!address)
    return make_failure(FailureKind::session_expired,
                        "no member of the cluster takes writes just now");
  return Choice{*address, database};
}

void Router::erase(std::vector<Address>& servers, const Address& address) {
  std::erase(servers, address);
}

void Router::drop(const Address& address) {
  const std::lock_guard lock(mutex_);
  for (auto& [database, entry] : tables_)
    for (std::vector<Address>* servers :
         {&entry.table.routers, &entry.table.readers, &entry.table.writers})
      erase(*servers, address);
}

void Router::drop_writer(const Address& address, const std::string& database) {
  const std::lock_guard lock(mutex_);
  if (const auto entry = tables_.find(database); entry != tables_.end())
    erase(entry->second.table.writers, address);
}

void Router::drop_for_database(const Address& address, const std::string& database) {
  const std::lock_guard lock(mutex_);
  const auto entry = tables_.find(database);
  if (entry == tables_.end())
    return;
  erase(entry->second.table.readers, address);
  erase(entry->second.table.writers, address);
}

} // namespace diffo::bolt

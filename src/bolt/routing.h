#pragma once

#include "bolt/transport.h"

#include <diffo/bolt.h>

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <set>

namespace diffo::bolt {

/// Who does what in a cluster, for one database.
struct RoutingTable {
  std::vector<Address> routers{};
  std::vector<Address> readers{};
  std::vector<Address> writers{};
  std::string database{};
  Clock::Time expires{};

  [[nodiscard]] bool is_fresh(AccessMode mode, Clock::Time now) const;
};

/// A ROUTE reply as a table; one without routers or readers is refused (neo4j.md §2.11).
Outcome<RoutingTable> read_routing_table(const Map& metadata, Clock::Time now);

/// What a session wants.
struct Demand {
  AccessMode mode = AccessMode::write;
  std::string database{}; ///< empty: the home database
  /// The database whose table named the server, where `database` does not say it.
  std::string table{};
  std::string impersonated_user{};
  Bookmarks bookmarks{};
  std::optional<AuthToken> auth{};
  Deadline deadline{};
};

/// Chooses servers by routing tables, one per database, and keeps those fresh; one thread at a time
/// asks, others that need the same table wait for it. Any thread. Its mutex is not held while a
/// server is asked.
class Router {
public:
  struct Hooks {
    /// Asks that server for a table.
    std::function<Outcome<Map>(const Address&, const Demand&)> fetch;
    std::function<std::size_t(const Address&)> in_use;
    /// Told after each refresh which servers are named by any table.
    std::function<void(const std::set<Address>&)> known;
    std::function<std::vector<Address>(const Address&)> resolve; ///< may be empty
  };
  struct Choice {
    Address address{};
    std::string database{}; ///< resolved
  };

  Router(Address seed, Hooks hooks, Clock& clock);

  Outcome<Choice> choose(const Demand& demand);
  /// A server for that database out of a table that is already there, without asking anybody.
  std::optional<Choice> choose_known(const Demand& demand, const std::string& database);

  void drop(const Address& address);
  void drop_writer(const Address& address, const std::string& database);
  void drop_for_database(const Address& address, const std::string& database);

private:
  struct Entry {
    RoutingTable table{};
  };

  Outcome<RoutingTable> fetch_table(const Demand& demand, const std::vector<Address>& candidates);
  std::vector<Address> candidates_of(const Entry* entry) const;
  std::optional<Address> pick(const std::vector<Address>& servers);
  void store(RoutingTable table);
  static void erase(std::vector<Address>& servers, const Address& address);

  Address seed_;
  Hooks hooks_;
  Clock& clock_;
  std::mutex mutex_;
  std::condition_variable refreshed_;
  std::map<std::string, Entry> tables_;
  /// Databases (or home databases by user) that somebody is asking for just now.
  std::set<std::string> refreshing_;
  /// What the last question about a home database gave, for those who waited for it.
  std::map<std::string, std::string> homes_;
  std::size_t turn_ = 0;
};

} // namespace diffo::bolt

#include "bolt/pool.h"

namespace diffo::bolt {

namespace {

constexpr Seconds cleaning_patience{10};

Deadline soon() {
  return std::chrono::steady_clock::now() + cleaning_patience;
}

} // namespace

Outcome<std::unique_ptr<Connection>> Pool::acquire(const Address& address, const AuthToken& token,
                                                   TokenOwner owner, Deadline deadline) {
  while (true) {
    Doomed doomed;
    std::unique_ptr<Connection> connection = TRY(take(address, deadline, doomed));
    doomed.clear();
    if (connection) {
      if (needs_liveness_check(*connection) && !connection->is_alive(deadline)) {
        give_up_slot(address);
        continue;
      }
      Outcome<bool> fits = fit_token(*connection, token, owner);
      if (!fits) {
        release(std::move(connection));
        return std::move(fits).error();
      }
      if (*fits)
        return connection;
      connection.reset();
    }
    Outcome<std::unique_ptr<Connection>> opened = open_(address, token, deadline);
    if (!opened) {
      give_up_slot(address);
      return opened;
    }
    const std::lock_guard lock(mutex_);
    (*opened)->opened_at = clock_.now();
    (*opened)->generation = slots_[address].generation;
    return opened;
  }
}

// An idle connection, or null together with the right to open one; either counts as in use from
// here on.
Outcome<std::unique_ptr<Connection>> Pool::take(const Address& address, Deadline deadline,
                                                Doomed& doomed) {
  std::unique_lock lock(mutex_);
  Slots& slots = slots_[address];
  Waiter waiter;
  bool queued = false;
  const auto leave_queue = [&] {
    if (queued)
      slots.waiters.remove(&waiter);
  };
  while (true) {
    if (closed_) {
      leave_queue();
      return make_failure(FailureKind::usage, "the driver is closed");
    }
    const bool my_turn = slots.waiters.empty() || (queued && slots.waiters.front() == &waiter);
    std::unique_ptr<Connection> connection = my_turn ? pop_idle(slots, doomed) : nullptr;
    if (my_turn && (connection || slots.in_use + slots.idle.size() < limits_.max_connections)) {
      leave_queue();
      ++slots.in_use;
      wake_next(slots);
      return connection;
    }
    if (!queued) {
      slots.waiters.push_back(&waiter);
      queued = true;
    }
    if (!deadline) {
      waiter.wake.wait(lock);
    } else if (waiter.wake.wait_until(lock, *deadline) == std::cv_status::timeout) {
      leave_queue();
      wake_next(slots);
      return make_failure(FailureKind::pool_timeout,
                          "no connection to " + to_text(address) + " became free in time");
    }
  }
}

std::unique_ptr<Connection> Pool::pop_idle(Slots& slots, Doomed& doomed) {
  while (!slots.idle.empty()) {
    std::unique_ptr<Connection> connection = std::move(slots.idle.back());
    slots.idle.pop_back();
    if (clock_.now() - connection->opened_at < limits_.max_lifetime)
      return connection;
    doomed.push_back(std::move(connection));
  }
  return nullptr;
}

void Pool::wake_next(Slots& slots) {
  if (!slots.waiters.empty())
    slots.waiters.front()->wake.notify_one();
}

void Pool::give_up_slot(const Address& address) {
  const std::lock_guard lock(mutex_);
  Slots& slots = slots_[address];
  --slots.in_use;
  wake_next(slots);
}

bool Pool::needs_liveness_check(const Connection& connection) const {
  return limits_.liveness_check_after &&
         clock_.now() - connection.idle_since >= *limits_.liveness_check_after;
}

Outcome<bool> Pool::fit_token(Connection& connection, const AuthToken& token, TokenOwner owner) {
  if (connection.token() == token && !connection.reauthenticate_before_use)
    return true;
  if (connection.version() >= bolt_5_1) {
    TRY(connection.reauthenticate(token));
    return true;
  }
  if (owner == TokenOwner::session && connection.token() != token)
    return make_failure(FailureKind::configuration,
                        "another user per session needs Bolt 5.1; the server speaks " +
                            to_text(connection.version()));
  return false;
}

void Pool::release(std::unique_ptr<Connection> connection) {
  const Address address = connection->address();
  connection->protocol().set_failure_hook({});
  if (!connection->make_clean(soon()))
    connection.reset();
  Doomed doomed;
  {
    const std::lock_guard lock(mutex_);
    Slots& slots = slots_[address];
    --slots.in_use;
    if (connection && !closed_ && connection->generation == slots.generation) {
      connection->idle_since = clock_.now();
      slots.idle.push_back(std::move(connection));
    } else {
      doomed.push_back(std::move(connection));
    }
    wake_next(slots);
  }
}

void Pool::forget(const Address& address) {
  Doomed doomed;
  const std::lock_guard lock(mutex_);
  Slots& slots = slots_[address];
  ++slots.generation;
  for (std::unique_ptr<Connection>& connection : slots.idle)
    doomed.push_back(std::move(connection));
  slots.idle.clear();
  wake_next(slots);
}

void Pool::expire_authentication(const Address& address) {
  const std::lock_guard lock(mutex_);
  for (const std::unique_ptr<Connection>& connection : slots_[address].idle)
    connection->reauthenticate_before_use = true;
}

void Pool::keep_only(const std::set<Address>& addresses) {
  Doomed doomed;
  const std::lock_guard lock(mutex_);
  for (auto& [address, slots] : slots_) {
    if (addresses.contains(address))
      continue;
    for (std::unique_ptr<Connection>& connection : slots.idle)
      doomed.push_back(std::move(connection));
    slots.idle.clear();
  }
}

std::size_t Pool::in_use(const Address& address) const {
  const std::lock_guard lock(mutex_);
  const auto found = slots_.find(address);
  return found == slots_.end() ? 0 : found->second.in_use;
}

std::size_t Pool::idle(const Address& address) const {
  const std::lock_guard lock(mutex_);
  const auto found = slots_.find(address);
  return found == slots_.end() ? 0 : found->second.idle.size();
}

void Pool::close() {
  Doomed doomed;
  const std::lock_guard lock(mutex_);
  closed_ = true;
  for (auto& [address, slots] : slots_) {
    for (std::unique_ptr<Connection>& connection : slots.idle)
      doomed.push_back(std::move(connection));
    slots.idle.clear();
    for (Waiter* waiter : slots.waiters)
      waiter->wake.notify_one();
  }
}

} // namespace diffo::bolt

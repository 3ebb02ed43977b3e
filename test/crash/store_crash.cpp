// Kills a writing process again and again and looks at what it left behind: everything it
// acknowledged must be there, no change set by half, and the check must find nothing. Beside the
// writers a watcher is told of the commits: of none that is not there afterwards, and of each once
// it has gone on behind the cursor that it saved.
//
//   store_crash [--rounds N] [--seed N]

#include "base/file.h"
#include "base/time.h"
#include "store/embedded_store.h"
#include "testing/store_schema.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace diffo;
using namespace diffo::store;
using namespace diffo::store::test;

constexpr unsigned slots = 64;
constexpr unsigned threads = 16;

constexpr std::string_view watcher = "mirror";

/// What the child says: that it was told that a change is durable, or that its watcher was told of
/// it, or that the watcher came too late for some.
struct Said {
  enum class What : std::uint32_t { acknowledged, told, gap };
  What what = What::acknowledged;
  std::uint32_t slot = 0;
  std::uint32_t value = 0;
  std::uint32_t sequence = 0; ///< of what was told
};

/// What the parent knows of it.
struct Known {
  std::array<std::int64_t, slots> acknowledged{};
  std::array<std::int64_t, slots> told{}; ///< the last value of each slot
  graph::Sequence last_told = 0;
  graph::Sequence cursor = 0;
  bool anew = false; ///< what was told is not whole
  unsigned gaps = 0;
};

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "store_crash: %s\n", what.c_str());
  std::exit(1);
}

void say(const Said& said) {
  if (::write(STDOUT_FILENO, &said, sizeof said) != sizeof said)
    std::_Exit(0); // nobody listens any more
}

unsigned number(const char* text) {
  unsigned value = 0;
  std::from_chars(text, text + std::string_view(text).size(), value);
  return value;
}

std::unique_ptr<EmbeddedStore> open_store(const std::string& folder) {
  static const SystemClock clock;
  EmbeddedOptions options;
  options.folder = folder;
  options.schema = &schema();
  options.clock = &clock;
  // So that entries and images are dropped while it is killed.
  options.retention.max_entries = 1'000;
  options.trim_every = 32;
  options.large_image_bytes = 3'800; // some are files of their own
  auto store = EmbeddedStore::open(options);
  if (!store)
    fail("cannot open: " + store.error().text());
  return std::move(*store);
}

std::string id_of(std::string_view what, unsigned slot) {
  return std::string(what) + "-" + std::to_string(slot);
}

std::optional<std::int64_t> number_of(const graph::RecordRef& record) {
  if (!record)
    return std::nullopt;
  return record->root(schema().dictionary()).field(word_number).to_json().integer();
}

bool is_erased(std::int64_t value) {
  return value % 7 == 0;
}

/// The change set that takes a slot to a value: a counter and two records with that value, or, now
/// and then, neither of the two; and a claim that follows them.
graph::ChangeSet change_to(unsigned slot, std::int64_t value, graph::Subgraph& subgraph,
                           std::size_t padding) {
  graph::ChangeSet changes;
  changes.changes.push_back(Draft(service, id_of("value", slot)).set(word_number, value).put());
  for (const char* what : {"a", "b"}) {
    const std::string id = id_of(what, slot);
    if (!is_erased(value))
      changes.changes.push_back(Draft(service, id)
                                    .set(word_number, value)
                                    .set(word_text, std::string(padding, 'x'))
                                    .edge(supporting_edge, service, id_of("value", slot))
                                    .put());
    else if (subgraph.find({0, service, id}))
      changes.changes.push_back({{0, service, id}, {}});
  }
  const graph::Claim claim{.scope = "slot", .key = std::to_string(slot), .holder = "a"};
  (is_erased(value) ? changes.release : changes.take).push_back(claim);
  return changes;
}

void write_slots(EmbeddedStore& store, unsigned first, unsigned seed) {
  std::mt19937 random(seed + first);
  std::array<std::int64_t, slots> values{};
  for (unsigned slot = first; slot < slots; slot += threads)
    values[slot] = number_of(store.newest()->find({0, service, id_of("value", slot)})).value_or(0);
  for (;;)
    for (unsigned slot = first; slot < slots; slot += threads) {
      const std::int64_t value = ++values[slot];
      const std::size_t padding = random() % 4096;
      graph::FetchPlan plan;
      for (const char* what : {"a", "b"})
        plan.records.emplace_back(0, service, id_of(what, slot));
      const auto committed = graph::transact_and_wait(
          store, {}, std::move(plan), [&](graph::Subgraph& subgraph) -> Result<graph::Decision> {
            return graph::Decision(change_to(slot, value, subgraph, padding));
          });
      if (!committed)
        fail("a change failed: " + committed.error().text());
      say({Said::What::acknowledged, slot, static_cast<std::uint32_t>(value), 0});
    }
}

/// The slot that a record holds the value of; nothing for others.
std::optional<unsigned> slot_of(const graph::Key& key) {
  constexpr std::string_view begin = "value-";
  if (!key.id.starts_with(begin))
    return std::nullopt;
  return number(key.id.c_str() + begin.size());
}

/// Says what the store tells of, and saves the place now and then.
class Watcher {
public:
  explicit Watcher(EmbeddedStore& store)
      : store_(store), next_(store.cursor(watcher).value_or(0) + 1) {
    while (!watch_) {
      auto watch = store.watch(next_, [this](std::span<const graph::DeltaRef> deltas) {
        const std::lock_guard lock(mutex_);
        waiting_.insert(waiting_.end(), deltas.begin(), deltas.end());
        changed_.notify_one();
      });
      if (watch) {
        watch_ = std::move(*watch);
      } else if (watch.error().code == ErrorCode::gone) {
        say({Said::What::gap, 0, 0, 0});
        next_ = store.oldest_entry();
      } else {
        fail("cannot watch: " + watch.error().text());
      }
    }
  }

  void run() {
    for (;;) {
      std::vector<graph::DeltaRef> deltas;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return !waiting_.empty(); });
        deltas.swap(waiting_);
      }
      for (const graph::DeltaRef& delta : deltas)
        tell(*delta);
    }
  }

private:
  void tell(const graph::Delta& delta) {
    constexpr graph::Sequence saved_every = 50;
    if (delta.sequence != next_)
      fail("was told of " + std::to_string(delta.sequence) + " instead of " +
           std::to_string(next_));
    ++next_;
    for (const graph::Delta::Change& change : delta.changes)
      if (const auto slot = slot_of(change.key))
        say({Said::What::told, *slot, static_cast<std::uint32_t>(*number_of(change.after)),
             static_cast<std::uint32_t>(delta.sequence)});
    if (delta.sequence % saved_every == 0)
      store_.save_cursor(watcher, delta.sequence);
  }

  EmbeddedStore& store_;
  graph::Sequence next_;
  std::unique_ptr<graph::Watch> watch_;
  std::mutex mutex_; // guards what waits
  std::condition_variable changed_;
  std::vector<graph::DeltaRef> waiting_;
};

[[noreturn]] void run_child(const std::string& folder, unsigned seed) {
  const auto store = open_store(folder);
  Watcher watching(*store);
  std::thread telling([&watching] { watching.run(); });
  std::vector<std::thread> writers;
  for (unsigned first = 0; first < threads; ++first)
    writers.emplace_back([&store, first, seed] { write_slots(*store, first, seed); });
  telling.join(); // never: the process is killed
  std::exit(0);
}

void note(const Said& said, Known& known) {
  switch (said.what) {
  case Said::What::acknowledged:
    known.acknowledged[said.slot] =
        std::max<std::int64_t>(known.acknowledged[said.slot], said.value);
    break;
  case Said::What::told:
    known.told[said.slot] = said.value;
    known.last_told = std::max<graph::Sequence>(known.last_told, said.sequence);
    break;
  case Said::What::gap:
    known.anew = true;
    break;
  }
}

/// Lets a child write for a while and kills it; notes what it acknowledged.
void kill_a_child(const char* program, const std::string& folder, unsigned seed,
                  std::chrono::milliseconds life, Known& known) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0)
    fail("no pipe");
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(ends[1], STDOUT_FILENO);
    ::close(ends[0]);
    ::close(ends[1]);
    const std::string seed_text = std::to_string(seed);
    ::execl(program, program, "--child", folder.c_str(), seed_text.c_str(), nullptr);
    ::_exit(127);
  }
  ::close(ends[1]);
  std::thread killer([child, life] {
    std::this_thread::sleep_for(life);
    ::kill(child, SIGKILL);
  });
  Said said;
  std::size_t have = 0;
  for (;;) {
    const ssize_t got = ::read(ends[0], reinterpret_cast<char*>(&said) + have, sizeof said - have);
    if (got <= 0)
      break;
    have += static_cast<std::size_t>(got);
    if (have < sizeof said)
      continue;
    have = 0;
    note(said, known);
  }
  killer.join();
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
    fail("the child ended by itself");
}

/// Holds what the watcher was told against the store, then catches up behind its cursor.
void verify_told(EmbeddedStore& store, Known& known) {
  const graph::Sequence newest = store.newest()->sequence();
  if (known.last_told > newest)
    fail("was told of " + std::to_string(known.last_told) + ", but the last is " +
         std::to_string(newest));
  const graph::Sequence cursor = store.cursor(watcher).value_or(0);
  if (cursor < known.cursor || cursor > known.last_told)
    fail("the cursor is at " + std::to_string(cursor) + ", it was at " +
         std::to_string(known.cursor) + ", and the last that was told is " +
         std::to_string(known.last_told));
  known.cursor = cursor;
  const auto watch = store.watch(cursor + 1, [&known](std::span<const graph::DeltaRef> deltas) {
    for (const graph::DeltaRef& delta : deltas)
      for (const graph::Delta::Change& change : delta->changes)
        if (const auto slot = slot_of(change.key))
          known.told[*slot] = *number_of(change.after);
  });
  if (!watch && watch.error().code != ErrorCode::gone)
    fail("cannot catch up: " + watch.error().text());
  const bool anew = std::exchange(known.anew, false) || !watch;
  for (unsigned slot = 0; slot < slots; ++slot) {
    const std::int64_t value =
        number_of(store.newest()->find({0, service, id_of("value", slot)})).value_or(0);
    if (anew)
      known.told[slot] = value;
    else if (known.told[slot] != value)
      fail("of slot " + std::to_string(slot) + " was told " + std::to_string(known.told[slot]) +
           ", it holds " + std::to_string(value));
  }
  known.gaps += anew ? 1U : 0U;
}

void verify(const std::string& folder, Known& known) {
  std::array<std::int64_t, slots>& acknowledged = known.acknowledged;
  bool clean = true;
  const auto sink = [&clean](const Error& finding) {
    std::fprintf(stderr, "check: %s\n", finding.text().c_str());
    clean = false;
  };
  // A child that dies before its first commit may leave a folder that is not one yet.
  const bool written = *std::max_element(acknowledged.begin(), acknowledged.end()) > 0;
  if (const auto checked = check_folder(folder, schema(), sink); !checked && written)
    sink(checked.error());
  const auto store = open_store(folder);
  if (const auto checked = store->check(sink); !checked)
    sink(checked.error());
  if (!clean)
    fail("the check found damage");
  const auto revision = store->newest();
  for (unsigned slot = 0; slot < slots; ++slot) {
    const std::string name = "slot " + std::to_string(slot);
    const std::int64_t value =
        number_of(revision->find({0, service, id_of("value", slot)})).value_or(0);
    if (value != acknowledged[slot] && value != acknowledged[slot] + 1)
      fail(name + " holds " + std::to_string(value) + ", acknowledged was " +
           std::to_string(acknowledged[slot]));
    const bool present = !is_erased(value);
    for (const char* what : {"a", "b"})
      if (const auto found = number_of(revision->find({0, service, id_of(what, slot)}));
          found.has_value() != present || found.value_or(value) != value)
        fail(name + " was changed by half");
    if (store->claim("slot", std::to_string(slot)).value().has_value() != present)
      fail(name + " has the wrong claim");
    acknowledged[slot] = value;
  }
  verify_told(*store, known);
}

} // namespace

int main(int count, char** arguments) {
  unsigned rounds = 20;
  unsigned seed = std::random_device()();
  for (int index = 1; index + 1 < count; index += 2) {
    const std::string_view name = arguments[index];
    if (name == "--child" && index + 2 < count)
      run_child(arguments[index + 1], number(arguments[index + 2]));
    if (name == "--rounds")
      rounds = number(arguments[index + 1]);
    if (name == "--seed")
      seed = number(arguments[index + 1]);
  }
  std::printf("store_crash: %u rounds, seed %u\n", rounds, seed);
  auto directory = TemporaryDirectory::make("diffo-crash");
  if (!directory)
    fail(directory.error().text());
  const std::string folder = (directory->path() / "data").string();
  std::mt19937 random(seed);
  Known known;
  for (unsigned round = 0; round < rounds; ++round) {
    const std::chrono::milliseconds life(30 + random() % 500);
    kill_a_child("/proc/self/exe", folder, static_cast<unsigned>(random()), life, known);
    verify(folder, known);
  }
  std::int64_t commits = 0;
  for (const std::int64_t value : known.acknowledged)
    commits += value;
  std::printf("store_crash: %lld commits survived, %llu were told, %u gaps\n",
              static_cast<long long>(commits), static_cast<unsigned long long>(known.last_told),
              known.gaps);
  return 0;
}

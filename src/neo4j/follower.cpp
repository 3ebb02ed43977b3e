#include "neo4j/follower.h"

#include "neo4j/layout.h"
#include "neo4j/projection/relationship_types.h"
#include "neo4j/projection/shared_value.h"

#include <algorithm>
#include <utility>

namespace diffo::neo4j {
namespace {

constexpr std::int64_t most_at_once = 2'000;
constexpr std::size_t most_told = 10'000;
constexpr std::uint64_t most_told_at_once = 100; ///< in a round; of the others their number
constexpr std::int64_t second = 1'000'000;
constexpr std::int64_t short_while = 5 * second;
constexpr std::int64_t long_while = 120 * second;
constexpr std::int64_t day = 86'400 * second;
constexpr std::uint64_t rounds_to_long_look = 30;
constexpr std::uint64_t rounds_to_count = 5;

/// The owners of whatever holds the part `n`.
std::string holders(const RelationshipTypes& types) {
  return "[(n)<-[:" + joined(types.to_parts) +
         "]-(x)|x.diffoOwner] + [(n)-[:" + joined(types.from_parts) + "]->(x)|x.diffoOwner]";
}

std::string touched_text(const graph::Schema& schema) {
  std::set<std::string> roots;
  for (const graph::FamilyDefinition& family : schema.families())
    if (is_shared(family))
      roots.insert(family.shared_label);
  return "CYPHER 5 MATCH (n:Provider) WHERE n.updatedAt >= $at AND (n.updatedAt > $at OR "
         "elementId(n) > $id) AND (n.diffoAt IS NULL OR n.diffoAt <> n.updatedAt) "
         "WITH n, n.updatedAt AS at, elementId(n) AS id ORDER BY at, id LIMIT $most "
         "RETURN at, id, labels(n) AS labels, n.diffoOwner AS owner, n{.uuid, .key, .string} AS "
         "keys, CASE WHEN n.diffoOwner IS NULL AND NOT (n:" +
         joined(roots) + ") THEN " + holders(relationship_types_of(schema)) +
         " ELSE [] END AS holders";
}

std::string strays_text(const graph::Schema& schema) {
  std::set<std::string> untimed;
  for (const graph::ElementDefinition& element : schema.elements())
    if (element.role != graph::ElementRole::root && !element.labels.empty() && is_shared(element) &&
        !element.has_times)
      untimed.insert(element.labels.back());
  return "CYPHER 5 MATCH (n:" + joined(untimed) +
         ") WHERE n.diffoOwner IS NULL WITH n LIMIT $most UNWIND " +
         holders(relationship_types_of(schema)) +
         " AS owner WITH owner WHERE owner IS NOT NULL RETURN DISTINCT owner";
}

} // namespace

Follower::Follower(FollowerOptions options)
    : options_(std::move(options)), sink_([this](const Error& left) { tell(left); }),
      call_{options_.database, options_.store,
            [this] {
              graph::Context context;
              context.now = options_.clock.now().microseconds;
              return context;
            },
            adoption_, sink_},
      changes_(call_), last_look_(options_.since) {
  touched_text_ = touched_text(options_.store.schema());
  strays_text_ = strays_text(options_.store.schema());
}

void Follower::start() {
  thread_ = std::thread([this] { run(); });
}

void Follower::stop() {
  {
    const std::lock_guard held(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable())
    thread_.join();
}

void Follower::run() {
  for (;;) {
    report(round());
    std::unique_lock lock(mutex_);
    if (changed_.wait_for(lock, options_.every, [this] { return stopping_; }))
      return;
  }
}

/// Trouble is told once, and its end.
void Follower::report(const Result<void>& done) {
  const std::string trouble = done ? std::string() : done.error().text();
  if (trouble != trouble_ && options_.log != nullptr) {
    if (done)
      options_.log->info("changes of others are taken in again");
    else
      options_.log->warning("changes of others cannot be taken in", {{"reason", trouble}});
  }
  trouble_ = trouble;
}

Result<void> Follower::round() {
  if (const std::string reason = options_.store.read_only_reason(); !reason.empty())
    return Error{ErrorCode::unavailable, reason};
  const std::int64_t now = options_.clock.now().microseconds;
  const bool is_long = rounds_ % rounds_to_long_look == 0;
  TRY(look(std::min(last_look_, now) - (is_long ? long_while : short_while)));
  last_look_ = now;
  if (rounds_ % rounds_to_count == 0)
    TRY(count());
  ++rounds_;
  if (now - swept_at_ > day)
    wants_sweep_ = true;
  TRY(sweep());
  sum_up();
  return {};
}

Result<void> Follower::look(std::int64_t since) {
  bolt::Value at = instant_value(since);
  std::string id;
  while (TRY(look_at_page(at, id))) {
    const std::lock_guard held(mutex_);
    if (stopping_)
      break;
  }
  return {};
}

/// Moves on to the last node of the page; false: there is no more.
Result<bool> Follower::look_at_page(bolt::Value& at, std::string& id) {
  const auto answers = TRY(options_.database.read(
      {{touched_text_, bolt::Map{{"at", at}, {"id", id}, {"most", most_at_once}}}}));
  const std::vector<bolt::Record>& rows = answers.front().records;
  if (rows.empty())
    return false;
  TRY(settle(TRY(found_in(answers.front()))));
  at = rows.back()["at"];
  id = TRY(text_in(rows.back(), "id"));
  return static_cast<std::int64_t>(rows.size()) == most_at_once;
}

Result<Follower::Found> Follower::found_in(const bolt::EagerResult& page) const {
  Found found;
  const auto add = [&found](const bolt::Record& row, std::string_view owner) {
    const auto key = read_key_text(owner);
    if (!key)
      return;
    found.nodes.push_back({std::string(*row["id"].get_if<std::string>()), row["at"], *key});
    found.ours.insert(*key);
  };
  for (const bolt::Record& row : page.records) {
    TRY(text_in(row, "id"));
    if (const auto* owner = row["owner"].get_if<std::string>()) {
      add(row, *owner);
      continue;
    }
    if (const auto* holders = row["holders"].get_if<bolt::List>())
      for (const bolt::Value& holder : *holders)
        if (const auto* owner = holder.get_if<std::string>())
          add(row, *owner);
    const auto* labels = row["labels"].get_if<bolt::List>();
    const auto* keys = row["keys"].get_if<bolt::Map>();
    if (labels == nullptr || keys == nullptr)
      continue;
    const auto is_root_of = [labels](const graph::FamilyDefinition& family) {
      return is_shared(family) && std::find(labels->begin(), labels->end(),
                                            bolt::Value(family.shared_label)) != labels->end();
    };
    const auto& families = options_.store.schema().families();
    if (const auto family = std::find_if(families.begin(), families.end(), is_root_of);
        family != families.end())
      if (std::string key(keys->text_of(family->shared_key)); !key.empty())
        found.others[family->shared_label].push_back(std::move(key));
  }
  return found;
}

Result<void> Follower::settle(const Found& found) {
  std::set<graph::Key> same;
  TRY(changes_.take({found.ours.begin(), found.ours.end()}, &same));
  for (const auto& [label, keys] : found.others)
    TRY(adopt_roots(call_, label, keys));
  return stamp(found, same);
}

Result<void> Follower::stamp(const Found& found, const std::set<graph::Key>& same) {
  bolt::List rows;
  for (const Touched& node : found.nodes)
    if (same.find(node.root) != same.end())
      rows.emplace_back(bolt::Map{{"id", node.id}, {"at", node.at}});
  if (rows.empty())
    return {};
  const auto done = options_.database.write(
      {{"CYPHER 5 UNWIND $rows AS r MATCH (n) WHERE elementId(n)=r.id AND n.updatedAt=r.at AND "
        "n.diffoOwner IS NOT NULL SET n.diffoAt=r.at",
        bolt::Map{{"rows", std::move(rows)}}}});
  return done ? Result<void>() : error_of(done.error());
}

Result<void> Follower::count() {
  const OwnNodes own = TRY(options_.own_nodes());
  if (!own.expected || *own.expected != own.present)
    wants_sweep_ = true;
  const auto answers =
      TRY(options_.database.read({{"CYPHER 5 MATCH (n:Provider) RETURN count(n) AS nodes", {}},
                                  {"CYPHER 5 MATCH (n:DiffoPart) RETURN count(n) AS nodes", {}}}));
  std::int64_t counts[2] = {0, 0};
  for (std::size_t at = 0; at < 2; ++at)
    if (!answers[at].records.empty())
      if (const auto* nodes = answers[at].records.front()["nodes"].get_if<std::int64_t>())
        counts[at] = *nodes;
  const std::int64_t ownerless = counts[0] - counts[1];
  if (ownerless_ != ownerless && ownerless > 0) {
    TRY(take_strays());
    TRY(adopt_all_roots(call_));
  }
  ownerless_ = ownerless;
  return {};
}

/// Parts that have no times, on roots of ours.
Result<void> Follower::take_strays() {
  const auto answers =
      TRY(options_.database.read({{strays_text_, bolt::Map{{"most", most_at_once}}}}));
  std::vector<graph::Key> keys;
  for (const bolt::Record& row : answers.front().records)
    if (auto key = read_key_text(TRY(text_in(row, "owner"))))
      keys.push_back(*std::move(key));
  return changes_.take(keys, nullptr);
}

/// A tenth of the time.
Result<void> Follower::sweep() {
  const auto until = std::chrono::steady_clock::now() + options_.every / 10;
  if (!sweep_ && !wants_sweep_)
    return {};
  if (!sweep_) {
    wants_sweep_ = false;
    swept_at_ = options_.clock.now().microseconds;
    sweep_.emplace(call_, false);
  }
  do {
    const auto more = sweep_->next();
    if (!more || !*more)
      sweep_.reset();
    if (!more)
      wants_sweep_ = true;
    TRY(more);
  } while (sweep_ && std::chrono::steady_clock::now() < until);
  return {};
}

void Follower::tell(const Error& left) {
  const std::string text = left.text();
  if (told_.size() >= most_told)
    told_.clear();
  if (!told_.insert(text).second || ++told_now_ > most_told_at_once || options_.log == nullptr)
    return;
  options_.log->warning("a change of others was left as it is", {{"what", text}});
}

void Follower::sum_up() {
  const auto sum = [](const RootCounts& counts) {
    std::uint64_t all = 0;
    for (const auto& [family, count] : counts)
      all += count;
    return all;
  };
  const Adoption done = std::exchange(adoption_, {});
  const std::uint64_t told = std::exchange(told_now_, 0);
  if (told > most_told_at_once && options_.log != nullptr)
    options_.log->warning("more changes of others were left as they are",
                          {{"more", told - most_told_at_once}});
  const std::uint64_t adopted = sum(done.adopted);
  const std::uint64_t changed = sum(done.changed);
  const std::uint64_t erased = sum(done.erased);
  if (adopted + changed + erased != 0 && options_.log != nullptr)
    options_.log->info("changes of others were taken in",
                       {{"adopted", adopted}, {"changed", changed}, {"erased", erased}});
}

} // namespace diffo::neo4j

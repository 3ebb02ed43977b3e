#include "loop/standing_residues.h"

#include "base/file.h"
#include "loop/decision_record.h"
#include "model/contradictions.h"
#include "model/kinds.h"

#include <algorithm>
#include <map>
#include <utility>

namespace diffo::loop {
namespace {

using Seconds = std::chrono::seconds;

constexpr std::size_t largest_file = std::size_t{4} << 30U;
/// How often what changed is saved, and how often the place in the journal alone.
constexpr Seconds between_saves{5};
constexpr Seconds between_places{60};
/// Sightings that are told and not taken; of more it is only known that there were some.
constexpr std::size_t most_seen = 100'000;
constexpr Seconds after_a_failure{1};
constexpr Seconds at_least_once{30};

} // namespace

StandingResidues::StandingResidues(Options options) : options_(std::move(options)) {
  // What was saved last was saved when something had changed: what was known then was known at the
  // end.
  std::error_code problem;
  const auto written = std::filesystem::last_write_time(options_.file, problem);
  if (options_.file.empty() || problem)
    return;
  const auto ago = std::filesystem::file_time_type::clock::now() - written;
  const std::int64_t now = options_.clock.now().microseconds;
  down_ = {now - std::max<std::int64_t>(
                     0, std::chrono::duration_cast<std::chrono::microseconds>(ago).count()),
           now};
}

void StandingResidues::saw(std::span<const graph::Key> targets) {
  {
    const std::lock_guard held(mutex_);
    if (!asks_sightings_ || targets.empty())
      return;
    sightings_ += targets.size();
    if (seen_.size() + targets.size() > most_seen) {
      seen_.clear();
      seen_all_ = true;
    }
    if (!seen_all_)
      seen_.insert(seen_.end(), targets.begin(), targets.end());
  }
  changed_.notify_all();
}

void StandingResidues::start() {
  thread_ = std::thread([this] { run(); });
}

void StandingResidues::stop() {
  {
    const std::lock_guard held(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable())
    thread_.join();
  answer_waiters();
  for (const Question& question : std::exchange(questions_, {}))
    question.done(nullptr, std::vector<graph::Key>());
}

StandingRef StandingResidues::newest() const {
  const std::lock_guard held(mutex_);
  return newest_;
}

void StandingResidues::when(graph::Sequence wanted, std::function<void(StandingRef)> done) {
  StandingRef known;
  {
    const std::lock_guard held(mutex_);
    known = newest_;
    if (!stopping_ && (!known || known->sequence < wanted || known->sightings < sightings_)) {
      waiters_.push_back(
          {wanted, sightings_, std::chrono::steady_clock::now() + longest_wait, std::move(done)});
      changed_.notify_all();
      return;
    }
  }
  done(std::move(known));
}

void StandingResidues::when(graph::Sequence wanted, graph::Key about,
                            std::function<void(StandingRef, Expectations)> done) {
  // What is expected of an instance only the thread of the residues knows.
  when(wanted,
       [this, question = Question{std::move(about), std::move(done)}](const StandingRef& standing) {
         bool asked = false;
         {
           const std::lock_guard held(mutex_);
           asked = standing && !stopping_;
           if (asked)
             questions_.push_back(question);
         }
         if (asked)
           changed_.notify_all();
         else
           question.done(nullptr, std::vector<graph::Key>());
       });
}

/// Between two rounds, when what the keeper knows is what was published last.
void StandingResidues::answer_questions() {
  std::vector<Question> questions;
  StandingRef known;
  {
    const std::lock_guard held(mutex_);
    questions.swap(questions_);
    known = newest_;
  }
  for (const Question& question : questions)
    question.done(known, keeper_->expectations_about(question.about));
}

/// Answers those whose revision is there, and those who have waited long enough.
void StandingResidues::answer_waiters() {
  std::vector<Waiter> ready;
  StandingRef known;
  {
    const std::lock_guard held(mutex_);
    known = newest_;
    const auto now = std::chrono::steady_clock::now();
    const auto waits = [&](const Waiter& waiter) {
      return !stopping_ && waiter.until > now &&
             (!known || known->sequence < waiter.wanted || known->sightings < waiter.sightings);
    };
    const auto first = std::stable_partition(waiters_.begin(), waiters_.end(), waits);
    ready.assign(std::make_move_iterator(first), std::make_move_iterator(waiters_.end()));
    waiters_.erase(first, waiters_.end());
  }
  for (const Waiter& waiter : ready)
    waiter.done(known);
}

void StandingResidues::run() {
  try {
    work();
  } catch (const std::exception& failure) {
    options_.log.error("what is outstanding is no longer kept: something failed that should not",
                       {{"reason", failure.what()}});
  }
}

void StandingResidues::work() {
  bool begun = false;
  while (true) {
    {
      const std::lock_guard held(mutex_);
      if (stopping_)
        break;
    }
    if (!begun)
      begun = begin();
    if (begun)
      if (const auto done = round(); !done) {
        options_.log.error("what is outstanding is found out anew: a round failed",
                           {{"reason", done.error().text()}});
        begun = false;
      }
    answer_waiters();
    if (begun) {
      if (keeper_->is_complete())
        answer_questions();
      save(false);
      wait_for_work();
    } else {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, after_a_failure, [this] { return stopping_; });
    }
  }
  if (begun)
    save(true);
}

void StandingResidues::make_keeper() {
  keeper_ = std::make_unique<ResidueKeeper>(options_.store, [this] { answer_waiters(); });
  keeper_->set_downtime(down_);
  keeper_->set_asking(asks_sightings_);
}

/// Begins to follow the store, from what was saved or from nothing.
bool StandingResidues::begin() {
  watch_.reset();
  {
    const std::lock_guard held(mutex_);
    told_.clear();
    last_told_ = 0;
  }
  auto newest = graph::read_and_wait(options_.store, {}, {});
  if (!newest)
    return false;
  make_keeper();
  anew_ = true;
  const bool first = !this->newest();
  if (first)
    resume_or_begin(newest->sequence());
  else if (const auto begun = keeper_->begin(newest->sequence(), options_.clock.now()); !begun)
    return false;
  else
    taken_ = newest->sequence();
  const auto enqueue = [this](std::span<const graph::DeltaRef> deltas) {
    {
      const std::lock_guard held(mutex_);
      told_.insert(told_.end(), deltas.begin(), deltas.end());
      last_told_ = deltas.back()->sequence;
    }
    changed_.notify_all();
  };
  auto watch = options_.store.watch(taken_ + 1, enqueue);
  if (!watch) { // behind the retention
    if (!keeper_->begin(newest->sequence(), options_.clock.now()))
      return false;
    taken_ = newest->sequence();
    watch = options_.store.watch(taken_ + 1, enqueue);
  }
  if (!watch)
    return false;
  watch_ = *std::move(watch);
  return true;
}

void StandingResidues::resume_or_begin(graph::Sequence newest) {
  taken_ = newest;
  if (!options_.file.empty()) {
    const auto saved = read_file(options_.file, largest_file);
    if (saved) {
      if (const auto from = keeper_->resume(*saved, newest)) {
        taken_ = saved_ = *from;
        return;
      } else {
        options_.log.warning("what is outstanding is found out anew",
                             {{"reason", from.error().text()}});
      }
      make_keeper();
    }
  }
  if (const auto begun = keeper_->begin(newest, options_.clock.now()); !begun)
    options_.log.error("cannot find out what is outstanding", {{"reason", begun.error().text()}});
}

/// Until something happens: a commit, somebody who waits, the clock, the end.
void StandingResidues::wait_for_work() {
  using namespace std::chrono;
  const auto now = steady_clock::now();
  auto until = now + at_least_once;
  if (const auto flip = keeper_->next_flip()) {
    const std::int64_t away = flip->microseconds - options_.clock.now().microseconds;
    until =
        std::min(until, now + microseconds(std::clamp<std::int64_t>(
                                  away, 0, duration_cast<microseconds>(at_least_once).count())));
  }
  if (unsaved_)
    until = std::min(until, saved_at_ + between_saves);
  std::unique_lock lock(mutex_);
  for (const Waiter& waiter : waiters_)
    until = std::min(until, waiter.until);
  if (keeper_->is_busy())
    return;
  const std::size_t waiting = waiters_.size();
  changed_.wait_until(lock, until, [this, waiting] {
    return stopping_ || !told_.empty() || sightings_ != taken_sightings_ || !questions_.empty() ||
           waiters_.size() != waiting;
  });
}

/// What happened up to a revision; the store tells of it when it is published, or soon after.
/// Nothing when it does not.
std::vector<graph::DeltaRef> StandingResidues::take_up_to(graph::Sequence sequence) {
  constexpr Seconds at_most{1};
  std::vector<graph::DeltaRef> taken;
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, at_most,
                    [&] { return stopping_ || sequence <= taken_ || last_told_ >= sequence; });
  if (last_told_ < sequence && sequence > taken_)
    return taken; // they come together, next time
  while (!told_.empty() && told_.front()->sequence <= sequence) {
    taken.push_back(std::move(told_.front()));
    told_.pop_front();
  }
  return taken;
}

Result<void> StandingResidues::round() {
  auto pinned =
      std::make_shared<graph::Subgraph>(TRY(graph::read_and_wait(options_.store, {}, {})));
  const graph::Sequence sequence = pinned->sequence();
  auto deltas = take_up_to(sequence);
  if (sequence > taken_ && (deltas.empty() || deltas.back()->sequence < sequence))
    return {}; // the end, or not told yet
  const Timestamp now = options_.clock.now();
  take_sightings(now);
  ResidueKeeper::Round round = TRY(keeper_->run(deltas, sequence, now));
  taken_ = std::max(taken_, sequence);
  unsaved_ = unsaved_ || round.changed;
  write_falls(std::move(round.fallen)); // durable before anybody is told
  if (keeper_->is_complete())
    publish(std::move(pinned), now, round, std::move(deltas));
  else
    anew_ = true;
  return {};
}

void StandingResidues::take_sightings(Timestamp now) {
  std::vector<graph::Key> seen;
  bool all = false;
  {
    const std::lock_guard held(mutex_);
    seen.swap(seen_);
    all = std::exchange(seen_all_, false);
    taken_sightings_ = sightings_;
  }
  if (all)
    keeper_->saw_all(now);
  else
    keeper_->saw(seen, now);
}

StandingRef StandingResidues::listen(Listener listener) {
  auto kept = std::make_shared<const Listener>(std::move(listener));
  const std::lock_guard held(mutex_);
  listeners_.push_back(std::move(kept));
  return newest_;
}

void StandingResidues::publish(std::shared_ptr<const graph::Subgraph> pinned, Timestamp now,
                               ResidueKeeper::Round& round, std::vector<graph::DeltaRef> commits) {
  const StandingRef before = newest();
  auto standing = std::make_shared<Standing>();
  standing->sequence = pinned->sequence();
  standing->at = now;
  standing->pinned = std::move(pinned);
  standing->evaluations = keeper_->evaluations();
  standing->sightings = taken_sightings_;
  standing->index = before && !round.changed
                        ? before->index
                        : std::make_shared<const ResidueIndex>(keeper_->index());
  standing->establishing =
      before && *before->establishing == keeper_->establishing()
          ? before->establishing
          : std::make_shared<const std::set<graph::Key>>(keeper_->establishing());
  const Publication publication{.before = before,
                                .now = std::move(standing),
                                .targets = std::move(round.targets),
                                .commits = std::move(commits),
                                .anew = std::exchange(anew_, false)};
  std::vector<std::shared_ptr<const Listener>> listeners;
  {
    const std::lock_guard held(mutex_);
    newest_ = publication.now;
    listeners = listeners_;
  }
  for (const auto& listener : listeners)
    (*listener)(publication);
}

/// An approval that fell is written down where it was decided, so that it does not revive.
void StandingResidues::write_falls(std::vector<ResidueKeeper::Fallen> fallen) {
  std::map<graph::Key, std::map<LeafId, Fall>> by_decision;
  for (ResidueKeeper::Fallen& one : fallen)
    by_decision[{one.tenant, model::family_decision, one.decision}].emplace(one.leaf,
                                                                            std::move(one.fall));
  for (auto& [decision_key, decision_falls] : by_decision) {
    graph::Context context = options_.context("an approval fell");
    context.principal.tenant = decision_key.tenant;
    const auto decide = [key = decision_key, falls = std::move(decision_falls)](
                            graph::Subgraph& subgraph) -> Result<graph::Decision> {
      graph::ChangeSet change;
      const graph::RecordRef record = subgraph.find(key);
      if (!record)
        return graph::Decision(std::move(change));
      Decision decision = TRY(stored_decision(*record, subgraph.schema()));
      for (const auto& [leaf, fall] : falls)
        decision.fallen.emplace(leaf, fall);
      change.changes.push_back(
          {key, TRY(model::encode(decision_draft(decision, key.tenant), subgraph.schema()))});
      return graph::Decision(std::move(change));
    };
    if (const auto written = graph::transact_and_wait(options_.store, std::move(context),
                                                      {.records = {decision_key}}, decide);
        !written)
      options_.log.warning("cannot write down that an approval fell",
                           {{"reason", written.error().text()}});
  }
}

void StandingResidues::save(bool at_the_end) {
  if (options_.file.empty() || keeper_->is_busy() || !keeper_->is_complete() ||
      (taken_ == saved_ && !unsaved_))
    return;
  const auto now = std::chrono::steady_clock::now();
  const auto since = now - saved_at_;
  if (!at_the_end && since < (unsaved_ ? between_saves : between_places))
    return;
  saved_at_ = now;
  if (const auto written = write_file_atomically(options_.file, keeper_->save(), 0600); !written) {
    options_.log.warning("cannot save what is outstanding; it is found out anew after a restart",
                         {{"reason", written.error().text()}});
    return;
  }
  saved_ = taken_;
  unsaved_ = false;
}

} // namespace diffo::loop

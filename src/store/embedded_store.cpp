#include "store/embedded_store.h"

#include "store/check.h"
#include "store/embedded_core.h"
#include "store/past_revision.h"

#include <utility>

namespace diffo::store {

Result<std::unique_ptr<EmbeddedStore>> EmbeddedStore::open(EmbeddedOptions options) {
  DIFFO_ASSERT(options.schema != nullptr && options.clock != nullptr);
  if (options.query_limits.clock == nullptr)
    options.query_limits.clock = options.clock;
  auto core = TRY(options.read_only ? Core::open_for_reading(std::move(options))
                                    : Core::open(std::move(options)));
  auto store = std::unique_ptr<EmbeddedStore>(new EmbeddedStore(std::move(core)));
  store->core_->start();
  return store;
}

EmbeddedStore::EmbeddedStore(std::unique_ptr<Core> core) : core_(std::move(core)) {
  core_->version_at = [this](const graph::KeyView& key, graph::Sequence sequence) {
    return at(key, sequence);
  };
  core_->deltas_from = [this](graph::Sequence from) { return deltas(from, Core::most_at_once); };
}
EmbeddedStore::~EmbeddedStore() = default;

graph::Capabilities EmbeddedStore::capabilities() const {
  return {.branches = false,
          .time_travel = false,
          .backup = true,
          .check = true,
          .replace_schema = true};
}

const graph::Schema& EmbeddedStore::schema() const {
  return core_->schema();
}

std::shared_ptr<const graph::Revision> EmbeddedStore::newest() const {
  return core_->newest();
}

void EmbeddedStore::read(graph::Pin pin, graph::FetchPlan plan, graph::Recorder* recorder,
                         std::function<void(Result<graph::Subgraph>)> done) {
  if (pin.branch != "main")
    return done(Error{ErrorCode::unsupported, "there is no branch " + pin.branch});
  graph::Unplanned unplanned = core_->options.unplanned;
  std::shared_ptr<const graph::Revision> revision = core_->pinned(pin.at);
  if (!revision) {
    auto past = PastRevision::load(*this, *pin.at, plan);
    if (!past)
      return done(std::move(past).error());
    revision = std::move(*past);
    unplanned = graph::Unplanned::refuse; // nothing else is at hand
  }
  done(graph::Subgraph(std::move(revision), std::move(plan), recorder, unplanned));
}

void EmbeddedStore::transact(graph::Context context, graph::FetchPlan plan, graph::Decide decide,
                             graph::Deciding deciding,
                             std::function<void(Result<graph::Commit>)> done) {
  core_->transact(std::make_shared<Transaction>(Transaction{.context = std::move(context),
                                                            .plan = std::move(plan),
                                                            .decide = std::move(decide),
                                                            .deciding = deciding,
                                                            .done = std::move(done)}));
}

Result<graph::Tenant> EmbeddedStore::tenant(std::string_view name) {
  if (name.size() > max_id_bytes)
    return Error{ErrorCode::invalid, "a tenant's name is too long"};
  const auto known = core_->tenants.with([&](const auto& names) -> std::optional<graph::Tenant> {
    for (std::size_t number = 0; number < names.size(); ++number)
      if (names[number] == name)
        return static_cast<graph::Tenant>(number);
    return std::nullopt;
  });
  return known ? Result<graph::Tenant>(*known) : core_->add_tenant(name);
}

Result<void>
EmbeddedStore::for_each_claim(const std::function<void(const graph::Claim& claim)>& visit) const {
  core_->newest()->state().claims.for_each(visit);
  return {};
}

Result<void> EmbeddedStore::begin_behind(graph::Sequence sequence) {
  return core_->begin_behind(sequence);
}

Result<std::optional<graph::Claim>> EmbeddedStore::claim(std::string_view scope,
                                                         std::string_view key) const {
  const auto revision = core_->newest();
  return revision->claim({std::string(scope), std::string(key)},
                         core_->options.clock->now().microseconds);
}

std::string EmbeddedStore::read_only_reason() const {
  return core_->read_only_reason();
}

void EmbeddedStore::stop() {
  core_->stop();
}

std::vector<std::string> EmbeddedStore::tenants() const {
  return core_->tenants.with([](const auto& names) { return names; });
}

graph::Statistics EmbeddedStore::statistics() const {
  graph::Statistics all = core_->counted();
  const auto revision = core_->newest();
  const State& state = revision->state();
  all.records = state.record_count;
  all.record_bytes = state.record_bytes;
  all.keys = state.keys.size();
  all.key_bytes = state.keys.estimated_bytes();
  all.claims = state.claims.size();
  all.sequence = state.sequence;
  return all;
}

} // namespace diffo::store

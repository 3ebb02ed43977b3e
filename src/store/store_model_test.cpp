#include "store/query_run.h"
#include "store/state_revision.h"
#include "testing/cursor_checks.h"
#include "testing/test_store.h"

#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <tuple>

using namespace diffo;
using namespace diffo::store;
using namespace diffo::store::test;

namespace {

/// What the store should hold, kept in the plainest way.
class Model {
public:
  struct Entry {
    graph::Family family = 0;
    std::string id;
    graph::Which which = graph::Which::actual;
    std::optional<std::string> name;
    std::string state;
    std::optional<int> number;
    std::vector<std::string> tags;
    std::vector<std::pair<graph::ElementKind, graph::Target>> edges;
    std::uint64_t created = 0; ///< order of creation
    graph::Sequence sequence = 0;
  };
  using Id = std::pair<graph::Family, std::string>;

  std::map<Id, Entry> entries;
  /// Of each record the commits that changed it, and whether it was there after them.
  std::map<Id, std::map<graph::Sequence, bool>> versions;
  std::uint64_t created = 0;

  Draft draft_of(const Entry& entry) const {
    Draft draft(entry.family, entry.id);
    draft.draft.which = entry.which;
    if (entry.name)
      draft.set(word_name, *entry.name);
    draft.set(word_state, entry.state);
    if (entry.number)
      draft.set(word_number, *entry.number);
    json::Array tags;
    for (const std::string& tag : entry.tags)
      tags.emplace_back(tag);
    draft.set(word_tag, std::move(tags));
    for (const auto& [kind, target] : entry.edges)
      draft.edge(kind, target.family, target.id);
    return draft;
  }
};

graph::SortKey sort_key(const char* name, Reading reading, bool descending) {
  return {.path = {.member = name},
          .reading = reading,
          .shown = {},
          .descending = descending,
          .residual = {}};
}

class Walk {
public:
  Walk(unsigned seed, std::uint64_t keep_entries) : random_(seed), keep_entries_(keep_entries) {}

  void run(int rounds) {
    for (int round = 0; round < rounds; ++round) {
      EmbeddedOptions options = place_.options();
      options.retention.max_entries = keep_entries_;
      options.trim_every = 7;
      options.large_image_bytes = 250; // some
      auto store = EmbeddedStore::open(options).value();
      check(*store);
      for (int step = 0; step < 60; ++step)
        change(*store);
      check(*store);
      REQUIRE(findings_of(*store) == std::vector<std::string>{});
      store.reset();
      REQUIRE(findings_in(place_.options().folder) == std::vector<std::string>{});
    }
  }

private:
  unsigned pick(unsigned count) { return static_cast<unsigned>(random_() % count); }

  Model::Entry some_entry() {
    Model::Entry entry;
    entry.family = pick(3) == 0 ? party : service;
    entry.id = "id-" + std::to_string(pick(60));
    entry.which = pick(6) == 0 ? graph::Which::expected : graph::Which::actual;
    if (pick(4) != 0)
      entry.name = std::string(pick(3) == 0 ? 60 : 2, 'n') + std::to_string(pick(20));
    if (pick(10) == 0)
      entry.name = std::string("zero\0inside", 11);
    entry.state = pick(2) == 0 ? "active" : "off";
    if (pick(3) != 0)
      entry.number = static_cast<int>(pick(10)) - 5;
    for (unsigned count = pick(4); count > 0; --count)
      entry.tags.push_back("tag" + std::to_string(pick(6)));
    for (unsigned count = pick(4); count > 0; --count)
      entry.edges.push_back({pick(2) == 0 ? party_edge : supporting_edge,
                             {pick(2) == 0 ? party : service, "id-" + std::to_string(pick(80))}});
    return entry;
  }

  void change(EmbeddedStore& store) {
    graph::ChangeSet changes;
    std::set<Model::Id> touched;
    std::vector<std::pair<Model::Id, std::optional<Model::Entry>>> planned;
    for (unsigned count = 1 + pick(4); count > 0; --count) {
      Model::Entry entry = some_entry();
      const Model::Id id{entry.family, entry.id};
      if (!touched.insert(id).second)
        continue;
      if (model_.entries.contains(id) && pick(3) == 0) {
        changes.changes.push_back({{0, id.first, id.second}, {}});
        planned.emplace_back(id, std::nullopt);
        continue;
      }
      changes.changes.push_back(model_.draft_of(entry).put());
      planned.emplace_back(id, std::move(entry));
    }
    const auto committed = commit(store, std::move(changes));
    REQUIRE(committed);
    for (auto& [id, entry] : planned) {
      if (!entry) {
        model_.entries.erase(id);
        model_.versions[id][committed->sequence] = false;
        continue;
      }
      model_.versions[id][committed->sequence] = true;
      const auto before = model_.entries.find(id);
      entry->created = before != model_.entries.end() ? before->second.created : ++model_.created;
      entry->sequence = committed->sequence;
      model_.entries.insert_or_assign(id, std::move(*entry));
    }
  }

  void check(EmbeddedStore& store) {
    const auto revision = store.newest();
    REQUIRE(revision->record_count() == model_.entries.size());
    for (const auto& [id, entry] : model_.entries) {
      const auto record = revision->find({0, id.first, id.second});
      REQUIRE(record);
      REQUIRE(record->sequence() == entry.sequence);
    }
    check_referrers(*revision);
    // Entries are dropped after the answer; a check waits for it.
    REQUIRE(findings_of(store) == std::vector<std::string>{});
    for (int probe = 0; probe < 40; ++probe)
      check_version(store);
    for (int query = 0; query < 40; ++query)
      check_query(*revision);
    check_all(*revision);
  }

  /// Some record at some commit, and all that is kept of it.
  void check_version(const EmbeddedStore& store) {
    if (model_.versions.empty())
      return;
    auto some = model_.versions.begin();
    std::advance(some, pick(static_cast<unsigned>(model_.versions.size())));
    const auto& [id, versions] = *some;
    const graph::Key key{0, id.first, id.second};
    const graph::Sequence kept_from = store.oldest_entry() - 1;
    const graph::Sequence at = pick(static_cast<unsigned>(store.newest()->sequence()) + 1);
    const auto record = store.at(key, at);
    if (at < kept_from) {
      REQUIRE(record.error().code == ErrorCode::gone);
      return;
    }
    REQUIRE(record);
    auto last = versions.upper_bound(at);
    const bool there = last != versions.begin() && (--last)->second;
    REQUIRE(static_cast<bool>(*record) == there);
    REQUIRE((!there || (*record)->sequence() == last->first));
    const auto all = store.history(key, at + 1, 1000).value();
    // What was there when the kept entries began, and each change since.
    std::size_t expected = 0;
    for (const auto& [sequence, present] : versions) {
      const auto next = versions.upper_bound(sequence);
      const bool superseded_in_sight = next == versions.end() || next->first > kept_from;
      if (sequence <= at && (sequence > kept_from || (present && superseded_in_sight)))
        ++expected;
    }
    REQUIRE(all.size() == expected);
  }

  void check_all(const graph::Revision& revision) {
    std::vector<std::pair<std::uint64_t, std::string>> expected;
    for (const auto& [id, entry] : model_.entries)
      expected.emplace_back(entry.created, entry.id);
    std::sort(expected.begin(), expected.end());
    std::size_t at = 0;
    revision.for_each(0, [&](const graph::RecordRef& record) {
      REQUIRE(at < expected.size());
      REQUIRE(record->id() == expected[at++].second);
      return true;
    });
    REQUIRE(at == expected.size());
  }

  void check_referrers(const graph::Revision& revision) {
    using Edge = std::tuple<std::string, graph::Family, graph::ElementKind>;
    for (unsigned number = 0; number < 80; ++number)
      for (const graph::Family family : {service, party}) {
        const graph::Target target{family, "id-" + std::to_string(number)};
        std::set<Edge> expected;
        for (const auto& [id, entry] : model_.entries)
          for (const auto& [kind, to] : entry.edges)
            if (to == target)
              expected.insert({entry.id, entry.family, kind});
        std::set<Edge> found;
        revision.referrers({0, target.family, target.id}, [&](const graph::Referrer& referrer) {
          REQUIRE(found.insert({referrer.record->id(), referrer.record->family(), referrer.edge})
                      .second);
          return true;
        });
        REQUIRE(found == expected);
        REQUIRE(revision.count_referrers({0, target.family, target.id}) == expected.size());
      }
  }

  using Wanted = std::function<bool(const Model::Entry&)>;

  static graph::FieldPath field(const char* name) { return {.member = name}; }

  void add_condition(std::vector<graph::Filter>& filters, std::vector<Wanted>& wanted) {
    switch (pick(4)) {
    case 0: {
      const std::string state = pick(2) == 0 ? "active" : "off";
      filters.push_back(graph::equal_text(field("state"), {state}));
      wanted.push_back([state](const auto& entry) { return entry.state == state; });
      return;
    }
    case 1: {
      const int low = static_cast<int>(pick(10)) - 5;
      const int high = static_cast<int>(pick(10)) - 5;
      const bool with_low = pick(2) == 0;
      const bool with_high = pick(2) == 0;
      filters.push_back(graph::compare(
          field("number"), with_low ? graph::Compare::greater_or_equal : graph::Compare::greater,
          Reading::value, {json::Value(low)}));
      filters.push_back(graph::compare(
          field("number"), with_high ? graph::Compare::less_or_equal : graph::Compare::less,
          Reading::value, {json::Value(high)}));
      wanted.push_back([=](const auto& entry) {
        return entry.number && (with_low ? *entry.number >= low : *entry.number > low) &&
               (with_high ? *entry.number <= high : *entry.number < high);
      });
      return;
    }
    case 2: {
      const std::string one = "tag" + std::to_string(pick(6));
      const std::string two = "tag" + std::to_string(pick(6));
      const bool from = pick(3) == 0;
      filters.push_back(from ? graph::compare(field("tag"), graph::Compare::greater, Reading::text,
                                              {json::Value(one)})
                             : graph::equal_text(field("tag"), {one, two}));
      wanted.push_back([=](const auto& entry) {
        return std::any_of(entry.tags.begin(), entry.tags.end(), [&](const auto& tag) {
          return from ? tag > one : tag == one || tag == two;
        });
      });
      return;
    }
    default: {
      std::vector<graph::ElementKind> kinds;
      std::vector<graph::Target> targets;
      if (pick(2) == 0)
        kinds = {pick(2) == 0 ? party_edge : supporting_edge};
      for (unsigned count = 1 + pick(2); count > 0; --count)
        targets.push_back({pick(2) == 0 ? party : service, "id-" + std::to_string(pick(80))});
      filters.push_back(graph::has_edge(kinds, targets));
      wanted.push_back([kinds, targets](const auto& entry) {
        return std::any_of(entry.edges.begin(), entry.edges.end(), [&](const auto& edge) {
          return (kinds.empty() ||
                  std::find(kinds.begin(), kinds.end(), edge.first) != kinds.end()) &&
                 std::find(targets.begin(), targets.end(), edge.second) != targets.end();
        });
      });
    }
    }
  }

  void add_id(std::vector<graph::Filter>& filters, std::vector<Wanted>& wanted) {
    const std::string id = "id-" + std::to_string(pick(60));
    filters.push_back(graph::equal_text({.end = graph::FieldPath::End::id}, {id, "nobody"}));
    wanted.push_back([id](const auto& entry) { return entry.id == id; });
  }

  /// Alternatives, opposites and conditions of their own together.
  graph::Filter some_filter(std::vector<Wanted>& wanted) {
    std::vector<graph::Filter> filters;
    for (unsigned count = pick(3); count > 0; --count)
      add_condition(filters, wanted);
    if (pick(4) == 0) {
      std::vector<Wanted> others;
      std::vector<graph::Filter> alternatives;
      add_condition(alternatives, others);
      if (pick(3) == 0)
        add_id(alternatives, others);
      else
        add_condition(alternatives, others);
      if (alternatives.size() == 2) {
        const bool turned = pick(3) == 0;
        graph::Filter any = graph::any_of(std::move(alternatives));
        filters.push_back(turned ? graph::none_of(std::move(any)) : std::move(any));
        wanted.push_back([others, turned](const auto& entry) {
          return turned != (others[0](entry) || others[1](entry));
        });
      }
    }
    if (pick(4) == 0) {
      filters.push_back(graph::residual(
          {"even", "", [](const graph::Record& record) { return record.id().size() % 2 == 0; }}));
      wanted.push_back([](const auto& entry) { return entry.id.size() % 2 == 0; });
    }
    if (pick(8) == 0)
      add_id(filters, wanted);
    return graph::all_of(std::move(filters));
  }

  void check_query(const graph::Revision& revision) {
    graph::Query query;
    query.which = pick(4) == 0 ? graph::Which::expected : graph::Which::actual;
    if (pick(3) != 0)
      query.families = {pick(2) == 0 ? service : party};
    std::vector<Wanted> wanted;
    query.filter = some_filter(wanted);
    // 0: creation, 1: name, 2: number
    const unsigned order = pick(3);
    const bool descending = pick(2) == 0;
    if (order == 1)
      query.order.push_back(sort_key("name", Reading::text, descending));
    if (order == 2)
      query.order.push_back(sort_key("number", Reading::value, descending));
    query.offset = pick(2) == 0 ? 0 : pick(30);
    query.limit = pick(2) == 0 ? 1000 : pick(10);

    std::vector<const Model::Entry*> matches;
    for (const auto& each : model_.entries) {
      const Model::Entry& entry = each.second;
      if (entry.which == query.which &&
          (query.families.empty() || query.families.front() == entry.family) &&
          std::all_of(wanted.begin(), wanted.end(),
                      [&entry](const Wanted& holds) { return holds(entry); }))
        matches.push_back(&entry);
    }
    using SortValue = std::optional<std::pair<int, std::string>>;
    const auto sort_value = [&](const Model::Entry& entry) -> SortValue {
      if (order == 1)
        return entry.name ? SortValue({0, *entry.name}) : std::nullopt;
      return entry.number ? SortValue({*entry.number, ""}) : std::nullopt;
    };
    std::sort(matches.begin(), matches.end(), [&](const auto* a, const auto* b) {
      if (order == 0)
        return a->created < b->created;
      const auto left = sort_value(*a);
      const auto right = sort_value(*b);
      if (left.has_value() != right.has_value())
        return left.has_value();
      if (left != right)
        return descending ? *right < *left : *left < *right;
      return a->created < b->created;
    });
    const auto page = revision.query(query);
    REQUIRE(page);
    REQUIRE(page->total == matches.size());
    const std::size_t begin = std::min<std::size_t>(query.offset, matches.size());
    const std::size_t end = std::min<std::size_t>(begin + query.limit, matches.size());
    REQUIRE(page->records.size() == end - begin);
    for (std::size_t at = begin; at < end; ++at)
      REQUIRE(page->records[at - begin]->key() ==
              graph::Key{0, matches[at]->family, matches[at]->id});
    REQUIRE(page->begin == begin);
    std::vector<graph::Key> keys;
    for (const Model::Entry* entry : matches)
      keys.push_back({0, entry->family, entry->id});
    cursors_.check(revision, query, keys, random_);
  }

  std::mt19937 random_;
  std::uint64_t keep_entries_;
  Place place_;
  Model model_;
  CursorChecks cursors_;
};

} // namespace

TEST_CASE("the store holds what a plain model holds, also after opening again") {
  for (const unsigned seed : {1U, 2U, 3U, 4U}) {
    CAPTURE(seed);
    Walk(seed, seed % 2 == 0 ? 0 : 30).run(4);
  }
}

TEST_CASE("a query that would look at too much is refused") {
  const Place place;
  EmbeddedOptions options = place.options();
  options.query_limits.max_visited = 10;
  auto store = EmbeddedStore::open(options).value();
  for (int number = 0; number < 20; ++number)
    REQUIRE(put(*store, Draft(service, std::to_string(number)).set(word_number, number)));
  graph::Query query;
  query.families = {service};
  query.filter = graph::residual({"all", "", [](const graph::Record&) { return true; }});
  const auto page = store->newest()->query(query);
  REQUIRE_FALSE(page);
  CHECK(page.error().code == ErrorCode::too_large);
  query.filter = {};
  query.limit = 3;
  CHECK(store->newest()->query(query)->total == 20);
  query.filter = graph::in_index("nowhere");
  CHECK(store->newest()->query(query).error().code == ErrorCode::invalid);
}

TEST_CASE("a search ends when its time is up and when nobody waits for it") {
  const Place place;
  EmbeddedOptions options = place.options();
  options.query_limits.max_microseconds = 1000;
  auto store = EmbeddedStore::open(options).value();
  for (int number = 0; number < 1000; ++number)
    REQUIRE(put(*store, Draft(service, std::to_string(number)).set(word_number, number)));
  ManualClock clock;
  graph::Query query;
  query.families = {service};
  query.filter = graph::residual({"slow", "", [&clock](const graph::Record&) {
                                    clock.advance_microseconds(100);
                                    return true;
                                  }});
  const auto& revision = dynamic_cast<const StateRevision&>(*store->newest());
  const auto run = [&](const Cancellation& cancellation) {
    return QueryRun(revision.state(), store->schema(),
                    {.clock = &clock, .max_microseconds = 1000, .cancellation = cancellation},
                    query)
        .run();
  };
  const auto late = run({});
  REQUIRE_FALSE(late);
  CHECK(late.error().code == ErrorCode::too_large);
  CancellationSource gone;
  gone.request();
  const auto pointless = store->newest()->query(query, gone.token());
  REQUIRE_FALSE(pointless);
  CHECK(pointless.error().code == ErrorCode::unavailable);
}

namespace {

/// Counts how often it is asked.
class AskedClock final : public Clock {
public:
  [[nodiscard]] Timestamp now() const override {
    ++asked;
    return {};
  }
  mutable std::uint64_t asked = 0;
};

} // namespace

TEST_CASE("sorting looks at the time, too") {
  const Place place;
  auto store = EmbeddedStore::open(place.options()).value();
  for (int number = 0; number < 2000; ++number)
    REQUIRE(put(*store, Draft(service, std::to_string(number)).set(word_number, number % 7)));
  const auto& revision = dynamic_cast<const StateRevision&>(*store->newest());
  const auto looks = [&](std::uint64_t limit) {
    AskedClock clock;
    graph::Query query;
    query.families = {service};
    query.order = {sort_key("number", Reading::value, true),
                   sort_key("name", Reading::text, false)};
    query.limit = limit;
    REQUIRE(QueryRun(revision.state(), store->schema(),
                     {.clock = &clock, .max_microseconds = 1000, .cancellation = {}}, query)
                .run());
    return clock.asked;
  };
  CHECK(looks(2000) > looks(1));
}

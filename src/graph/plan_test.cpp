#include "graph/change.h"

#include <doctest/doctest.h>

#include <array>
#include <map>
#include <memory>
#include <utility>

using namespace diffo;
using namespace diffo::graph;

namespace {

constexpr Family service = 1;
constexpr ElementKind service_root = 1;
constexpr ElementKind relationship = 2;
constexpr ElementKind place = 3;

ElementDefinition element_of(ElementKind kind, ElementRole role) {
  ElementDefinition definition;
  definition.kind = kind;
  definition.role = role;
  definition.guards_target = kind == relationship;
  return definition;
}

const Schema& schema() {
  static constexpr std::array<std::string_view, 1> words{"name"};
  static const Schema schema(words, {{.family = service, .name = "service"}},
                             {element_of(service_root, ElementRole::root),
                              element_of(relationship, ElementRole::edge),
                              element_of(place, ElementRole::edge)},
                             {});
  return schema;
}

Element edge(ElementKind kind, std::string target) {
  Element element;
  element.kind = kind;
  element.target = Target{service, std::move(target)};
  return element;
}

RecordRef make_record(const std::string& id, std::vector<Element> edges) {
  RecordDraft draft;
  draft.key = Key(0, service, id);
  draft.created_at = 1'000'000;
  draft.root.kind = service_root;
  draft.root.children = std::move(edges);
  return encode(draft, schema().dictionary());
}

/// A revision of a few records, in the order of their ids.
class FewRecords final : public Revision {
public:
  void put(const RecordRef& record) { records_.insert_or_assign(record->id(), record); }

  Sequence sequence() const override { return 1; }
  const Schema& schema() const override { return ::schema(); }
  RecordRef find(const KeyView& key) const override {
    const auto found = records_.find(std::string(key.id));
    return found == records_.end() ? RecordRef() : found->second;
  }
  void referrers(const KeyView& key,
                 const std::function<bool(const Referrer&)>& visit) const override {
    bool more = true;
    for (const auto& [id, record] : records_)
      for_each_edge(record->root(schema().dictionary()), [&](const ElementView& edge) {
        if (more && edge.target_id().text() == key.id)
          more = visit({record, edge.kind()});
      });
  }
  std::uint64_t count_referrers(const KeyView&) const override { return 0; }
  /// Everything there is.
  Result<Page> query(const Query&, const Cancellation&) const override {
    Page page;
    for (const auto& [id, record] : records_)
      page.records.push_back(record);
    return page;
  }
  void for_each(Tenant, const std::function<bool(const RecordRef&)>&) const override {}
  std::uint64_t record_count() const override { return records_.size(); }

private:
  std::map<std::string, RecordRef> records_;
};

std::vector<std::string> referrers_seen(const FetchPlan& plan, const std::string& of) {
  const auto revision = std::make_shared<FewRecords>();
  revision->put(make_record("a", {edge(place, "target")}));
  revision->put(make_record("b", {edge(place, "target")}));
  revision->put(make_record("c", {edge(relationship, "target")}));
  revision->put(make_record("target", {}));
  Recorder recorder;
  Subgraph subgraph(revision, plan, &recorder, Unplanned::refuse);
  const std::vector<ElementKind> kinds = plan.referrers.front().kinds;
  std::vector<std::string> seen;
  subgraph.referrers(Key(0, service, of), kinds, [&](const Referrer& referrer) {
    CHECK(subgraph.find(referrer.record->key()));
    seen.push_back(referrer.record->id());
    return true;
  });
  CHECK(subgraph.complete() == (of == "target"));
  CHECK(recorder.footprint().records.size() == seen.size());
  CHECK(recorder.footprint().referrers.size() == (of == "target" ? 1 : 0));
  return seen;
}

FetchPlan plan_with_referrers(std::vector<ElementKind> kinds) {
  FetchPlan plan;
  plan.records.emplace_back(0, service, "target");
  plan.referrers.push_back({Key(0, service, "target"), std::move(kinds), 2});
  return plan;
}

} // namespace

TEST_CASE("a bounded plan without kinds may hide the referrer that matters") {
  CHECK(referrers_seen(plan_with_referrers({}), "target") == std::vector<std::string>{"a", "b"});
}

TEST_CASE("a plan for the guarding kinds shows the referrer behind others") {
  CHECK(schema().guarding_kinds() == std::vector<ElementKind>{relationship});
  CHECK(referrers_seen(plan_with_referrers(schema().guarding_kinds()), "target") ==
        std::vector<std::string>{"c"});
}

TEST_CASE("referrers of a record that the plan does not name are refused") {
  CHECK(referrers_seen(plan_with_referrers({}), "a").empty());
}

TEST_CASE("absent and not fetched are different answers, and what was not fetched is missing") {
  const auto revision = std::make_shared<FewRecords>();
  revision->put(make_record("a", {edge(place, "b"), edge(relationship, "c")}));
  revision->put(make_record("b", {edge(place, "d")}));
  revision->put(make_record("d", {}));
  FetchPlan plan;
  plan.records.emplace_back(0, service, "nobody");
  plan.walks.push_back({{Key(0, service, "a")},
                        {{Direction::out, {place}, {}, 10}, {Direction::out, {place}, {}, 10}}});
  const auto state_of = [](Subgraph& subgraph, const char* id) {
    return subgraph.fetch(Key(0, service, id)).state;
  };
  Subgraph subgraph(revision, plan, nullptr, Unplanned::refuse);
  CHECK(state_of(subgraph, "nobody") == Fetched::State::absent);
  for (const char* id : {"a", "b", "d"})
    CHECK(state_of(subgraph, id) == Fetched::State::present);
  CHECK(subgraph.complete());
  CHECK(state_of(subgraph, "c") == Fetched::State::not_fetched);
  REQUIRE(subgraph.missing().records.size() == 1);
  CHECK(subgraph.missing().records.front().id == "c");
  plan.extend(subgraph.missing());
  Subgraph larger(revision, plan, nullptr, Unplanned::refuse);
  CHECK(state_of(larger, "c") == Fetched::State::absent);
  CHECK(larger.complete());
  Subgraph serving(revision, {}, nullptr, Unplanned::serve);
  CHECK(state_of(serving, "b") == Fetched::State::present);
  CHECK(serving.complete());
}

TEST_CASE("a walk against the edges lets the referrers on its way be read") {
  const auto revision = std::make_shared<FewRecords>();
  revision->put(make_record("a", {edge(place, "t")}));
  revision->put(make_record("b", {edge(relationship, "a")}));
  FetchPlan plan;
  plan.walks.push_back(
      {{Key(0, service, "t")},
       {{Direction::in, {place}, {}, 10}, {Direction::in, {relationship}, {}, 10}}});
  Subgraph subgraph(revision, plan, nullptr, Unplanned::refuse);
  std::string seen;
  const auto visit = [&seen](const Referrer& referrer) {
    seen += referrer.record->id();
    return true;
  };
  CHECK(subgraph.referrers(Key(0, service, "t"), {place}, visit) == Seen::all);
  CHECK(subgraph.referrers(Key(0, service, "a"), {relationship}, visit) == Seen::all);
  CHECK(seen == "ab");
  CHECK(subgraph.referrers(Key(0, service, "a"), {}, visit) == Seen::not_fetched);
  CHECK(subgraph.missing().referrers.size() == 1);
  plan.walks.front().hops.front().most = 0;
  Subgraph cut(revision, plan, nullptr, Unplanned::refuse);
  CHECK(cut.referrers(Key(0, service, "t"), {place}, visit) == Seen::cut);
}

TEST_CASE("what the records of a page refer to comes with them where the plan says so") {
  const auto revision = std::make_shared<FewRecords>();
  revision->put(make_record("a", {edge(place, "t"), edge(relationship, "u")}));
  FetchPlan plan{.queries = {Query{}}, .page_edges = {place}};
  Subgraph subgraph(revision, plan, nullptr, Unplanned::refuse);
  CHECK(subgraph.fetch(Key(0, service, "t")).state == Fetched::State::not_fetched);
  Subgraph read(revision, plan, nullptr, Unplanned::refuse);
  REQUIRE(read.page(0));
  CHECK(read.fetch(Key(0, service, "t")).state == Fetched::State::absent);
  CHECK(read.complete());
  CHECK(read.fetch(Key(0, service, "u")).state == Fetched::State::not_fetched);
  CHECK(FetchPlan{.queries = {Query{}}}.page_edges.empty());
}

TEST_CASE("the uuid of a part depends on root, creation and number, and on nothing else") {
  const Key key(7, service, "line-1");
  const PartUuid uuid = part_uuid(key, 1'000'000, 3);
  CHECK(uuid == part_uuid(key, 1'000'000, 3));
  CHECK(uuid != part_uuid(key, 1'000'000, 4));
  CHECK(uuid != part_uuid(key, 1'000'001, 3));
  CHECK(uuid != part_uuid(Key(8, service, "line-1"), 1'000'000, 3));
  CHECK(uuid != part_uuid(Key(7, 2, "line-1"), 1'000'000, 3));
  CHECK((uuid[6] >> 4) == 8);
  CHECK((uuid[8] >> 6) == 2);
}

TEST_CASE("a part that brought a uuid keeps it, others get theirs from the record") {
  Element foreign = edge(place, "x");
  foreign.uuid = PartUuid{1, 2, 3};
  const RecordRef record = make_record("a", {foreign, edge(place, "y")});
  ElementView part;
  ChildCursor parts = record->root(schema().dictionary()).children();
  REQUIRE(parts.next(part));
  CHECK(record->part_uuid(part) == PartUuid{1, 2, 3});
  REQUIRE(parts.next(part));
  CHECK(record->part_uuid(part) == part_uuid(record->key(), 1'000'000, part.part()));
}

TEST_CASE("a copy of a record can be stamped while others hold the original") {
  const RecordRef record = make_record("a", {edge(place, "y")});
  const RecordRef other_holder = record;
  RecordRef fresh = copy(*record);
  CHECK(fresh->bytes() == record->bytes());
  stamp(fresh, 9, 1, 2);
  CHECK(fresh->sequence() == 9);
  CHECK(other_holder->sequence() == 0);
}

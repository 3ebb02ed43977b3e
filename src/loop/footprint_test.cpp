// Footprints of evaluations: what changes outside of one changes nothing.
#include "graph/compiled_filter.h"
#include "graph/conflicts.h"
#include "loop/evaluate.h"
#include "loop/record_view.h"
#include "testing/document_maker.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <memory>

using namespace diffo;

namespace {

constexpr std::int64_t noon = 1'704'196'800'000'000; // 2024-01-02T12:00:00Z

const graph::Schema& schema() {
  return model::inventory_schema();
}

/// A few records by key; a plain value.
class World final : public graph::Revision {
public:
  std::map<graph::Key, graph::RecordRef> records;

  graph::Sequence sequence() const override { return 1; }
  const graph::Schema& schema() const override { return ::schema(); }
  graph::RecordRef find(const graph::KeyView& key) const override {
    const auto found = records.find(graph::Key(key));
    return found == records.end() ? graph::RecordRef() : found->second;
  }
  void referrers(const graph::KeyView& key,
                 const std::function<bool(const graph::Referrer&)>& visit) const override {
    for (const auto& [from, record] : records) {
      std::vector<graph::ElementKind> kinds;
      graph::for_each_edge(
          record->root(schema().dictionary()), [&](const graph::ElementView& edge) {
            if (edge.target_family() == key.family && edge.target_id().equals(key.id) &&
                std::find(kinds.begin(), kinds.end(), edge.kind()) == kinds.end())
              kinds.push_back(edge.kind());
          });
      for (const graph::ElementKind kind : kinds)
        if (!visit({record, kind}))
          return;
    }
  }
  std::uint64_t count_referrers(const graph::KeyView&) const override { return 0; }
  Result<graph::Page> query(const graph::Query& query, const Cancellation&) const override {
    const auto filter = TRY(graph::CompiledFilter::compile(query.filter, schema()));
    graph::Page page;
    for (const auto& [key, record] : records)
      if (record->which() == query.which &&
          std::find(query.families.begin(), query.families.end(), key.family) !=
              query.families.end() &&
          filter.holds(*record))
        page.records.push_back(record);
    page.total = page.records.size();
    return page;
  }
  void for_each(graph::Tenant, const std::function<bool(const graph::RecordRef&)>&) const override {
  }
  std::uint64_t record_count() const override { return records.size(); }

  void put(const graph::Key& key, graph::RecordDraft draft, graph::Sequence sequence) {
    draft.key = key;
    graph::RecordRef record = graph::encode(draft, schema().dictionary());
    const graph::RecordRef before = find(key);
    const auto time = noon - 1'000'000 + static_cast<std::int64_t>(sequence);
    graph::stamp(record, sequence, before ? before->created_at() : time, time);
    records[key] = std::move(record);
  }
};

int pick(int below) {
  return *rc::gen::inRange(0, below);
}

model::Api api_of(const graph::Key& key) {
  return key.family == model::family_service ? model::Api::service : model::Api::resource;
}

model::Version some_version() {
  return pick(2) == 0 ? model::Version::v4 : model::Version::v5;
}

graph::Key some_key() {
  return {0, pick(3) == 0 ? model::family_resource : model::family_service,
          std::to_string(1 + pick(2))};
}

json::Value some_document(model::Api api, model::Version version) {
  const auto supply =
      *rc::gen::container<std::vector<std::uint32_t>>(200, rc::gen::arbitrary<std::uint32_t>());
  json::Value document = testing::DocumentMaker(supply, api, version).document();
  // So that hops, nested expectations and filters find something.
  if (pick(2) == 0) {
    const bool service = api == model::Api::service;
    json::Object relation{{"relationshipType", "uses"}};
    relation.set(service ? "service" : "resource", json::Object{{"id", pick(2) == 0 ? "1" : "2"}});
    document.object().set(service ? "serviceRelationship" : "resourceRelationship",
                          json::Array{std::move(relation)});
  }
  return document;
}

/// One attribute otherwise, or one member of one item of a list.
void change(json::Value& document, model::Api api, model::Version version) {
  json::Object& members = document.object();
  const auto member = members.begin() + pick(static_cast<int>(members.size()));
  json::Array* items = member->value.if_array();
  const json::Value other = some_document(api, version);
  if (items != nullptr && !items->empty() && pick(3) != 0) {
    json::Value& item = (*items)[static_cast<std::size_t>(pick(static_cast<int>(items->size())))];
    if (item.is_object() && !item.object().empty() && pick(4) != 0) {
      json::Object& inner = item.object();
      const auto changed = inner.begin() + pick(static_cast<int>(inner.size()));
      changed->value = pick(2) == 0 ? json::Value("changed") : json::Value(pick(3));
    } else if (pick(2) == 0) {
      items->push_back(item);
    } else {
      std::swap(item, items->front());
    }
    return;
  }
  const json::Object& donor = other.object();
  const auto given = donor.begin() + pick(static_cast<int>(donor.size()));
  if (given->name != "id")
    members.set(given->name, given->value);
}

json::Value expected_of(const json::Value& value, int depth);

json::Value some_members(const json::Object& object, int depth) {
  json::Object expected;
  for (const json::Member& member : object)
    if (pick(3) == 0)
      expected.set(member.name, expected_of(member.value, depth - 1));
  return expected;
}

json::Value expected_of(const json::Value& value, int depth) {
  if (const json::Array* items = value.if_array(); items != nullptr && depth > 0) {
    json::Array expected;
    for (const json::Value& item : *items)
      if (pick(3) != 0)
        expected.push_back(item.is_object() ? some_members(item.object(), depth) : item);
    switch (pick(6)) {
    case 0:
      return json::Object{{"$only", std::move(expected)}};
    case 1:
      return json::Object{{"$list", std::move(expected)}};
    case 2:
      return json::Object{{"$allOf", std::move(expected)}};
    default:
      return expected;
    }
  }
  if (value.is_object() && depth > 0) {
    json::Value expected = some_members(value.object(), depth);
    if (value.find("id") != nullptr && pick(2) == 0) {
      expected.object().set("id", *value.find("id"));
      expected.object().set("expect", json::Object{{pick(2) == 0 ? "state" : "name", "active"}});
    }
    return expected;
  }
  switch (pick(8)) {
  case 0:
    return json::Object{{"$absent", pick(2) == 0}};
  case 1:
    return json::Object{{"$any", "string"}};
  case 2:
    return json::Object{{"$is", pick(2) == 0 ? "past_date_time" : "future_date_time"}};
  case 3:
    return json::Object{{"$noneOf", json::Array{value}}};
  case 4:
    return json::Object{{"$regex", "a"}};
  default:
    return value;
  }
}

json::Value some_target() {
  switch (pick(6)) {
  case 0:
    return json::Object{{"filter", pick(2) == 0 ? "state=active" : "relatedParty.role=customer"}};
  case 1:
    return json::Object{{"of", "1"}, {"via", json::Array{pick(2) == 0 ? "->uses" : "<-uses"}}};
  case 2:
    return json::Object{{"kind", "1"}, {"key", json::Object{{"name", "x"}}}};
  default:
    return json::Object{{"id", pick(2) == 0 ? "1" : "2"},
                        {"family", pick(3) == 0 ? "resource" : "service"}};
  }
}

/// All that an evaluation says, as one text. The sequence of the record is left out: it tells which
/// version was looked at, not what came of it.
std::string evaluated(const World& world, const loop::ExpectationDocument& expectation,
                      const loop::EvaluateOptions& options, graph::Footprint* footprint) {
  graph::Recorder recorder;
  graph::Subgraph subgraph(std::make_shared<World>(world), {}, &recorder, graph::Unplanned::serve);
  const auto residue = loop::evaluate(expectation, subgraph, options);
  if (footprint != nullptr)
    *footprint = residue ? residue->footprint : recorder.take();
  if (!residue)
    return residue.error().text();
  std::string all;
  for (const loop::TargetResidue& target : residue->targets) {
    const outstanding::Evaluation& evaluation = target.evaluation;
    all += target.family + '/' + target.id + (target.sequence != 0 ? " is " : " is not ");
    all += evaluation.residue ? json::to_text(*evaluation.residue) : "met";
    all += std::to_string(evaluation.unmet);
    all += json::to_text(outstanding::explanation_json(evaluation, options.now)) + '\n';
  }
  if (residue->next_flip)
    all += std::to_string(residue->next_flip->microseconds);
  return all;
}

World some_world() {
  World world;
  graph::Sequence sequence = 0;
  for (const graph::Family family : {model::family_service, model::family_resource})
    for (const char* id : {"1", "2"}) {
      const graph::Key key(0, family, id);
      const model::Version version = some_version();
      auto draft = tmf::decode(some_document(api_of(key), version), api_of(key), version,
                               model::inventory_schema(), testing::context());
      if (draft && pick(6) != 0)
        world.put(key, std::move(*draft), ++sequence);
    }
  return world;
}

/// Another version of the record, or none; false when there is no such change.
bool change_one(World& world, const graph::Key& key) {
  const graph::RecordRef present = world.find(key);
  const model::Version version = some_version();
  json::Value document =
      present ? testing::shown(*present, version) : some_document(api_of(key), version);
  if (present && pick(12) == 0) {
    world.records.erase(key);
    return true;
  }
  change(document, api_of(key), version);
  auto draft =
      tmf::decode(document, api_of(key), version, model::inventory_schema(), testing::context());
  if (draft)
    world.put(key, std::move(*draft), 100);
  return draft.has_value();
}

json::Value some_expectation(const World& world) {
  static constexpr const char* profiles[] = {"v5", "v4", "diffo", "reference"};
  const char* profile = profiles[std::min(pick(6), 3)];
  const graph::RecordRef like = world.find(some_key());
  const model::Version version =
      std::string_view(profile) == "v4" ? model::Version::v4 : model::Version::v5;
  const json::Value document =
      like ? testing::shown(*like, version) : some_document(model::Api::service, version);
  return json::Object{{"target", some_target()},
                      {"profile", profile},
                      {"expect", some_members(document.object(), 4)}};
}

loop::EvaluateOptions some_options() {
  loop::EvaluateOptions options;
  options.now = {noon};
  if (pick(2) == 0)
    return options;
  options.explain = outstanding::Explain::yes;
  options.writer = [](graph::Sequence sequence) { return std::to_string(sequence); };
  if (pick(2) == 0)
    options.history = [](const graph::KeyView&, graph::Sequence) {
      return std::optional<loop::EarlierVersion>({{}, noon - 2'000'000});
    };
  return options;
}

} // namespace

TEST_CASE("what changes outside of the footprint of an evaluation changes nothing of it") {
  CHECK(rc::check([] {
    const World world = some_world();
    const json::Value document = some_expectation(world);
    const auto expectation = loop::ExpectationDocument::parse(document, model::inventory_schema());
    if (!expectation)
      return; // an attribute is called like a matcher
    const loop::EvaluateOptions options = some_options();
    graph::Footprint footprint;
    const std::string before = evaluated(world, *expectation, options, &footprint);
    const auto conflicts = graph::Conflicts::of(footprint, schema());
    RC_ASSERT(conflicts.has_value());
    for (int round = 0; round < 8; ++round) {
      World other = world;
      const graph::Key key = some_key();
      if (!change_one(other, key))
        continue;
      const bool inside = conflicts->meets(key, world.find(key), other.find(key));
      const std::string after = evaluated(other, *expectation, options, nullptr);
      if (round == 0)
        RC_TAG(std::string(inside ? "inside" : "outside") +
               (before == after ? ", the same" : ", otherwise"));
      if (!inside && before != after)
        RC_FAIL(json::to_text(document) + "\n" + before + "\n" + after);
    }
  }));
}

TEST_CASE("what changes inside of a footprint matters, or could have") {
  const graph::Key key(0, model::family_service, "1");
  const auto draft_of = [](const char* text) {
    return tmf::decode(testing::parsed(text), model::Api::service, model::Version::v5,
                       model::inventory_schema(), testing::context())
        .value();
  };
  constexpr const char* actual =
      R"({"@type": "Service", "state": "active", "name": "n", "description": "d",
          "serviceSpecification": {"@type": "ServiceSpecificationRef", "id": "s"},
          "serviceCharacteristic": [{"name": "a", "value": 1, "valueType": "x"},
                                    {"name": "b", "value": 2, "valueType": "x"}]})";
  World world;
  world.put(key, draft_of(actual), 1);
  const auto expectation =
      loop::ExpectationDocument::parse(testing::parsed(
                                           R"({"target": {"id": "1", "family": "service"},
          "expect": {"state": "inactive", "description": {"$regex": "^d"},
                     "serviceCharacteristic": [{"name": "a", "value": {"$gte": 5}}]}})"),
                                       model::inventory_schema());
  REQUIRE(expectation);
  loop::EvaluateOptions options;
  options.now = {noon};
  options.explain = outstanding::Explain::yes;
  graph::Footprint footprint;
  const std::string before = evaluated(world, *expectation, options, &footprint);
  const auto conflicts = graph::Conflicts::of(footprint, schema()).value();
  struct Row {
    const char* from;
    const char* to;
    bool inside;
    bool differs;
  };
  for (const Row& row : {
           Row{R"("active")", R"("terminated")", true, true}, // shown as the actual
           Row{R"("value": 1)", R"("value": 3)", true, true},
           Row{R"("name": "a")", R"("name": "c")", true, true},
           // Another text that the pattern finds too: only a pattern can tell which do.
           Row{R"("description": "d")", R"("description": "dd")", true, false},
           // An item that has another key: which item is meant is not told by paths.
           Row{R"("value": 2)", R"("value": 3)", true, false},
           Row{R"("name": "b")", R"("name": "c")", true, false},
           Row{R"("name": "n")", R"("name": "m")", false, false},
           Row{R"("valueType": "x")", R"("valueType": "y")", false, false},
           Row{R"("description": "d")", R"("description": "d", "isBundle": true)", false, false},
       }) {
    CAPTURE(row.to);
    std::string text = actual;
    text.replace(text.find(row.from), std::string_view(row.from).size(), row.to);
    World other = world;
    other.put(key, draft_of(text.c_str()), 2);
    CHECK(conflicts.meets(key, world.find(key), other.find(key)) == row.inside);
    CHECK((evaluated(other, *expectation, options, nullptr) != before) == row.differs);
  }
}

TEST_CASE("what is looked at member by member is the document") {
  CHECK(rc::check([] {
    const graph::Key key = some_key();
    const model::Version version = some_version();
    auto draft = tmf::decode(some_document(api_of(key), version), api_of(key), version,
                             model::inventory_schema(), testing::context());
    if (!draft)
      return;
    World world;
    world.put(key, std::move(*draft), 1);
    graph::Subgraph subgraph(std::make_shared<World>(world));
    using outstanding::Profile;
    for (const Profile profile : {Profile::v4, Profile::v5, Profile::diffo, Profile::reference}) {
      const json::Value document = loop::document_of(*world.find(key), profile, subgraph).value();
      const auto view = loop::view_of(world.find(key), profile, subgraph).value();
      for (const json::Member& member : document.object()) {
        const json::Value* found = view->member(member.name);
        if (found == nullptr || *found != member.value)
          RC_FAIL(member.name + " of " + json::to_text(document));
      }
      for (const char* other : {"places", "internalState", "no such attribute", ""})
        RC_ASSERT((view->member(other) != nullptr) == (document.find(other) != nullptr));
      RC_ASSERT(view->whole() == document);
    }
  }));
}

TEST_CASE("what a record shows is met when it is expected of it, wherever it was shown") {
  std::size_t judged = 0;
  CHECK(rc::check([&judged] {
    const World world = some_world();
    const graph::Key key = some_key();
    const graph::RecordRef record = world.find(key);
    if (!record)
      return;
    const model::Version version = some_version();
    std::string text;
    tmf::emit(*record, version, {.schema = schema(), .api_base = "https://elsewhere/api"}, nullptr,
              text);
    const auto expectation = loop::ExpectationDocument::parse(
        json::Object{
            {"target", json::Object{{"id", key.id},
                                    {"family", key.family == model::family_service ? "service"
                                                                                   : "resource"}}},
            {"profile", version == model::Version::v4 ? "v4" : "v5"},
            {"expect", testing::parsed(text)}},
        schema());
    if (!expectation)
      return; // an attribute is called like a matcher
    ++judged;
    RC_LOG() << text;
    graph::Subgraph subgraph(std::make_shared<World>(world), {}, nullptr, graph::Unplanned::serve);
    const auto residue = loop::evaluate(*expectation, subgraph, some_options());
    RC_ASSERT(residue.has_value());
    RC_LOG() << evaluated(world, *expectation, some_options(), nullptr);
    RC_ASSERT(!residue->outstanding());
  }));
  CHECK(judged > 50);
}

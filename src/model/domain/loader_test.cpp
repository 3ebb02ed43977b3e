#include "model/domain/loader.h"

#include "model/domain/grammar.h"
#include "model/domain/print.h"
#include "model/domain/starter.h"
#include "model/domain/verify.h"
#include "model/domain/yaml.h"
#include "testing/test_models.h"

#include <doctest/doctest.h>

#include <set>

using namespace diffo;
using namespace diffo::model;

namespace {

LoadedModel load(std::string_view text) {
  const ModelSource source{"m.yaml", std::string(text)};
  return load_model({&source, 1});
}

std::string problems_of(std::string_view text) {
  std::string out;
  for (const ModelProblem& problem : load(text).problems)
    out += problem.text() + "\n";
  return out;
}

/// The section.key of every key that a document uses, by the blocks of the grammar.
void collect(const json::Value& value, std::string_view section, std::set<std::string>& used) {
  if (!value.is_object())
    return;
  for (const auto& [key, member] : value.object()) {
    const grammar::Row* row = grammar::find(section, key);
    if (row == nullptr)
      continue;
    used.insert(std::string(section) + '.' + key);
    if (row->form == grammar::Form::block)
      collect(member, row->of, used);
    if (row->form == grammar::Form::blocks)
      for (const auto& [name, item] : member.object())
        collect(item, row->of, used);
    if (row->form == grammar::Form::list)
      for (const json::Value& item : member.array())
        collect(item, row->of, used);
  }
}

} // namespace

TEST_CASE("the shared models load, and read back equal as JSON and as YAML") {
  for (const std::string_view text :
       {testing::servo_yaml, testing::nbn_yaml, testing::everything_yaml}) {
    const LoadedModel loaded = load(text);
    CHECK(problems_of(text) == "");
    REQUIRE(loaded.model.domains.size() == 1);
    const json::Value printed = to_json(loaded.model.domains.front());
    for (const std::string& again : {json::to_text(printed), yaml::to_text(printed)}) {
      CAPTURE(again);
      const LoadedModel second = load(again);
      CHECK(second.problems.empty());
      CHECK(second.model == loaded.model);
      CHECK(json::to_text(to_json(second.model.domains.front())) == json::to_text(printed));
    }
  }
}

TEST_CASE("every key of the grammar is used by a shared model, and what says something is kept") {
  const auto read = yaml::read(testing::everything_yaml);
  std::set<std::string> used;
  collect(yaml::value_of(read.documents.front()), "document", used);
  std::set<std::string> printed;
  collect(to_json(load(testing::everything_yaml).model.domains.front()), "document", printed);
  for (const grammar::Section& section : grammar::sections())
    for (const grammar::Row& row : grammar::rows_of(section.name)) {
      const std::string key = std::string(row.section) + '.' + std::string(row.key);
      CAPTURE(key);
      CHECK((key == "field.one_of" || used.contains(key)));
      CHECK(printed.contains(key) != (key == "field.enum" || key == "action.wire"));
    }
}

TEST_CASE("a kind is read in its short forms") {
  const LoadedModel loaded = load(testing::servo_yaml);
  REQUIRE(loaded.model.domains.size() == 1);
  const DeclaredKind* shelf = loaded.model.domains.front().kind("ShelfInstance");
  REQUIRE(shelf != nullptr);
  CHECK(shelf->base == Base::instance);
  CHECK(shelf->specification->type == "resourceSpecification");
  CHECK(shelf->specification->version() == "v1.2.3");
  CHECK(shelf->at.file == "m.yaml");
  CHECK(shelf->at.line == 12);
  CHECK(shelf->at.column == 3);
  CHECK(shelf->characteristic("shelves")->type.array);
  CHECK(shelf->characteristic("shelves")->type.kind == "ShelfCharacteristic");
  CHECK(shelf->pool("slots")->thing == "slot");
  CHECK(shelf->party("overseer")->type == "Person");
  CHECK(*shelf->party("installer")->max == 3);
  CHECK(shelf->source->of == Permission::Of::all);
  CHECK_FALSE(shelf->target);
  CHECK(shelf->action("build")->does == Action::Does::create);
  CHECK(shelf->action("assign_slot")->pool == "slots");
  const DeclaredKind* access = loaded.model.domains.front().kind("AccessService");
  CHECK(access->inherited_places.front().via ==
        std::vector<Hop>{{Hop::Direction::reverse, Hop::Mechanism::assignment, "", "primary"}});
}

TEST_CASE("durations, exceptions and bounds of pools are read") {
  const LoadedModel loaded = load(testing::everything_yaml);
  const DeclaredKind* access = loaded.model.domains.front().kind("Access");
  REQUIRE(access != nullptr);
  const Pool* ports = access->pool("ports");
  CHECK(ports->lease_seconds == 30);
  CHECK(ports->quarantine_seconds == 86400);
  CHECK(ports->except == std::vector<Span>{{5, 9}, {12, 12}});
  CHECK(*ports->bounds == Span{1, 48});
  CHECK(ports->warn_percent == 80U);
}

TEST_CASE("all problems are found, each with its place and path") {
  struct Case {
    const char* yaml;
    const char* problems;
  };
  const Case cases[] = {
      {"domain: D\nkinds:\n  K:\n    spezification: {}\n    pools: {p: {thing: 7, first: x}}\n    "
       "half: sevice",
       "m.yaml:4:5: kinds.K: there is no key spezification here (did you mean specification?)\n"
       "m.yaml:5:34: kinds.K.pools.p.first: must be a whole number of at most 64 bits\n"
       "m.yaml:6:11: kinds.K.half: must be one of none, service, resource, individual, "
       "organization, address, site, location, got: \"sevice\"\n"},
      {"kinds: {}", "m.yaml:1:1: domain is mandatory\n"},
      {"- a", "m.yaml:1:1: must be a map\n"},
      {"", "m.yaml:1:1: declares no domain\n"},
      {"domain: D\ndomain: E", "m.yaml:2:1: the key domain is there twice\n"},
      {"domain: {}", "m.yaml:1:9: domain: must be a text\n"},
      {"domain: D\nkinds: {K: {pools: {p: {thing: t, quota: -1, warn: 101, lease: 1w, "
       "prefix_length: 129}}}}",
       "m.yaml:2:42: kinds.K.pools.p.quota: must be a whole number from 0 to 9223372036854775807\n"
       "m.yaml:2:52: kinds.K.pools.p.warn: must be a whole number from 0 to 100\n"
       "m.yaml:2:64: kinds.K.pools.p.lease: must be a duration of at most a century: seconds, or "
       "such as 30s, 5m, 1h, 1d\n"
       "m.yaml:2:83: kinds.K.pools.p.prefix_length: must be a whole number from 0 to 128\n"},
      {"domain: D\nkinds: {K: {specification: {id: a, name: b, major_version: "
       "9223372036854775808}}}",
       "m.yaml:2:60: kinds.K.specification.major_version: must be a whole number of at most 64 "
       "bits\n"},
      {"domain: D\nkinds: {K: {characteristics: {c: {type: number, min: 1e999}}}}",
       "m.yaml:2:54: kinds.K.characteristics.c.min: must be a number\n"},
      {"domain: D\nkinds: {K: {inherited_characteristics: {c: {via: [1, \"->\", {forward: {}}, "
       "{up: {assignment: a}}, \"\"]}, d: {via: c}}}}",
       "m.yaml:2:51: kinds.K.inherited_characteristics.c.via.0: inherited_characteristic :c: "
       "invalid via — invalid_hop: 1\n"
       "m.yaml:2:54: kinds.K.inherited_characteristics.c.via.1: inherited_characteristic :c: "
       "invalid via — "
       "relationship_requires_type_or_alias: \"->\"\n"
       "m.yaml:2:60: kinds.K.inherited_characteristics.c.via.2: inherited_characteristic :c: "
       "invalid via — "
       "hop_missing_mechanism: {\"forward\":{}}\n"
       "m.yaml:2:75: kinds.K.inherited_characteristics.c.via.3: inherited_characteristic :c: "
       "invalid via — invalid_hop: "
       "{\"up\":{\"assignment\":\"a\"}}\n"
       "m.yaml:2:98: kinds.K.inherited_characteristics.c.via.4: inherited_characteristic :c: "
       "invalid via — "
       "assignment_requires_alias: \"\"\n"
       "m.yaml:2:113: kinds.K.inherited_characteristics.d.via: inherited_characteristic :d: "
       "invalid via — invalid_via: must be "
       "a list of hops\n"},
      {"domain: D\nkinds: {K: {actions: {a: {}, b: {create: true, assign: p}, c: {update: true, "
       "wire: true}}}}",
       "m.yaml:2:26: kinds.K.actions.a: exactly one of create, update and assign says what it "
       "does\n"
       "m.yaml:2:33: kinds.K.actions.b: exactly one of create, update and assign says what it "
       "does\n"
       "m.yaml:2:84: kinds.K.actions.c.wire: is true of create, and of nothing else\n"},
      {"domain: D\nkinds: {K: {relationships: {source: [], target: some}}}",
       "m.yaml:2:37: kinds.K.relationships.source: relationships: source roles must be :all, "
       ":none, or a "
       "non-empty list of atoms, got: []\n"
       "m.yaml:2:49: kinds.K.relationships.target: relationships: target roles must be :all, "
       ":none, or a "
       "non-empty list of atoms, got: \"some\"\n"},
      {"domain: D\nkinds: {K: {calculations: {a: {type: any}, b: {count: x, sum: y}, c: 1}}}",
       "m.yaml:2:31: kinds.K.calculations.a: exactly one key says how it is worked out\n"
       "m.yaml:2:47: kinds.K.calculations.b: exactly one key says how it is worked out\n"
       "m.yaml:2:70: kinds.K.calculations.c: must be a map\n"},
      {"domain: D\nkinds: {K: {policy: mine}}",
       "m.yaml:2:21: kinds.K.policy: must be managed, everybody, or a map that names the owner\n"},
      {"domain: D\nkinds: {K: {inherited_places: {p: {}}}}",
       "m.yaml:2:35: kinds.K.inherited_places.p: source_role is mandatory\n"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.yaml);
    CHECK(problems_of(one.yaml) == one.problems);
  }
}

TEST_CASE("several documents of several files are several domains") {
  const ModelSource sources[] = {{"a", "domain: A\n---\ndomain: B\n"}, {"b", R"({"domain": "C"})"}};
  const LoadedModel loaded = load_model(sources);
  CHECK(loaded.problems.empty());
  REQUIRE(loaded.model.domains.size() == 3);
  CHECK(loaded.model.domains[1].at.line == 3);
  CHECK(loaded.model.domains[2].name == "C");
}

TEST_CASE("the file to begin with holds together") {
  const LoadedModel loaded = load(starter_model("Mine"));
  CHECK(problems_of(starter_model("Mine")) == "");
  CHECK(verify(loaded.model).empty());
  REQUIRE(loaded.model.domains.size() == 1);
  CHECK(loaded.model.domains.front().name == "Mine");
}

TEST_CASE("a kind, role or chain may be left empty") {
  const LoadedModel loaded = load("domain: D\nkinds:\n  K:\n  L: {parties: {r: }, "
                                  "inherited_characteristics: {card: }, features: {f: }}\n");
  CHECK(loaded.problems.empty());
  const DeclaredKind* kind = loaded.model.domains.front().kind("L");
  REQUIRE(kind != nullptr);
  CHECK(kind->party("r")->type.empty());
  CHECK(kind->inherited_characteristics.front().read == "card");
  CHECK(kind->inherited_characteristics.front().via.size() == 1);
  CHECK(kind->feature("f")->enabled);
}

TEST_CASE("ten thousand kinds are read, and as many problems told") {
  std::string kinds;
  for (int index = 0; index < 10'000; ++index)
    kinds += " K" + std::to_string(index) + ": {half: site, pool: {}}\n";
  const LoadedModel loaded = load("domain: D\nkinds:\n" + kinds);
  CHECK(loaded.model.domains.front().kinds.size() == 10'000);
  REQUIRE(loaded.problems.size() == 10'000);
  CHECK(loaded.problems.back().at.line == 10'002);
}

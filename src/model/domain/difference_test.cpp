#include "model/domain/difference.h"

#include "model/domain/loader.h"
#include "testing/test_models.h"

#include <doctest/doctest.h>

using namespace diffo;
using namespace diffo::model;

namespace {

DomainModel load(const std::string& text) {
  const ModelSource source{"m", text};
  LoadedModel loaded = load_model({&source, 1});
  CHECK(loaded.problems.empty());
  return std::move(loaded.model);
}

DomainModel of_kind(const std::string& parts) {
  return load("domain: D\nkinds: {K: {half: resource, " + parts + "}}");
}

/// `+` added, `-` removed, `~` changed; `!` behind it: incompatible.
std::string told(const DomainModel& before, const DomainModel& now) {
  std::string out;
  for (const ModelChange& change : difference(before, now)) {
    out += change.what == ModelChange::What::added     ? "+"
           : change.what == ModelChange::What::removed ? "-"
                                                       : "~";
    CHECK((change.impact == Impact::incompatible) == !change.why.empty());
    out += change.impact == Impact::incompatible ? "!" : "";
    out += change.path + "\n";
  }
  return out;
}

} // namespace

TEST_CASE("a model does not differ from itself, nor by what its instances do not feel") {
  const DomainModel model = load(std::string(testing::everything_yaml));
  CHECK(told(model, model) == "");
}

TEST_CASE("each change is told with what it means for instances") {
  struct Case {
    const char* before;
    const char* now;
    const char* changes;
  };
  const Case cases[] = {
      {"about: a", "about: b", "~kinds.K.about\n"},
      {"about: a", "attributes: {x: string}", "+kinds.K.attributes.x\n-kinds.K.about\n"},
      {"attributes: {x: string}", "about: a", "+kinds.K.about\n-!kinds.K.attributes.x\n"},
      {"attributes: {x: string}", "attributes: {x: string, y: {type: string, required: true}}",
       "+!kinds.K.attributes.y\n"},
      {"attributes: {x: string}",
       "attributes: {x: string, y: {type: string, required: true, default: a}}",
       "+kinds.K.attributes.y\n"},
      {"attributes: {x: integer}", "attributes: {x: number}", "~kinds.K.attributes.x.type\n"},
      {"attributes: {x: number}", "attributes: {x: integer}", "~!kinds.K.attributes.x.type\n"},
      {"attributes: {x: string}", "attributes: {x: [string]}", "~!kinds.K.attributes.x.type\n"},
      {"attributes: {x: {type: integer, min: 1, max: 9}}",
       "attributes: {x: {type: integer, min: 0, max: 10}}",
       "~kinds.K.attributes.x.min\n~kinds.K.attributes.x.max\n"},
      {"attributes: {x: {type: integer, min: 1, max: 9}}",
       "attributes: {x: {type: integer, min: 2, max: 8}}",
       "~!kinds.K.attributes.x.min\n~!kinds.K.attributes.x.max\n"},
      {"attributes: {x: {one_of: [a, b]}}", "attributes: {x: {one_of: [b, a, c]}}",
       "~kinds.K.attributes.x.one_of\n"},
      {"attributes: {x: {one_of: [a, b]}}", "attributes: {x: {one_of: [b]}}",
       "~!kinds.K.attributes.x.one_of\n"},
      {"pools: {p: {thing: t, first: 1, last: 4}}", "pools: {p: {thing: t, first: 1, last: 8}}",
       "~kinds.K.pools.p.last\n"},
      {"pools: {p: {thing: t}}", "pools: {p: {thing: u}, q: v}",
       "~!kinds.K.pools.p.thing\n+kinds.K.pools.q\n"},
      {"parties: {r: {many: true, min: 1}}", "parties: {r: {min: 0}, s: {}, t: {min: 1}}",
       "~kinds.K.parties.r.min\n-!kinds.K.parties.r.many\n+kinds.K.parties.s\n"
       "+!kinds.K.parties.t\n"},
      {"actions: {a: {create: true}}", "actions: {b: {create: true}}",
       "+kinds.K.actions.b\n-kinds.K.actions.a\n"},
      {"features: {f: {characteristics: {c: string}}}",
       "features: {f: {enabled: false, characteristics: {d: string}}}",
       "~kinds.K.features.f.enabled\n+kinds.K.features.f.characteristics.d\n"
       "-!kinds.K.features.f.characteristics.c\n"},
      {"specification: {id: a, name: n}", "specification: {id: b, name: n, minor_version: 1}",
       "~!kinds.K.specification.id\n+kinds.K.specification.minor_version\n"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.now);
    CHECK(told(of_kind(one.before), of_kind(one.now)) == one.changes);
  }
  CHECK(told(load("domain: D\nkinds: {K: {half: site}}"),
             load("domain: E\nkinds: {L: {half: site}}")) == "+kinds.L\n-!kinds.K\n");
}

TEST_CASE("what a migration deals with is compatible") {
  const std::string before = "domain: D\nkinds: {K: {half: service, attributes: {x: string}}}";
  const std::string now = "domain: D\nkinds: {K: {half: service, attributes: {y: string}}}\n";
  CHECK(told(load(before), load(now)) == "+kinds.K.attributes.y\n-!kinds.K.attributes.x\n");
  CHECK(told(load(before), load(now + "migrations: [{kind: K, rename: {x: y}}]")) ==
        "+kinds.K.attributes.y\n-kinds.K.attributes.x\n");
}

#include "model/domain/verify.h"

#include "model/domain/loader.h"
#include "testing/test_models.h"

#include <doctest/doctest.h>

#include <chrono>

using namespace diffo;
using namespace diffo::model;

namespace {

std::string told(const std::vector<ModelProblem>& problems) {
  std::string out;
  for (const ModelProblem& problem : problems)
    out += problem.path + " | " + problem.message + "\n";
  return out;
}

/// The problems of kinds that are declared beside a few good ones.
std::string problems_of(std::string_view kinds) {
  const ModelSource source{"m.yaml", R"(domain: D
kinds:
  CardCharacteristic: {base: characteristic, fields: {family: symbol, size: integer}}
  Person: {half: individual}
  Hall: {half: site}
)" + std::string(kinds)};
  LoadedModel loaded = load_model({&source, 1});
  CHECK(told(loaded.problems) == "");
  return told(verify(loaded.model));
}

constexpr std::string_view head = "half: resource, specification: {id: "
                                  "cd29956f-6c68-44cc-bf54-705eb8d2f754, name: card}, ";

std::string problems_of_resource(std::string_view parts) {
  return problems_of("  K: {" + std::string(head) + std::string(parts) + "}");
}

struct Case {
  const char* parts;
  const char* problems;
};

} // namespace

TEST_CASE("the shared models hold together") {
  const ModelSource sources[] = {{"servo", std::string(testing::servo_yaml)},
                                 {"nbn", std::string(testing::nbn_yaml)},
                                 {"everything", std::string(testing::everything_yaml)}};
  LoadedModel loaded = load_model(sources);
  CHECK(told(loaded.problems) == "");
  CHECK(told(verify(loaded.model)) == "");
}

TEST_CASE("a specification that breaks a rule is refused") {
  const Case cases[] = {
      {"id: cd29956f-6c68-44cc-0f54-705eb8d2f754, name: card", "id must be a valid UUID4"},
      {"id: cd29956f-6c68-14cc-bf54-705eb8d2f754, name: card", "id must be a valid UUID4"},
      {"id: x, name: card", "id must be a valid UUID4"},
      {"id: cd29956f-6c68-44cc-bf54-705eb8d2f754, name: Card",
       "name - must match the pattern ^[a-z][a-zA-Z0-9]*$"},
      {"id: cd29956f-6c68-44cc-bf54-705eb8d2f754, name: card, major_version: -1",
       "major_version - must be greater than or equal to 0"},
      {"id: cd29956f-6c68-44cc-bf54-705eb8d2f754, name: card, minor_version: -1",
       "minor_version - must be greater than or equal to 0"},
      {"id: cd29956f-6c68-44cc-bf54-705eb8d2f754, name: card, patch_version: -1",
       "patch_version - must be greater than or equal to 0"},
      {"id: cd29956f-6c68-44cc-bf54-705eb8d2f754, name: card, tmf_version: 0",
       "tmf_version - must be greater than or equal to 1"},
      {"id: cd29956f-6c68-44cc-bf54-705eb8d2f754, name: card, type: serviceSpecification",
       "a resource instance must declare type :resourceSpecification, got :serviceSpecification"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.parts);
    CHECK(problems_of("  K: {half: resource, specification: {" + std::string(one.parts) + "}}") ==
          std::string("kinds.K.specification | specification: ") + one.problems + "\n");
  }
  CHECK(problems_of("  K: {half: service, specification: {id: "
                    "cd29956f-6c68-44cc-bf54-705eb8d2f754, name: a, type: x}}") ==
        "kinds.K.specification | specification: type - atom must be one of serviceSpecification, "
        "resourceSpecification, got: x\n"
        "kinds.K.specification | specification: a service instance must declare type "
        ":serviceSpecification, got :x\n");
}

TEST_CASE("types, values and names that do not fit are refused") {
  const Case cases[] = {
      {"characteristics: {c: CardCharacteristik}",
       "kinds.K.characteristics.c | characteristics: value_type CardCharacteristik does not exist "
       "(did you mean CardCharacteristic?)\n"},
      {"characteristics: {c: [Person]}",
       "kinds.K.characteristics.c | characteristics: value_type Person does not extend "
       "BaseCharacteristic\n"},
      {"characteristics: {c: {type: integer, min: 5, max: 4}}",
       "kinds.K.characteristics.c | characteristics: min is greater than max\n"},
      {"characteristics: {c: {type: integer, min: 1, default: 0}}",
       "kinds.K.characteristics.c | characteristics: default 0 must be greater than or equal to "
       "1.0\n"},
      {"characteristics: {c: {type: integer, default: 1.5}, d: {type: integer, default: 2.0}}",
       "kinds.K.characteristics.c | characteristics: default 1.5 is no whole number\n"},
      {"characteristics: {c: {type: symbol, one_of: [a, \"b c\"], default: d}}",
       "kinds.K.characteristics.c | characteristics: one_of: \"b c\" is no symbol\n"
       "kinds.K.characteristics.c | characteristics: default \"d\" is not among one_of\n"},
      {"characteristics: {c: {type: string, pattern: \"(?=a)\"}}",
       "kinds.K.characteristics.c | characteristics: pattern: the pattern (?=a) is refused: "
       "look-around ((?=) is not supported: patterns must run in linear time\n"},
      {"characteristics: {c: {type: string, pattern: a+, default: ab}}",
       "kinds.K.characteristics.c | characteristics: default \"ab\" does not match the pattern "
       "a+\n"},
      {"characteristics: {c: {type: string, max_length: 2, default: abc}}",
       "kinds.K.characteristics.c | characteristics: default \"abc\" is too short or too long\n"},
      {"characteristics: {c: {type: boolean, min: 1, max_length: 2, pattern: a}}",
       "kinds.K.characteristics.c | characteristics: min and max are of numbers\n"
       "kinds.K.characteristics.c | characteristics: min_length and max_length are of texts and "
       "lists\n"
       "kinds.K.characteristics.c | characteristics: a pattern is of texts\n"},
      {"characteristics: {c: {type: CardCharacteristic, default: {size: big}}}",
       "kinds.K.characteristics.c | characteristics: default {\"size\":\"big\"} size is no whole "
       "number\n"},
      {"characteristics: {c: {type: [uuid], default: [x]}}",
       "kinds.K.characteristics.c | characteristics: default [\"x\"] is no UUID\n"},
      {"characteristics: {c: {type: ip, default: 10.0.0.0/33}}",
       "kinds.K.characteristics.c | characteristics: default \"10.0.0.0/33\" is no IP address or "
       "prefix\n"},
      {"characteristics: {c: {type: date_time, default: \"2026-01-01\"}}",
       "kinds.K.characteristics.c | characteristics: default \"2026-01-01\" is no date with a "
       "time\n"},
      {"characteristics: {c: string, d: {type: string, as: c}}",
       "kinds.K.characteristics.d | characteristics: another is called c on the wire\n"
       "kinds.K.characteristics.d | characteristics: a characteristic shows under its own name: as "
       "is of fields and attributes\n"},
      {"characteristics: {d: {type: string, hidden: true}}",
       "kinds.K.characteristics.d | characteristics: only an attribute can be hidden\n"},
      {"characteristics: {\"a b\": string}",
       "kinds.K.characteristics.a b | characteristics: a name has 1 to 255 bytes without white "
       "space, control characters and points\n"},
      {"characteristics: {c: string}, pools: {c: d}",
       "kinds.K.characteristics | characteristics: name :c is that of a pool\n"},
      {"features: {f: {characteristics: {c: Nothing, d: Hall}}}",
       "kinds.K.features.f.characteristics.c | features: characteristic value_type Nothing does "
       "not exist\n"
       "kinds.K.features.f.characteristics.d | features: characteristic value_type Hall does not "
       "extend BaseCharacteristic\n"},
      {"attributes: {description: string}",
       "kinds.K.attributes.description | attributes: description is there already and cannot be "
       "declared again\n"},
      {"attributes: {rsp: {type: string, as: startOperatingDate}}",
       "kinds.K.attributes.rsp | attributes: startOperatingDate is there already and cannot be "
       "declared again\n"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.parts);
    CHECK(problems_of_resource(one.parts) == one.problems);
  }
}

TEST_CASE("roles, relationships and chains that lead nowhere are refused") {
  const Case cases[] = {
      {"parties: {r: Nobody, s: Hall, t: {type: Person, many: true, min: 3, max: 2}}",
       "kinds.K.parties.r | parties: party_type Nobody does not exist\n"
       "kinds.K.parties.s | parties: party_type Hall does not extend BaseParty\n"
       "kinds.K.parties.t | parties: role :t has a min that is greater than its max\n"},
      {"places: {r: Nowhere, s: Person, t: {max: 2}}",
       "kinds.K.places.r | places: place_type Nowhere does not exist\n"
       "kinds.K.places.s | places: place_type Person does not extend BasePlace\n"
       "kinds.K.places.t | places: role :t is for one; say many: true for several\n"},
      {"parties: {r: {calculate: none}}",
       "kinds.K.parties.r | parties: calculate :none is no calculation of the kind\n"},
      {"parties: {r: Person}, inherited_parties: {r: {source_role: r}}",
       "kinds.K.parties | parties: role :r is declared more than once\n"},
      {"parties: {r: Person}, inherited_parties: {s: {source_role: q}}",
       "kinds.K.inherited_parties.s | inherited_party :s: source_role :q is no role of any kind\n"},
      {"places: {r: Hall}, inherited_places: {s: {via: [=@q], source_role: r}}",
       "kinds.K.inherited_places.s | inherited_place :s: invalid via — nothing has the role :q\n"},
      {"inherited_characteristics: {c: {read: x}}",
       "kinds.K.inherited_characteristics.c | inherited_characteristic :c: read :x is no "
       "characteristic of any instance kind\n"},
      {"characteristics: {c: CardCharacteristic}, inherited_characteristics: {c: [up]}",
       "kinds.K.inherited_characteristics | characteristics: name :c is declared more than "
       "once\n"},
      {"relationships: {source: [\"a b\"]}",
       "kinds.K.relationships.source | relationships: source role \"a b\" must be an atom, got \"a "
       "b\"\n"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.parts);
    CHECK(problems_of_resource(one.parts) == one.problems);
  }
  CHECK(problems_of("  P: {half: individual, instance_roles: {r: Hall, s: None}}") ==
        "kinds.P.instance_roles.r | instances: instance_type Hall does not extend BaseInstance\n"
        "kinds.P.instance_roles.s | instances: instance_type None does not exist\n");
}

TEST_CASE("pools and actions that cannot work are refused") {
  const Case cases[] = {
      {"pools: {p: {thing: t, first: 5, last: 4}}",
       "kinds.K.pools.p | pools: first is greater than last\n"},
      {"pools: {p: {thing: t, first: -5, last: 4}}",
       "kinds.K.pools.p | pools: first must be greater than or equal to 0\n"},
      {"pools: {p: {thing: t, first: 1, last: 9, except: [[5, 10], [4, 3], 0]}}",
       "kinds.K.pools.p | pools: except: is outside of first and last\n"
       "kinds.K.pools.p | pools: except: first is greater than last\n"
       "kinds.K.pools.p | pools: except: is outside of first and last\n"},
      {"pools: {p: {thing: t, block: 0}, q: {thing: t, block: 4}, r: {thing: t, units: blocks}}",
       "kinds.K.pools.p | pools: block must be at least 1\n"
       "kinds.K.pools.q | pools: block is of units: blocks\n"
       "kinds.K.pools.r | pools: block must be at least 2\n"},
      {"pools: {p: {thing: t, units: prefixes, network: 10.0.0.0/16, prefix_length: 15}}",
       "kinds.K.pools.p | pools: prefix_length is shorter than that of the network\n"},
      {"pools: {p: {thing: t, units: prefixes, network: 10.0.0.0/16, prefix_length: 33}}",
       "kinds.K.pools.p | pools: prefix_length of an IPv4 network is at most 32\n"},
      {"pools: {p: {thing: t, units: prefixes, network: 10.0.0, prefix_length: 24}}",
       "kinds.K.pools.p | pools: network 10.0.0 is no IP network\n"},
      {"pools: {p: {thing: t, network: \"2001:db8::/32\"}}",
       "kinds.K.pools.p | pools: network and prefix_length are of units: prefixes\n"},
      {"actions: {a: {assign: ports}}",
       "kinds.K.actions.a | behaviour: pool ports not declared on K\n"},
      {"actions: {a: {create: true, args: [stuff], effects: [magic], accept: [a, a]}}",
       "kinds.K.actions.a | behaviour: argument stuff is none of relationships places parties "
       "characteristics\n"
       "kinds.K.actions.a | behaviour: effect magic is none of add_places add_parties "
       "add_relationships define\n"
       "kinds.K.actions.a | behaviour: accepts a more than once\n"},
      {"actions: {a: {update: true, transition: {from: initial, to: active}}}",
       "kinds.K.actions.a | behaviour: a transition is of an update of a service\n"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.parts);
    CHECK(problems_of_resource(one.parts) == one.problems);
  }
  CHECK(problems_of("  S: {half: service, actions: {a: {update: true, transition: {from: [begin], "
                    "to: end}}}}") ==
        "kinds.S.actions.a | behaviour: transition state begin is none of initial "
        "feasibilityChecked reserved inactive active suspended cancelled terminated\n"
        "kinds.S.actions.a | behaviour: transition state end is none of initial "
        "feasibilityChecked reserved inactive active suspended cancelled terminated\n");
}

TEST_CASE("calculations that cannot be worked out are refused") {
  const Case cases[] = {
      {"calculations: {a: {count: nothing}}",
       "kinds.K.calculations.a | calculations: nothing is no characteristic, attribute or "
       "calculation of the kind\n"},
      {"characteristics: {c: CardCharacteristic}, calculations: {a: {sum: c.colour}, b: {sum: "
       "c.family}, d: {sum: c.size}}",
       "kinds.K.calculations.a | calculations: c has no field colour\n"
       "kinds.K.calculations.b | calculations: c.family is no number\n"},
      {"calculations: {a: {expression: \"1 +\"}, b: {expression: x + 1}}",
       "kinds.K.calculations.a | calculations: expression: column 4: a number, a name or a "
       "parenthesis belongs here\n"
       "kinds.K.calculations.b | calculations: expression: x is no characteristic, attribute or "
       "calculation of the kind\n"},
      {"calculations: {a: {expression: b + 1}, b: {expression: c}, c: {count: a}, d: {count: c}, "
       "e: "
       "{hook: h}}",
       "kinds.K.calculations.a | calculations: :a is worked out from itself\n"
       "kinds.K.calculations.b | calculations: :b is worked out from itself\n"
       "kinds.K.calculations.c | calculations: :c is worked out from itself\n"
       "kinds.K.calculations.d | calculations: :d is worked out from itself\n"},
      {"characteristics: {c: string}, calculations: {a: {lookup: {table: t, of: c}}}",
       "kinds.K.calculations.a | calculations: table t does not exist\n"},
      {"calculations: {a: {field_from_assignment: {field: colour}}}",
       "kinds.K.calculations.a | calculations: field colour is none of id value thing pool alias "
       "type created_at\n"},
      {"characteristics: {c: string}, calculations: {c: {hook: h}}",
       "kinds.K.calculations | calculations: name :c is declared more than once\n"},
      {"calculations: {a: {hook: h, type: Kind}}",
       "kinds.K.calculations.a | calculations: type Kind is no characteristic kind\n"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.parts);
    CHECK(problems_of_resource(one.parts) == one.problems);
  }
}

TEST_CASE("what is observed, indexed and owned must be there") {
  const Case cases[] = {
      {"generate: {nick: {prefix: A}, name: {digits: 0}}",
       "kinds.K.generate.nick | generate: attribute nick does not exist\n"
       "kinds.K.generate.name | generate: digits must be 1 to 64\n"},
      {"policy: {owner: rsp}", "kinds.K.policy | policy: attribute rsp does not exist\n"},
      {"attributes: {size: integer, tags: [string], code: string}, generate: {size: {prefix: A}, "
       "tags: {prefix: A}, code: {prefix: A}, administrative_state: {prefix: A}, category: "
       "{prefix: A}}",
       "kinds.K.generate.size | generate: attribute size is no text that can be chosen\n"
       "kinds.K.generate.tags | generate: attribute tags is no text that can be chosen\n"
       "kinds.K.generate.administrative_state | generate: attribute administrative_state is no "
       "text "
       "that can be chosen\n"},
      {"policy: {owner: startOperatingDate}",
       "kinds.K.policy | policy: attribute startOperatingDate is no text that can be chosen\n"},
      {"characteristics: {c: CardCharacteristic, l: [string]}, indexes: [c.size, c, c.colour, l, "
       "name, x]",
       "kinds.K.indexes.c | indexes: c is no single value\n"
       "kinds.K.indexes.c.colour | indexes: c has no field colour\n"
       "kinds.K.indexes.l | indexes: l is no single value\n"
       "kinds.K.indexes.name | indexes: name is indexed already, or cannot be\n"
       "kinds.K.indexes.x | indexes: x is no characteristic, attribute or calculation of the "
       "kind\n"},
      {"sources: {state: [], x: [probe, probe], \"*\": [probe]}",
       "kinds.K.sources.state | sources: names nobody\n"
       "kinds.K.sources.state | sources: state is no characteristic, attribute or calculation of "
       "the kind\n"
       "kinds.K.sources.x | sources: probe is named more than once\n"
       "kinds.K.sources.x | sources: x is no characteristic, attribute or calculation of the "
       "kind\n"},
      {"customize: {name: {$nothing: 1}}",
       "kinds.K.customize.name | customize: /$nothing: unknown matcher '$nothing'\n"},
      {"expect: [name, name, x], customize: {x: 1}",
       "kinds.K.expect | expect: name is named more than once\n"
       "kinds.K.expect | expect: x is no attribute or characteristic of the kind\n"
       "kinds.K.customize.x | customize: x is no attribute or characteristic of the kind\n"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.parts);
    CHECK(problems_of_resource(one.parts) == one.problems);
  }
}

TEST_CASE("sections that do not belong to a base are refused") {
  CHECK(problems_of("  P: {half: site, pools: {p: t}, fields: {f: string}}") ==
        "kinds.P.pools | pools: only instances have them\n"
        "kinds.P.fields | fields: only characteristic kinds have them\n");
  CHECK(problems_of("  C: {base: characteristic, attributes: {a: string}, json: {pick: [a]}}") ==
        "kinds.C.attributes | attributes: only instances, parties and places have them\n"
        "kinds.C.json | json: only parties and places have them\n");
  CHECK(problems_of("  I: {base: instance}") ==
        "kinds.I | half: an instance is a service or a resource\n");
  CHECK(problems_of("  I: {base: party, half: site}") ==
        "kinds.I | half: does not belong to its base\n");
}

TEST_CASE("groups have members that are fields") {
  CHECK(problems_of("  C: {base: characteristic, fields: {a: string, b: string, c: string}, value: "
                    "{g: {x: a, y: d}, h: {x: a}, c: {}}}") ==
        "kinds.C.value.g | value: field d does not exist\n"
        "kinds.C.value.h | value: field a is in several groups\n"
        "kinds.C.value.c | value: has no members\n"
        "kinds.C.value | value: :c is a field, too\n");
}

TEST_CASE("a kind that contains itself is refused") {
  CHECK(problems_of("  A: {base: characteristic, fields: {b: B}}\n"
                    "  B: {base: characteristic, fields: {c: [C], d: string}}\n"
                    "  C: {base: characteristic, fields: {a: A}}\n"
                    "  E: {base: characteristic, fields: {e: E, a: A}}\n") ==
        "kinds.C.fields.a | fields: A contains itself\n"
        "kinds.E.fields.e | fields: E contains itself\n");
}

TEST_CASE("what is claimed twice is refused, over all domains") {
  const ModelSource sources[] = {{"a", R"(domain: A
kinds:
  K: {half: service, specification: {id: cd29956f-6c68-44cc-bf54-705eb8d2f754, name: one}, attributes: {x: string}}
  L: {half: service, specification: {id: ad29956f-6c68-44cc-bf54-705eb8d2f754, name: one, major_version: 2}}
)"},
                                 {"b", R"(domain: A
kinds:
  K: {half: service, specification: {id: bd29956f-6c68-44cc-bf54-705eb8d2f754, name: two}, attributes: {x: string}}
  M: {half: service, specification: {id: cd29956f-6c68-44cc-bf54-705eb8d2f754, name: one}, attributes: {x: integer}}
---
domain: P
provider: false
kinds: {Q: {half: site}, R: {base: characteristic}}
migrations: [{kind: S, rename: {a: a}}]
)"}};
  const LoadedModel loaded = load_model(sources);
  CHECK(told(loaded.problems) == "");
  CHECK(told(verify(loaded.model)) ==
        "domain | domain: A is declared more than once\n"
        "kinds.K | kinds: K is declared more than once\n"
        "kinds.M.specification | specification: id is that of K too\n"
        "kinds.M.specification | specification: name and major_version are those of K too\n"
        "kinds.M.attributes.x | attributes: K declares it with another type; what is called the "
        "same is the same\n"
        "kinds.Q | provider: Q does not carry the :Provider Neo4j label, so abstract readers would "
        "not see it; leave out provider: false\n"
        "migrations.0 | migrations: kind S does not exist\n"
        "migrations.0.rename | migrations: rename leads from one path to another\n");
}

TEST_CASE("a list that came twice from C++ is told by its name") {
  DeclaredKind kind;
  kind.name = "K";
  kind.half = Half::service;
  kind.pools = {Pool{"p", "t"}, Pool{"p", "t"}};
  kind.features = {Feature{"f"}, Feature{"f"}};
  kind.characteristics = {Field{"c"}, Field{"c"}};
  kind.parties = {Role{"r"}, Role{"r"}};
  kind.source = Permission{Permission::Of::listed, {}};
  Domain domain;
  domain.name = "D";
  domain.kinds.push_back(kind);
  CHECK(told(verify({{domain}})) ==
        "kinds.K.characteristics | characteristics: name :c is declared more than once\n"
        "kinds.K.features | features: name :f is declared more than once\n"
        "kinds.K.pools | pools: name :p is declared more than once\n"
        "kinds.K.parties | parties: role :r is declared more than once\n"
        "kinds.K.relationships.source | relationships: source roles must be :all, :none, or a "
        "non-empty list of atoms, got: []\n");
}

TEST_CASE("ten thousand kinds are verified in about a second") {
  Domain domain;
  domain.name = "D";
  for (int index = 0; index < 10'000; ++index) {
    const std::string number = std::to_string(index);
    DeclaredKind value;
    value.name = "C" + number;
    value.base = Base::characteristic;
    value.fields.push_back(Field{"a", Type{Scalar::integer}});
    if (index > 0) {
      Type before{Scalar::kind};
      before.kind = "C" + std::to_string(index - 1); // a long chain of kinds
      value.fields.push_back(Field{"b", before});
    }
    domain.kinds.push_back(value);
    DeclaredKind kind;
    kind.name = "K" + number;
    kind.half = Half::service;
    Type type{Scalar::kind};
    type.kind = value.name;
    kind.characteristics.push_back(Field{"c", type});
    kind.inherited_characteristics.push_back(Inherited{"up", {}, "c"});
    kind.indexes = {"c.a", "up.a"};
    domain.kinds.push_back(kind);
  }
  const auto start = std::chrono::steady_clock::now();
  CHECK(verify({{domain}}).empty());
  // Unoptimized, under a sanitizer and beside others it may take longer; quadratic it would take
  // minutes.
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
}

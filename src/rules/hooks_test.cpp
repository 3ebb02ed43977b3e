#include "model/kinds.h"
#include "model/words.h"
#include "rules/beside.h"
#include "rules/impact.h"
#include "rules/value_at.h"
#include "testing/declared_store.h"

#include <diffo/hooks.h>
#include <diffo/model.h>

#include <atomic>
#include <functional>
#include <limits>
#include <stdexcept>
#include <thread>

using namespace diffo;
using hooks::ActionCall;
using hooks::CalculationCall;
using hooks::Changes;
using testing::DeclaredStore;
using testing::key_of;

namespace {

constexpr std::string_view works = R"(domain: Works
kinds:
  Drive:
    base: characteristic
    fields: {speed: {type: integer, max: 100}, profile: symbol}
  Pump:
    half: service
    specification: {id: 5b2f0d7e-1a34-4c1f-8d52-0a6b7c8d9e11, name: pump}
    attributes: {code: string}
    characteristics: {drive: Drive}
    relationships: {source: all, target: all}
    parties: {keeper: {calculate: who}}
    actions:
      build: {create: true, accept: [id, name, state], args: [relationships, parties], hook: act}
      define: {update: define, hook: act}
      relate: {update: relate, hook: act}
      status: {update: true, accept: [operatingStatus], hook: act}
      activate: {update: true, transition: {from: [initial], to: active}, hook: act}
      name_it: {update: true, accept: [name], hook: act}
    calculations:
      value: {hook: value, type: integer}
      anything: {hook: value}
      again: {hook: again}
      length: {hook: real, type: number, digits: 1, otherwise: -1}
      part: {hook: part}
      who: {hook: value}
)";

struct Works : DeclaredStore {
  Works() : Works(std::make_shared<Functions>()) {}

  /// What the functions do; set by each case.
  struct Functions {
    hooks::Calculation value = [](CalculationCall&) { return json::Value(1); };
    hooks::Action act = [](ActionCall&) { return Changes{}; };
  };

  explicit Works(std::shared_ptr<Functions> given)
      : DeclaredStore(works, registry(given)), functions(std::move(given)) {}

  static hooks::SharedRegistry registry(const std::shared_ptr<Functions>& functions) {
    auto made = std::make_shared<hooks::Registry>();
    made->calculation("value",
                      [functions](CalculationCall& call) { return functions->value(call); })
        .calculation("again",
                     [](CalculationCall& call) -> Result<json::Value> {
                       return json::Value(TRY(call.values(call.name())));
                     })
        .calculation("real",
                     [](CalculationCall& call) -> Result<json::Value> {
                       const auto value = TRY(call.values("anything"));
                       return value.empty() ? json::Value() : value.front();
                     })
        .calculation("part",
                     [](CalculationCall& call) -> Result<json::Value> {
                       const auto value = TRY(call.values("anything.size"));
                       return value.empty() ? json::Value() : value.front();
                     })
        .action("act", [functions](ActionCall& call) { return functions->act(call); });
    return made;
  }

  rules::Provenance why(const graph::Key& key, const std::string& name) {
    rules::Provenance told;
    const auto done = graph::read_in_rounds(
        *store, {}, rules::plan_for(key), nullptr, [&](graph::Subgraph& subgraph) -> Result<void> {
          const graph::RecordRef record = subgraph.find(key);
          told = TRY(rules::provenance_of(subgraph, *record, name, clock.now().microseconds));
          return {};
        });
    if (!done)
      FAIL(done.error().text());
    return told;
  }

  rules::Beside load(const graph::Key& key, const std::string& name) {
    rules::Beside beside;
    const auto done = graph::read_in_rounds(
        *store, {}, rules::plan_for(key), nullptr, [&](graph::Subgraph& subgraph) -> Result<void> {
          beside = {};
          return rules::load_beside(beside, subgraph, *subgraph.find(key), {name},
                                    clock.now().microseconds);
        });
    if (!done)
      FAIL(done.error().text());
    return beside;
  }

  json::Value drive(const graph::Key& key) {
    return rules::value_at(*find(key), model->schema(), "drive");
  }

  /// What becomes of the instance when a document changes it.
  Result<graph::Commit> write(const graph::Key& key,
                              const std::function<void(graph::RecordDraft&)>& edit) {
    const graph::Context here = context();
    const auto revise = [&](const graph::Record& present,
                            graph::Subgraph& subgraph) -> Result<std::optional<rules::Revision>> {
      rules::Revision revised{present.to_draft(subgraph.schema().dictionary())};
      edit(revised.draft);
      revised.further = TRY(rules::operate(here, subgraph, &present, revised.draft));
      return std::optional(std::move(revised));
    };
    return graph::transact_and_wait(*store, here, rules::plan_for(key),
                                    rules::change(key, {}, revise));
  }

  std::shared_ptr<Functions> functions;
};

std::string message_of(const Result<graph::Commit>& commit) {
  return commit ? std::string() : commit.error().text();
}

} // namespace

TEST_CASE_FIXTURE(Works, "whatever a function does, a calculation is a value or tells why not") {
  const graph::Key pump = key_of(build("Pump", "{}"));
  struct Case {
    hooks::Calculation function;
    std::string_view why;
  };
  const std::vector<Case> cases = {
      {[](CalculationCall&) -> Result<json::Value> { throw std::runtime_error("it broke"); },
       "hook value: it broke"},
      {[](CalculationCall&) -> Result<json::Value> { throw 7; },
       "hook value: it has thrown something"},
      {[](CalculationCall&) -> Result<json::Value> {
         return Error{ErrorCode::not_found, "no place"};
       },
       "hook value: no place"},
      {[](CalculationCall&) { return json::Value("text"); },
       "hook value: what it returned must be an integer"},
      {[](CalculationCall&) { return json::Value(std::numeric_limits<double>::infinity()); },
       "hook value: what it returned is no finite number"},
      {[](CalculationCall& call) -> Result<json::Value> {
         return json::Value(TRY(call.find({"planet", "mars"})).has_value());
       },
       "hook value: the family planet is none of service, resource, place, party"},
      {[](CalculationCall& call) -> Result<json::Value> {
         return json::Value(TRY(call.along(call.instance().id, {"->"})).size() == 1);
       },
       "hook value: "},
      {[](CalculationCall& call) -> Result<json::Value> {
         for (int count = 0; count < 2000; ++count)
           static_cast<void>(call.find(call.instance().id));
         return json::Value(1); // as if nothing had been
       },
       "hook value: more than 1000 records were to be read"},
  };
  for (const Case& one : cases) {
    functions->value = one.function;
    const rules::Provenance told = why(pump, "value");
    CHECK(told.value.is_null());
    CHECK_MESSAGE(told.why.starts_with(one.why), told.why);
  }
}

TEST_CASE_FIXTURE(Works, "what a function reads counts for the tag, also what is absent") {
  const graph::Key pump = key_of(build("Pump", "{}"));
  const std::string other = uuid(77);
  functions->value = [&other](CalculationCall& call) -> Result<json::Value> {
    const auto found = TRY(call.find({"service", other}));
    return json::Value(found ? 1 : 0);
  };
  const rules::Beside before = load(pump, "value");
  CHECK(before.calculated.front().value == json::Value(0));
  CHECK(load(pump, "value").contributed == before.contributed);
  key_of(build("Pump", R"({"id": ")" + other + R"("})"));
  const rules::Beside after = load(pump, "value");
  CHECK(after.calculated.front().value == json::Value(1));
  CHECK(after.contributed != before.contributed);
  CHECK(after.calculated.front().steps.front().to.id == other);
}

TEST_CASE_FIXTURE(Works, "a function sees the instance, whom it reaches, and other calculations") {
  const graph::Key pump = key_of(build("Pump", R"({"name": "one"})"));
  const graph::Key other =
      key_of(build("Pump", R"({"name": "two", "characteristicValueUpdates": {"drive": {"speed": 7}},
                  "relationships": [{"id": ")" +
                               pump.id + R"(", "type": "feeds", "alias": "in"}]})"));
  functions->value = [](CalculationCall& call) -> Result<json::Value> {
    const auto reached = TRY(call.along(call.instance().id, {"<-feeds"}));
    if (reached.empty())
      return Error{ErrorCode::not_found, "nobody feeds it"};
    CHECK(reached.front().kind == "Pump");
    CHECK(reached.front().at("name") == json::Value("two"));
    CHECK(reached.front().relationships.front().alias == "in");
    return reached.front().at("drive.speed");
  };
  CHECK(why(pump, "value").value == json::Value(7));
  CHECK(why(other, "value").why == "hook value: nobody feeds it");
  CHECK(why(pump, "again").why == "hook again: again is worked out from itself");
  functions->value = [](CalculationCall&) {
    return json::Value(json::Object{{"size", 4}, {"unit", "mm"}});
  };
  CHECK(why(pump, "part").value == json::Value(4));
  functions->value = [](CalculationCall&) { return json::Value(2.26); };
  CHECK(why(pump, "length").value == json::Value(2.3));
  functions->value = [](CalculationCall&) -> Result<json::Value> { throw 1; };
  CHECK(why(pump, "length").value == json::Value(-1));
}

TEST_CASE_FIXTURE(Works, "a role that is calculated shows who has it") {
  const graph::Key pump = key_of(build("Pump", "{}"));
  const auto keeper = [&] {
    std::string all;
    const rules::Beside beside = load(pump, "keeper");
    for (const rules::InheritedValue& one : beside.inherited.front().values)
      all += one.target.id + ' ';
    return all;
  };
  functions->value = [](CalculationCall&) { return json::Value("ann"); };
  CHECK(keeper() == "ann ");
  functions->value = [](CalculationCall&) {
    return json::Value(json::Array{json::Object{{"id", "bob"}, {"name", "Bob"}}, "carl"});
  };
  CHECK(keeper() == "bob "); // a single role takes one
  functions->value = [](CalculationCall&) { return json::Value(3); };
  CHECK(keeper().empty());
  CHECK(why(pump, "keeper").from == "calculated");
}

TEST_CASE_FIXTURE(Works, "a function changes what is being made, or refuses it") {
  functions->act = [](ActionCall& call) -> Result<Changes> {
    CHECK(call.before() == nullptr);
    CHECK(call.after().at("state") == json::Value("initial"));
    if (call.after().at("drive.profile") == json::Value("none"))
      return Error{ErrorCode::unprocessable, "there is no such profile", "/profile"};
    return Changes{{{"code", "C-" + call.after().id.id.substr(34)}},
                   {{"drive", json::Object{{"speed", 9}}}}};
  };
  const graph::Key pump =
      key_of(build("Pump", R"({"characteristicValueUpdates": {"drive": {"profile": "p"}}})"));
  CHECK(json::to_text(drive(pump)) == R"({"speed":9,"profile":"p"})");
  CHECK(field(pump, "code") == "C-01");
  const auto refused =
      build("Pump", R"({"characteristicValueUpdates": {"drive": {"profile": "none"}}})");
  REQUIRE(!refused);
  CHECK(refused.error().code == ErrorCode::unprocessable);
  CHECK(refused.error().path == "/profile");
}

TEST_CASE_FIXTURE(Works, "what a function changes is judged as if the client had said it") {
  const graph::Key pump = key_of(build("Pump", R"({"name": "one"})"));
  key_of(build("Pump", R"({"name": "two"})"));
  struct Case {
    Changes changes;
    std::string_view message;
  };
  const std::vector<Case> cases = {
      {{{{"colour", "red"}}, {}}, "hook act: there is no attribute colour"},
      {{{{"id", "other"}}, {}}, "hook act: there is no attribute id that it can set"},
      {{{}, {{"engine", 1}}}, "hook act: there is no characteristic engine"},
      {{{}, {{"drive", json::Object{{"speed", "fast"}}}}}, "must be an integer"},
      {{{}, {{"drive", json::Object{{"speed", 101}}}}}, "less than or equal to 100"},
      {{{{"state", "suspended"}}, {}}, "the state cannot go from initial to suspended"},
      {{{{"name", "two"}}, {}}, "instance name must be unique"},
      {{{{"name", "a/b"}}, {}}, "must match the pattern"},
  };
  for (const Case& one : cases) {
    functions->act = [&one](ActionCall&) { return one.changes; };
    const std::string told = message_of(act(pump, "define"));
    CHECK_MESSAGE(told.find(one.message) != std::string::npos, told);
  }
  functions->act = [](ActionCall&) -> Result<Changes> { throw std::runtime_error("it broke"); };
  const auto broken = act(pump, "define");
  REQUIRE(!broken);
  CHECK(broken.error().code == ErrorCode::internal);
  CHECK(broken.error().message == "hook act: it broke");
  functions->act = [](ActionCall& call) -> Result<Changes> {
    while (call.find(call.after().id))
      ;
    return Changes{};
  };
  CHECK(message_of(act(pump, "define")).find("more than 1000 records") != std::string::npos);
  CHECK(field(pump, "name") == "one");
}

TEST_CASE_FIXTURE(Works, "a document does the actions that all kinds have") {
  const graph::Key pump = key_of(build("Pump", R"({"name": "one"})"));
  const graph::Key other = key_of(build("Pump", R"({"name": "two"})"));
  std::string called;
  functions->act = [&called](ActionCall& call) {
    CHECK(call.before() != nullptr);
    called += std::string(call.name()) + ' ';
    return Changes{};
  };
  const auto asked = [&](const std::function<void(graph::RecordDraft&)>& edit) {
    called.clear();
    const auto done = write(pump, edit);
    CHECK_MESSAGE(done, message_of(done));
    return called;
  };
  const auto set = [](std::string_view name, std::string_view value) {
    return [=](graph::RecordDraft& draft) {
      draft.root.set_field(*model::inventory_model().dictionary().find(name), value);
    };
  };
  CHECK(asked([](graph::RecordDraft&) {}).empty());
  CHECK(asked(set("name", "three")).empty()); // actions of another name are called by it alone
  CHECK(asked(set("operatingStatus", "limited")) == "status ");
  CHECK(asked([&](graph::RecordDraft& draft) {
          for (graph::Element& part : draft.root.children)
            if (part.kind == model::kinds::characteristic)
              part.set_field(model::words::value, json::Object{{"speed", 3}});
        }) == "define ");
  CHECK(asked([&](graph::RecordDraft& draft) {
          graph::Element& edge = draft.root.children.emplace_back();
          edge.kind = model::kinds::service_relation;
          edge.target = graph::Target{other.family, other.id};
          edge.set_field(model::words::relationship_type, "feeds");
        }) == "relate ");
  CHECK(asked(set("state", "active")) == "activate ");
}

TEST_CASE_FIXTURE(Works, "a transition asks its function whichever way it is reached") {
  std::string called;
  functions->act = [&called](ActionCall& call) -> Result<Changes> {
    called += std::string(call.name()) + ' ';
    if (call.name() == "activate" && call.after().at("drive.speed").is_null())
      return Error{ErrorCode::conflict, "it has no drive"};
    return Changes{};
  };
  const graph::Key pump = key_of(build("Pump", "{}"));
  CHECK(message_of(act(pump, "activate")) == "it has no drive");
  called.clear();
  CHECK(message_of(build("Pump", R"({"state": "active"})")) == "it has no drive");
  CHECK(called == "build activate ");
  key_of(act(pump, "define", R"({"characteristicValueUpdates": {"drive": {"speed": 1}}})"));
  called.clear();
  key_of(act(pump, "activate"));
  CHECK(called == "activate ");
  CHECK(field(pump, "state") == "active");
}

TEST_CASE_FIXTURE(Works,
                  "a decision that is made again asks again, and comes to what there is then") {
  const graph::Key pump = key_of(build("Pump", "{}"));
  // It counts up from what it sees: a lost change would show.
  std::atomic<int> asked{0};
  functions->act = [&asked](ActionCall& call) -> Result<Changes> {
    ++asked;
    const json::Value speed = call.before()->at("drive.speed");
    const std::int64_t next = speed.is_null() ? 1 : speed.integer() + 1;
    return Changes{{}, {{"drive", json::Object{{"speed", next}}}}};
  };
  constexpr int each = 10;
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 4; ++writer)
    writers.emplace_back([&] {
      for (int count = 0; count < each; ++count)
        key_of(act(pump, "define"));
    });
  for (std::thread& writer : writers)
    writer.join();
  CHECK(json::to_text(drive(pump)) == R"({"speed":40})");
  CHECK(asked >= 4 * each);
}

TEST_CASE("a program without a function gives no value and carries out no action") {
  DeclaredStore bare(works);
  const auto refused = bare.build("Pump", "{}");
  REQUIRE(!refused);
  CHECK(refused.error().code == ErrorCode::unsupported);
  CHECK(refused.error().message == "this program has no hook act, which Pump.build asks for");
}

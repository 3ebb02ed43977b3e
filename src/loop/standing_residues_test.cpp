// The thread that keeps what stands: it follows writers, answers those who wait, and goes on after
// a restart.
#include "loop/standing_residues.h"

#include "loop/expectation_record.h"
#include "model/schema.h"
#include "testing/test_store.h"
#include "tmf/import_line.h"

#include <doctest/doctest.h>

#include <atomic>
#include <fstream>
#include <future>
#include <string>
#include <thread>
#include <vector>

namespace diffo::loop {
namespace {

class Followed {
  store::test::Place place_;
  SystemClock clock_;
  Log log_ = Log::silent();

public:
  Followed() {
    store::EmbeddedOptions options = place_.options(model::inventory_schema());
    options.clock = &clock_;
    store = store::EmbeddedStore::open(options).value();
    open();
  }

  void open() {
    residues = std::make_unique<StandingResidues>(
        StandingResidues::Options{.store = *store,
                                  .clock = clock_,
                                  .log = log_,
                                  .file = file(),
                                  .context = [this](std::string cause) {
                                    graph::Context context;
                                    context.cause = std::move(cause);
                                    context.now = clock_.now().microseconds;
                                    return context;
                                  }});
    residues->start();
  }

  [[nodiscard]] std::filesystem::path file() const { return place_.directory.path() / "residues"; }

  graph::Sequence put(const graph::RecordDraft& draft) {
    const graph::Key key = draft.key;
    graph::Context context;
    context.now = clock_.now().microseconds;
    const auto decide = [&](graph::Subgraph& subgraph) -> Result<graph::Decision> {
      static_cast<void>(subgraph.find(key));
      graph::ChangeSet change;
      change.changes.push_back({key, graph::encode(draft, subgraph.schema().dictionary())});
      return graph::Decision(std::move(change));
    };
    return graph::transact_and_wait(*store, context, {.records = {key}}, decide).value().sequence;
  }

  graph::Sequence put_service(const std::string& id, const std::string& state) {
    const std::string text =
        R"({"id":")" + id + R"(","state":")" + state + R"(","serviceSpecification":{"id":"S"}})";
    return put(tmf::decode_import_line(json::read(text).value(), {}, model::inventory_schema(),
                                       graph::Context{})
                   .value());
  }

  graph::Sequence put_expectation(const std::string& id, const std::string& target) {
    const std::string text =
        R"({"id":")" + id + R"(","target":)" + target + R"(,"expect":{"state":"active"}})";
    return put(
        expectation_draft(json::read(text).value(), graph::Context{}, model::inventory_schema())
            .value());
  }

  StandingRef at(graph::Sequence sequence) {
    auto promise = std::make_shared<std::promise<StandingRef>>();
    auto answer = promise->get_future();
    residues->when(sequence,
                   [promise](StandingRef standing) { promise->set_value(std::move(standing)); });
    return answer.get();
  }

  [[nodiscard]] static std::size_t targets(const StandingRef& standing) {
    return standing->index->size();
  }

  std::unique_ptr<store::EmbeddedStore> store;
  std::unique_ptr<StandingResidues> residues;
};

TEST_CASE("whoever asks sees what was there when they asked, whatever else is written") {
  Followed world;
  world.put_expectation("all", R"({"filter":"serviceSpecification.id=S"})");
  std::atomic<bool> wrong = false;
  constexpr int count = 3;
  std::vector<std::thread> writers;
  writers.reserve(count);
  for (int writer = 0; writer < count; ++writer)
    writers.emplace_back([&, writer] {
      const std::string id = "s" + std::to_string(writer);
      for (int round = 0; round < 30; ++round) {
        const bool open = round % 2 == 0;
        const graph::Sequence sequence = world.put_service(id, open ? "inactive" : "active");
        const StandingRef standing = world.at(sequence);
        // Nobody else writes this one.
        const auto found = standing->index->find({0, model::family_service, id});
        if (standing->sequence < sequence || static_cast<bool>(found) != open ||
            standing->pinned->sequence() != standing->sequence)
          wrong = true;
      }
    });
  for (std::thread& writer : writers)
    writer.join();
  CHECK_FALSE(wrong);
}

TEST_CASE("what stands goes on after a restart, also from a file that cannot be read") {
  Followed world;
  world.put_expectation("all", R"({"filter":"serviceSpecification.id=S"})");
  for (int number = 0; number < 20; ++number)
    world.put_service("s" + std::to_string(number), number % 2 == 0 ? "inactive" : "active");
  graph::Sequence last = world.put_service("s0", "reserved");
  const StandingRef before = world.at(last);
  CHECK(Followed::targets(before) == 10);
  world.residues->stop();
  REQUIRE(std::filesystem::exists(world.file()));

  SUBCASE("saved") {}
  SUBCASE("with something written meanwhile") {
    last = world.put_service("s1", "inactive");
    last = world.put_service("s2", "active");
  }
  SUBCASE("damaged") {
    std::ofstream(world.file(), std::ios::app) << "x";
  }
  SUBCASE("empty") {
    std::ofstream(world.file(), std::ios::trunc);
  }
  SUBCASE("missing") {
    std::filesystem::remove(world.file());
  }

  world.open();
  const StandingRef after = world.at(last);
  REQUIRE(after);
  CHECK(Followed::targets(after) == 10);
  const auto found = after->index->find({0, model::family_service, "s0"});
  const auto earlier = before->index->find({0, model::family_service, "s0"});
  REQUIRE(found);
  CHECK(found->residues.front().leaves == earlier->residues.front().leaves);
}

TEST_CASE("what stood in another inventory counts for nothing") {
  Followed one;
  Followed other;
  graph::Sequence last = 0;
  for (Followed* world : {&one, &other}) {
    world->put_expectation("all", R"({"filter":"serviceSpecification.id=S"})");
    last = world->put_service(world == &one ? "a" : "b", "inactive");
    world->at(last);
    world->residues->stop();
  }
  std::filesystem::copy_file(one.file(), other.file(),
                             std::filesystem::copy_options::overwrite_existing);
  other.open();
  const StandingRef standing = other.at(last);
  REQUIRE(standing);
  CHECK_FALSE(standing->index->find({0, model::family_service, "a"}));
  CHECK(standing->index->find({0, model::family_service, "b"}));
}

TEST_CASE("whoever waits when it ends is answered") {
  Followed world;
  const graph::Sequence last = world.put_service("s", "active");
  CHECK(world.at(last));
  std::promise<void> answered;
  world.residues->when(last + 1000, [&](const StandingRef&) { answered.set_value(); });
  world.residues->stop();
  answered.get_future().get();
  CHECK(world.at(last + 1000)); // what was known last
}

TEST_CASE("what is expected of an instance is told, met or not") {
  Followed world;
  world.put_expectation("all", R"({"filter":"serviceSpecification.id=S"})");
  world.put_expectation("one", R"({"id":"s","family":"service"})");
  world.put_expectation("other", R"({"id":"t","family":"service"})");
  const graph::Sequence last = world.put_service("s", "active");
  std::promise<std::size_t> told;
  world.residues->when(last, {0, model::family_service, "s"},
                       [&](const StandingRef&, const StandingResidues::Expectations& about) {
                         told.set_value(about ? about->size() : 0);
                       });
  CHECK(told.get_future().get() == 2);
}

} // namespace
} // namespace diffo::loop

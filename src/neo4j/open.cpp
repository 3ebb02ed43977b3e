#include "neo4j/core.h"
#include "neo4j/setup.h"

#include <algorithm>
#include <charconv>
#include <utility>

/// How the store begins and ends.
namespace diffo::neo4j {
namespace {

using SharedSchema = std::shared_ptr<const graph::Schema>;

Error damaged() {
  return {ErrorCode::corrupt, "the head of the journal in the database cannot be read"};
}

/// The bytes of hexadecimal digits; an empty hash for "0", which stands before the first commit.
std::optional<graph::Hash> read_hash(std::string_view digits) {
  graph::Hash hash{};
  if (digits == "0")
    return hash;
  if (digits.size() != hash.size() * 2)
    return std::nullopt;
  for (std::size_t index = 0; index < hash.size(); ++index) {
    const char* begin = digits.data() + index * 2;
    if (const auto read = std::from_chars(begin, begin + 2, hash[index], 16); read.ptr != begin + 2)
      return std::nullopt;
  }
  return hash;
}

/// The schema that holds: the program's, or the one of a model that a commit put in its place.
Result<SharedSchema> schema_in(const bolt::Record& head, const Neo4jOptions& options) {
  std::vector<std::string> words;
  if (const bolt::List* kept = head["words"].get_if<bolt::List>())
    for (const bolt::Value& word : *kept) {
      const std::string* text = word.get_if<std::string>();
      if (text == nullptr)
        return damaged();
      words.push_back(*text);
    }
  SharedSchema schema(std::shared_ptr<void>(), options.schema); // outlives every store
  if (const std::string* description = head["schema"].get_if<std::string>();
      description != nullptr && !description->empty()) {
    if (!options.make_schema)
      return Error{ErrorCode::unsupported,
                   "the database has a model that this program cannot make"};
    schema = TRY(options.make_schema(*description, words));
  }
  return graph::schema_with(std::move(schema), words);
}

/// The indexes whose keys have words.
ListIndexes lists_in(const bolt::Record& head) {
  ListIndexes lists;
  if (const bolt::List* numbers = head["lists"].get_if<bolt::List>())
    for (const bolt::Value& number : *numbers)
      if (const auto* one = number.get_if<std::int64_t>())
        lists.numbers.push_back(static_cast<graph::IndexNumber>(*one));
  return lists;
}

Result<bolt::Record> head_of(Database& database, bool take_over) {
  const std::string text =
      std::string("CYPHER 5 MATCH (h:DiffoHead {id:'main'}) ") +
      (take_over ? "SET h.epoch = h.epoch + 1 " : "") +
      "RETURN h.seq AS seq, h.hash AS hash, h.epoch AS epoch, h.time AS time, h.kept AS kept, "
      "h.lists AS lists, h.words AS words, "
      "h.schema AS schema, h.oldest AS oldest, coalesce(h.attempt,0) AS attempt";
  std::vector<bolt::EagerResult> results;
  if (take_over) {
    auto written = database.write({{text, {}}});
    if (!written)
      return error_of(written.error());
    results = std::move(*written);
  } else {
    results = TRY(database.read({{text, {}}}));
  }
  if (results.front().records.empty())
    return Error{ErrorCode::unprocessable,
                 "the database was not prepared for an inventory; do it once with: diffo neo4j "
                 "init --store URI"};
  return results.front().records.front();
}

} // namespace

Result<std::unique_ptr<Neo4jStore::Core>> Neo4jStore::Core::open(Neo4jOptions options) {
  auto database = TRY(Database::open(options.connection));
  // Whether this program can read it is found out before anybody's writing is ended.
  TRY(schema_in(TRY(head_of(*database, false)), options));
  const bolt::Record row = TRY(head_of(*database, !options.read_only));
  const std::int64_t* sequence = row["seq"].get_if<std::int64_t>();
  const std::int64_t* epoch = row["epoch"].get_if<std::int64_t>();
  const std::string* digits = row["hash"].get_if<std::string>();
  const auto hash = digits == nullptr ? std::nullopt : read_hash(*digits);
  if (sequence == nullptr || epoch == nullptr || !hash)
    return damaged();
  Head head{.sequence = static_cast<graph::Sequence>(*sequence),
            .hash = *hash,
            .time = 0,
            .epoch = *epoch};
  if (const std::int64_t* time = row["time"].get_if<std::int64_t>())
    head.time = *time;
  if (const std::int64_t* kept = row["kept"].get_if<std::int64_t>())
    head.kept_bytes = static_cast<std::uint64_t>(std::max<std::int64_t>(*kept, 0));
  const SharedSchema schema = TRY(schema_in(row, options));
  options.limits.lists = lists_in(row);
  auto core = std::make_unique<Core>(std::move(options), std::move(database),
                                     Published{head.sequence, schema}, head);
  if (const std::int64_t* attempt = row["attempt"].get_if<std::int64_t>())
    core->attempt_ = *attempt;
  if (const std::int64_t* oldest = row["oldest"].get_if<std::int64_t>())
    core->oldest = static_cast<graph::Sequence>(*oldest);
  // Lists still come, and take long; what commits rely on was there before the head.
  if (core->options.log != nullptr &&
      !TRY(is_initialized(core->database->driver(), core->database->name(), *core->options.schema)))
    core->options.log->warning(
        "the database lacks indexes of this program; run once more: diffo neo4j init --store URI");
  TRY(core->load(row));
  return core;
}

/// What is small and asked for often: places of consumers, names of tenants; and the words that
/// this program has more than the database.
Result<void> Neo4jStore::Core::load(const bolt::Record& head) {
  const auto results = TRY(database->read(
      {{"CYPHER 5 MATCH (c:DiffoCursor) RETURN c.name AS name, c.sequence AS sequence", {}},
       {"CYPHER 5 MATCH (t:DiffoTenant) RETURN t.name AS name, t.number AS number ORDER BY "
        "t.number",
        {}}}));
  for (const bolt::Record& row : results[0].records)
    if (const auto* sequence = row["sequence"].get_if<std::int64_t>())
      cursors.lock()->insert_or_assign(TRY(text_in(row, "name")),
                                       static_cast<graph::Sequence>(*sequence));
  std::vector<std::string> names{""}; // the tenant of a server without tenants
  for (const bolt::Record& row : results[1].records)
    names.push_back(TRY(text_in(row, "name")));
  *tenants_.lock() = std::move(names);
  const graph::Dictionary& dictionary = published().schema->dictionary();
  const bolt::List* kept = head["words"].get_if<bolt::List>();
  if (options.read_only || (kept != nullptr && kept->size() >= dictionary.size()))
    return {};
  bolt::List words;
  words.reserve(dictionary.size());
  for (std::size_t number = 0; number < dictionary.size(); ++number)
    words.emplace_back(dictionary.text(number));
  const auto written =
      database->write({{"CYPHER 5 MATCH (h:DiffoHead {id:'main'}) SET h.words = $words",
                        bolt::Map{{"words", bolt::Value(std::move(words))}}}});
  return written ? Result<void>() : error_of(written.error());
}

/// As if the entries up to that one had been written and dropped.
Result<void> Neo4jStore::Core::begin_behind(graph::Sequence sequence) {
  Result<void> done = Error{ErrorCode::unavailable, "the store has been stopped"};
  run_between_batches([&] {
    if (written_.sequence >= oldest || fenced_ || unknown_) {
      done = Error{ErrorCode::conflict, "the store has commits of its own"};
      return;
    }
    const graph::Sequence begin = std::max(written_.sequence, sequence);
    const auto written = database->write(
        {{"CYPHER 5 MATCH (h:DiffoHead {id:'main'}) WHERE h.seq = $before AND h.epoch = $epoch "
          "SET h.seq = $seq, h.oldest = $seq + 1 RETURN h.seq AS seq",
          bolt::Map{{"epoch", written_.epoch},
                    {"before", static_cast<std::int64_t>(written_.sequence)},
                    {"seq", static_cast<std::int64_t>(begin)}}}});
    if (!written || written->front().records.empty()) {
      done = written ? Error{ErrorCode::conflict, "another process has opened the database for "
                                                  "writing"}
                     : error_of(written.error());
      return;
    }
    written_.sequence = begin;
    recent_.begin_behind(begin);
    oldest = begin + 1;
    *published_.lock() = {begin, tip_.schema()};
    tip_.reset(tip_.schema(), written_);
    done = {};
  });
  return done;
}

void Neo4jStore::Core::start() {
  thread_ = std::thread([this] { run(); });
}

void Neo4jStore::Core::stop() {
  const std::lock_guard once(stop_mutex_);
  workers.stop(); // what is being decided still reaches the committer
  {
    const std::lock_guard held(queue_mutex_);
    queue_.stopping = true;
  }
  queue_wake_.notify_all();
  if (thread_.joinable())
    thread_.join();
}

} // namespace diffo::neo4j

#include "bolt/core.h"

namespace diffo::bolt {

namespace {

const Value null_value;

Failure consumed() {
  return make_failure(FailureKind::result_consumed,
                      "the result was given up: its records are gone");
}

} // namespace

const Value* Record::find(std::string_view key) const {
  if (!keys_)
    return nullptr;
  for (std::size_t i = 0; i < keys_->size() && i < values_.size(); ++i)
    if ((*keys_)[i] == key)
      return &values_[i];
  return nullptr;
}

const Value& Record::operator[](std::string_view key) const {
  const Value* value = find(key);
  return value == nullptr ? null_value : *value;
}

Outcome<std::shared_ptr<const Keys>> read_keys(const Map& metadata) {
  auto keys = std::make_shared<Keys>();
  const Value* fields = metadata.find("fields");
  if (fields == nullptr || fields->get_if<List>() == nullptr)
    return make_failure(FailureKind::protocol_error, "the server named no columns");
  for (const Value& field : fields->get<List>()) {
    const std::string* name = field.get_if<std::string>();
    if (name == nullptr)
      return make_failure(FailureKind::protocol_error, "a column without a name");
    keys->push_back(*name);
  }
  return std::shared_ptr<const Keys>(std::move(keys));
}

ResultStream::Core::~Core() {
  if (ended || failure || !lease)
    return;
  // In a transaction the commit or rollback ends it; alone it must be ended here, or its writes
  // would be undone by the RESET that the pool needs otherwise.
  if (!transaction)
    (void)finish_discarding();
}

// The newest query of a transaction needs no id: that is the server's default.
std::optional<std::int64_t> ResultStream::Core::query_id_to_send() const {
  if (!transaction || query_id < 0 || transaction->newest_query == query_id)
    return std::nullopt;
  return query_id;
}

Outcome<void> ResultStream::Core::start(const ReplyPointer& run) {
  pull = TRY(lease->protocol().pull(fetch_size, std::nullopt, buffer));
  if (Outcome<void> answered = lease->connection().wait(*run); !answered)
    return fail(std::move(answered).error());
  Outcome<std::shared_ptr<const Keys>> names = read_keys(run->metadata);
  if (!names) {
    lease->protocol().lose(names.error());
    return fail(std::move(names).error());
  }
  keys = std::move(*names);
  if (const Value* id = run->metadata.find("qid"); id != nullptr && id->get_if<std::int64_t>())
    query_id = id->get<std::int64_t>();
  if (transaction)
    transaction->newest_query = query_id;
  session->learn_database(run->metadata);
  summary.server = lease->connection().server_info();
  const Value* first = run->metadata.find("t_first");
  if (first != nullptr && first->get_if<std::int64_t>() != nullptr)
    summary.available_after = Milliseconds{first->get<std::int64_t>()};
  return {};
}

Failure ResultStream::Core::fail(Failure reason) {
  // An auto-commit query that may have written and whose answer never came: nobody knows.
  if (!transaction && may_have_written && reason.server_code.empty() &&
      (reason.kind == FailureKind::service_unavailable ||
       reason.kind == FailureKind::session_expired)) {
    reason.kind = FailureKind::outcome_unknown;
    reason.code = ErrorCode::outcome_unknown;
    reason.message =
        "the connection was lost while the query was under way: it may or may not have "
        "happened: " +
        reason.message;
  }
  if (!failure)
    failure = reason;
  pull.reset();
  lease.reset();
  if (transaction)
    (void)transaction->fail(*failure);
  return *failure;
}

void ResultStream::Core::abandon(const Failure& reason) {
  if (!ended) {
    buffer->records.clear();
    if (!failure)
      failure = reason;
  }
  pull.reset();
  lease.reset();
}

void ResultStream::Core::end_with(const Map& metadata) {
  const Value* more = metadata.find("has_more");
  has_more = more != nullptr && *more == Value(true);
  if (has_more)
    return;
  const ServerInfo server = summary.server;
  const std::optional<Milliseconds> available_after = summary.available_after;
  summary = summary_of(metadata, lease->connection().version());
  summary.server = server;
  if (!summary.available_after)
    summary.available_after = available_after;
  if (summary.database.empty())
    summary.database = lease->database();
  ended = true;
  if (!transaction && summary.bookmark)
    session->committed(sent_bookmarks, *summary.bookmark);
  lease.reset();
}

Outcome<bool> ResultStream::Core::fill() {
  while (buffer->records.empty()) {
    if (failure)
      return *failure;
    if (given_up)
      return consumed();
    if (ended)
      return false;
    if (!pull) {
      Outcome<ReplyPointer> asked = lease->protocol().pull(fetch_size, query_id_to_send(), buffer);
      if (!asked)
        return fail(std::move(asked).error());
      pull = *asked;
    }
    if (pull->waiting())
      // Its failure is also the answer of the PULL, which is looked at below.
      (void)lease->connection().receive_message();
    if (pull->waiting())
      continue;
    const ReplyPointer answered = std::exchange(pull, nullptr);
    if (answered->state == Reply::State::failed)
      return fail(answered->failure);
    end_with(answered->metadata);
  }
  return true;
}

Outcome<void> ResultStream::Core::settle() {
  if (!pull)
    return {};
  (void)lease->connection().wait(*pull);
  const ReplyPointer answered = std::exchange(pull, nullptr);
  if (answered->state == Reply::State::failed)
    return fail(answered->failure);
  end_with(answered->metadata);
  return {};
}

Outcome<ReplyPointer> ResultStream::Core::queue_discard() {
  TRY(settle());
  if (ended)
    return ReplyPointer{};
  return lease->protocol().discard(-1, query_id_to_send());
}

Outcome<Summary> ResultStream::Core::finish_discarding() {
  if (failure)
    return *failure;
  if (!ended) {
    const ReplyPointer discard = TRY(queue_discard());
    if (discard) {
      if (Outcome<void> answered = lease->connection().wait(*discard); !answered)
        return fail(std::move(answered).error());
      end_with(discard->metadata);
    }
  }
  buffer->records.clear();
  given_up = true;
  return summary;
}

Outcome<void> ResultStream::Core::buffer_all() {
  // Records already there stay in front: fill works on an empty buffer, so they wait aside.
  std::deque<List> all;
  while (true) {
    for (List& record : buffer->records)
      all.push_back(std::move(record));
    buffer->records.clear();
    if (buffer->bytes_received > max_buffered_bytes) {
      Failure failure_now =
          make_failure(FailureKind::usage, "the result is larger than max_buffered_bytes");
      failure_now.code = ErrorCode::too_large;
      // A server that never ends would not answer a RESET in time either.
      if (lease)
        lease->protocol().lose(failure_now);
      return fail(std::move(failure_now));
    }
    const Outcome<bool> more = fill();
    if (!more)
      return more.error();
    if (!*more)
      break;
  }
  buffer->records = std::move(all);
  return {};
}

Record ResultStream::Core::take_front() {
  Record record(keys, std::move(buffer->records.front()));
  buffer->records.pop_front();
  return record;
}

ResultStream::ResultStream(std::shared_ptr<Core> core) : core_(std::move(core)) {}
ResultStream::ResultStream(ResultStream&&) noexcept = default;

ResultStream& ResultStream::operator=(ResultStream&& other) noexcept {
  ResultStream old(std::move(*this));
  core_ = std::move(other.core_);
  return *this;
}

ResultStream::~ResultStream() {
  if (core_ && core_->transaction && core_->transaction->open && !core_->ended && !core_->failure) {
    core_->buffer->records.clear();
    core_->transaction->orphans.push_back(core_);
  }
}

const Keys& ResultStream::keys() const {
  return *core_->keys;
}
std::shared_ptr<const Keys> ResultStream::shared_keys() const {
  return core_->keys;
}

Outcome<std::optional<Record>> ResultStream::next() {
  if (core_->given_up)
    return consumed();
  if (!TRY(core_->fill()))
    return std::optional<Record>{};
  return std::optional(core_->take_front());
}

Outcome<const Record*> ResultStream::peek() {
  if (core_->given_up)
    return consumed();
  if (!TRY(core_->fill()))
    return static_cast<const Record*>(nullptr);
  core_->peeked = Record(core_->keys, core_->buffer->records.front());
  return &core_->peeked;
}

Outcome<Record> ResultStream::single() {
  std::optional<Record> first = TRY(next());
  if (!first)
    return make_failure(FailureKind::not_single, "one record was expected, there is none");
  if (TRY(core_->fill())) {
    (void)core_->finish_discarding();
    return make_failure(FailureKind::not_single, "one record was expected, there are several");
  }
  return std::move(*first);
}

Outcome<std::vector<Record>> ResultStream::list() {
  if (core_->given_up)
    return consumed();
  TRY(core_->buffer_all());
  std::vector<Record> out;
  out.reserve(core_->buffer->records.size());
  while (!core_->buffer->records.empty())
    out.push_back(core_->take_front());
  return out;
}

Outcome<EagerResult> ResultStream::eager() {
  EagerResult result;
  result.records = TRY(list());
  result.keys = core_->keys;
  // Nothing can be asked of this result any more, so the summary need not be copied.
  core_->given_up = true;
  result.summary = std::move(core_->summary);
  return result;
}

Outcome<Summary> ResultStream::consume() {
  return core_->finish_discarding();
}

} // namespace diffo::bolt

#include "base/url_text.h"
#include "query/condition.h"
#include "query/entity_path.h"
#include "rules/beside.h"
#include "rules/instances.h"
#include "server/on_reader.h"
#include "server/parameters.h"
#include "server/surfaces/patch_types.h"
#include "server/surfaces/resource.h"
#include "json/patch_share.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

// PATCH of a collection (TMF630 Parts 5 and 6): all entities that a filter keeps, or none of them.
namespace diffo::server {
namespace {

constexpr std::uint64_t most_changed = 1000;
/// Of all records together: they are patched in one decision and answered in one body.
constexpr std::size_t most_bytes = std::size_t{32} << 20;
/// How many values the paths of a patch by query look at in all entities together.
constexpr std::size_t most_steps = 20'000'000;
/// Patterns in all paths of one patch.
constexpr std::size_t most_patterns = 64;
/// Ways in which the paths of one patch begin at the collection: `[*]`, `[ * ]`.
constexpr std::size_t most_beginnings = 8;

Error too_many() {
  return {ErrorCode::unprocessable,
          "a patch changes at most 1000 entities of 32 MiB together, before and after, and the "
          "filter keeps more",
          "filter"};
}

/// Only what chooses entities, and `fields`, has a meaning here. Gives whether anything chooses.
Result<bool> check_parameters(std::string_view query) {
  bool filters = false;
  const std::vector<QueryText> parameters = TRY(decode_query(query, query::max_parameters));
  for (const QueryText& parameter : parameters) {
    for (const std::string_view name :
         {"limit", "offset", "after", "before", "sort", "outstanding"})
      if (parameter.name == name)
        return Error{ErrorCode::invalid, "is of lists; a patch changes all that the filter keeps",
                     parameter.name};
    if (parameter.name == "expand" || parameter.name == "depth")
      return Error{ErrorCode::unsupported, "references are expanded in answers to GET alone",
                   parameter.name};
    filters = filters || parameter.name != "fields";
  }
  return filters;
}

Error needs_filter() {
  return {ErrorCode::invalid,
          "a patch of a collection needs a filter that says which entities it changes, as "
          "state=inactive or filter=$[?(@.state=='inactive')]",
          "filter"};
}

std::string_view without_blanks(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
}

/// Where the bracket ends that a well-formed path begins with. Quoted text and `/patterns/` may
/// hold brackets.
std::size_t end_of_bracket(std::string_view path) {
  int depth = 0;
  char quote = '\0';
  for (std::size_t at = 0; at < path.size(); ++at) {
    const char c = path[at];
    if (quote != '\0') {
      if (c == '\\')
        ++at;
      else if (c == quote)
        quote = '\0';
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (path.substr(at).starts_with("=~")) {
      if (const std::string_view operand = without_blanks(path.substr(at + 2));
          operand.starts_with('/')) {
        quote = '/';
        at = path.size() - operand.size();
      }
    } else if (c == '[') {
      ++depth;
    } else if (c == ']' && --depth == 0) {
      return at + 1;
    }
  }
  return path.size();
}

/// At most so many patterns are in a path.
std::size_t most_patterns_in(std::string_view path) {
  std::size_t count = 0;
  for (const std::string_view sign : {"=~", "match", "search"})
    for (std::size_t at = path.find(sign); at != std::string_view::npos;
         at = path.find(sign, at + sign.size()))
      ++count;
  return count;
}

/// The first segment of a path where it may choose entities: `*`, `[*]` or `[?(…)]`; else empty.
std::string_view first_segment(std::string_view path) {
  if (path.starts_with('*'))
    return path.substr(0, 1);
  if (!path.starts_with('['))
    return {};
  const std::string_view selector = without_blanks(path.substr(1));
  return selector.starts_with('*') || selector.starts_with('?')
             ? path.substr(0, end_of_bracket(path))
             : std::string_view();
}

/// A patch of one entity each, and which entities its paths choose.
class PatchOfMany {
public:
  explicit PatchOfMany(json::Value patch) : patch_(std::move(patch)) {}

  /// Lets all paths begin at the entity. A first `[*]` is the collection, and a first `[?(…)]`
  /// chooses in it: the same entities for all operations.
  Result<void> begin_at_entities() {
    json::Array* operations = patch_.if_array();
    if (operations == nullptr)
      return {};
    for (json::Value& operation : *operations)
      for (const char* member : {"path", "from"})
        TRY(begin_at_entity(operation, member));
    return {};
  }
  /// As a value of `filter`; empty: all.
  [[nodiscard]] std::string chosen() const {
    return chosen_.empty() || chosen_.begin()->empty() ? std::string() : "$" + *chosen_.begin();
  }
  [[nodiscard]] json::Value take() { return std::move(patch_); }

private:
  Result<void> begin_at_entity(json::Value& operation, const char* member) {
    json::Object* members = operation.if_object();
    json::Value* path = members != nullptr ? members->find(member) : nullptr;
    const std::string* text = path != nullptr ? path->if_string() : nullptr;
    if (text == nullptr)
      return {};
    patterns_ += most_patterns_in(*text);
    if (patterns_ > most_patterns)
      return Error{ErrorCode::invalid, "the paths of a patch of a collection may have " +
                                           std::to_string(most_patterns) + " patterns together"};
    std::string_view rest = without_blanks(*text);
    for (const char mark : {'$', '.'})
      if (rest.starts_with(mark))
        rest = without_blanks(rest.substr(1));
    const std::string first(first_segment(rest));
    const query::Chooses choice = TRY(choice_of(first));
    chosen_.insert(choice == query::Chooses::some ? first : std::string());
    if (choice != query::Chooses::nothing)
      *path = json::Value("$" + std::string(rest.substr(first.size())));
    if (chosen_.size() > 1 || choices_.size() > most_beginnings)
      return Error{ErrorCode::unsupported,
                   "all paths of a patch choose the same entities here; send one patch for each"};
    return {};
  }

  /// Paths that begin alike are read once: their patterns may be large.
  Result<query::Chooses> choice_of(const std::string& first) {
    const auto [known, is_new] = choices_.try_emplace(first, query::Chooses::nothing);
    if (is_new && !first.empty()) {
      const json::JsonPath parsed =
          TRY(json::JsonPath::parse_tmf630((first == "*" ? "$." : "$") + first));
      known->second = query::choice_of(parsed.query());
    }
    return known->second;
  }

  json::Value patch_;
  std::size_t patterns_ = 0;
  std::set<std::string> chosen_;
  std::map<std::string, query::Chooses, std::less<>> choices_;
};

/// `bytes`: of all that is made, which a small patch can make much of.
Result<void> add_changes(graph::ChangeSet& all, std::set<graph::Key>& changed, std::size_t& bytes,
                         graph::ChangeSet one) {
  for (graph::Change& change : one.changes) {
    bytes += change.after ? change.after->memory_bytes() : 0;
    if (bytes > most_bytes)
      return too_many();
    if (!changed.insert(change.key).second)
      return Error{ErrorCode::conflict,
                   "two of the entities change one record; patch them one after the other"};
    all.changes.push_back(std::move(change));
  }
  std::move(one.take.begin(), one.take.end(), std::back_inserter(all.take));
  std::move(one.release.begin(), one.release.end(), std::back_inserter(all.release));
  std::move(one.unchanged.begin(), one.unchanged.end(), std::back_inserter(all.unchanged));
  return {};
}

/// The records that a filter keeps, all of them.
Result<std::vector<graph::RecordRef>> records_to_change(graph::Subgraph& subgraph) {
  const graph::Page page = TRY(subgraph.page(0));
  std::size_t bytes = 0;
  for (const graph::RecordRef& record : page.records)
    bytes += record->memory_bytes();
  if (page.records.size() > most_changed || bytes > most_bytes)
    return too_many();
  return page.records;
}

} // namespace

void Resource::change_many(const CallRef& call) const {
  on_reader(services_, call, [this](Call& asked) { return start_changing_many(asked); });
}

Result<void> Resource::start_changing_many(Call& call) const {
  const bool filters = TRY(check_parameters(call.request.query));
  const graph::Schema& schema = services_.store.schema();
  ListRequest request = TRY(form_->list(call, schema));
  TRY(Conditions(call.request).judge_unversioned());
  if (call.request.has_header("Idempotency-Key"))
    return Error{ErrorCode::invalid, "a patch of a collection cannot be repeated by a key",
                 "Idempotency-Key"};
  const tmf::PatchKind kind = patch_kind_of(call.request);
  PatchOfMany patch(TRY(read_json(call.request.body)));
  if (kind == tmf::PatchKind::patch_query)
    TRY(patch.begin_at_entities());
  if (!patch.chosen().empty())
    request.query.filter =
        graph::all_of({std::move(request.query.filter),
                       TRY(form_->filter_of_one(patch.chosen(), schema, request.overrun))});
  else if (!filters)
    return needs_filter();
  const PatchRequest asked{std::make_shared<const json::Value>(patch.take()), kind};
  const Shown shown{origin_of(call.request, services_.public_url), request.fields, {}};
  request.query.offset = 0;
  request.query.limit = most_changed + 1;
  request.query.count = false;
  graph::FetchPlan plan;
  plan.queries.push_back(std::move(request.query));
  std::vector<graph::RecordRef> present;
  const graph::Context context = services_.context(call, cause_of(call.request));
  graph::Decide decide = [&](graph::Subgraph& subgraph) -> Result<graph::Decision> {
    present = TRY(records_to_change(subgraph));
    if (*request.overrun)
      return query::overrun_error("filter");
    return change_each(present, asked, shown, context, subgraph);
  };
  const graph::Commit commit = TRY(graph::transact_and_wait(
      services_.store, context, std::move(plan), rules::under(schema, std::move(decide)),
      {.document_bytes = most_bytes}));
  return answer_many(call, std::move(present), commit, shown);
}

Result<graph::Decision> Resource::change_each(const std::vector<graph::RecordRef>& present,
                                              PatchRequest patch, const Shown& shown,
                                              const graph::Context& context,
                                              graph::Subgraph& subgraph) const {
  graph::FetchPlan plan;
  for (const graph::RecordRef& record : present)
    plan.extend(rules::plan_for(record->key()));
  subgraph.announce(plan);
  // A rule may be asked again, and then begins anew.
  patch.share = std::make_shared<json::PatchShare>(most_steps);
  graph::ChangeSet all;
  std::set<graph::Key> changed;
  std::size_t bytes = 0;
  for (const graph::RecordRef& record : present) {
    auto decision = rules::change(record->key(), {}, revision_of(patch, context, shown))(subgraph);
    if (!decision) {
      Error error = std::move(decision).error();
      error.message = std::string(record->id()) + ": " + error.message;
      return error;
    }
    if (std::holds_alternative<graph::FetchPlan>(*decision))
      return decision;
    TRY(add_changes(all, changed, bytes, std::move(std::get<graph::ChangeSet>(*decision))));
  }
  return graph::Decision(std::move(all));
}

/// What was changed as it is now, and what the patch left as it was, in the order of the list.
Result<void> Resource::answer_many(Call& call, std::vector<graph::RecordRef> records,
                                   const graph::Commit& commit, const Shown& shown) const {
  std::map<graph::Key, graph::RecordRef> made;
  for (const graph::RecordRef& record : commit.records)
    if (record)
      made.emplace(record->key(), record);
  for (graph::RecordRef& record : records)
    if (const auto found = made.find(record->key()); found != made.end())
      record = found->second;
  graph::Subgraph subgraph = TRY(graph::read_and_wait(services_.store, {}, {}));
  std::uint64_t written = 0;
  std::string body = rendered(presented_all(records, subgraph), shown, subgraph.schema(),
                              std::string::npos, written);
  const std::string count = std::to_string(written);
  answer(call, 200, std::move(body), {{"X-Total-Count", count}, {"X-Result-Count", count}});
  return {};
}

} // namespace diffo::server

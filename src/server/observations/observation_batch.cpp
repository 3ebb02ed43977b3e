#include "server/observations/observation_batch.h"

#include "base/text.h"
#include "base/time.h"
#include "graph/annotation.h"
#include "graph/compiled_filter.h"
#include "graph/unseen.h"
#include "model/contradictions.h"
#include "model/declared.h"
#include "model/schema.h"
#include "rules/enforce.h"
#include "rules/kind_attributes.h"
#include "tmf/observed.h"

#include <algorithm>
#include <utility>

namespace diffo::server {
namespace {

/// How many instances may come into question for one item.
constexpr std::uint64_t most_candidates = 10'000;

std::vector<graph::Family> families_of(const ItemMatch& match) {
  if (match.family != 0)
    return {match.family};
  return {model::family_service, model::family_resource};
}

ItemOutcome rejected(const ObservedItem& item, const Error& error) {
  return {.number = item.number,
          .outcome = ObservedOutcome::rejected,
          .path = error.path,
          .reason = error.path.empty() ? error.text() : error.message};
}

Error none_found(const ItemMatch& match) {
  return {ErrorCode::not_found, "there is no instance with " + match.text(), "/match"};
}

/// Whether all that is known of an element was said by that source.
bool is_all_by(const graph::ElementView& element, std::string_view source) {
  for (const graph::Annotation& note : graph::annotations_of(element))
    if (note.source != source)
      return false;
  graph::ElementView child;
  for (auto children = element.children(); children.next(child);)
    if (!is_all_by(child, source))
      return false;
  return true;
}

bool same_body(const graph::Record& a, const graph::Record& b) {
  return a.bytes().substr(graph::record_head_bytes) == b.bytes().substr(graph::record_head_bytes);
}

/// Of several things that were not taken the first is told, and how many there are.
void tell(ItemOutcome& outcome, const std::vector<tmf::NotTaken>& not_taken) {
  const auto weaker = std::find_if(not_taken.begin(), not_taken.end(), [](const auto& one) {
    return one.ruling == rules::Ruling::weaker;
  });
  const tmf::NotTaken& told = weaker != not_taken.end() ? *weaker : not_taken.front();
  outcome.outcome =
      weaker != not_taken.end() ? ObservedOutcome::conflicting : ObservedOutcome::stale;
  outcome.path = told.address;
  outcome.reason =
      (weaker != not_taken.end() ? "the stronger source " : "newer is what was said by ") +
      told.held.source + (weaker != not_taken.end() ? " says otherwise, since " : " at ") +
      text_of(Timestamp{told.held.at});
  if (not_taken.size() > 1)
    outcome.reason += ", and " + std::to_string(not_taken.size() - 1) + " more";
}

/// The API of what is to be created, by what is said of it.
Result<model::Api> api_of_new(const ObservedItem& item, const model::Model& model) {
  if (item.match.family != 0)
    return model::api_of(item.match.family);
  const json::Object* set = item.set ? item.set->if_object() : nullptr;
  for (const auto& [member, api] : {std::pair{"serviceSpecification", model::Api::service},
                                    {"serviceCharacteristic", model::Api::service},
                                    {"resourceSpecification", model::Api::resource},
                                    {"resourceCharacteristic", model::Api::resource}})
    if (set != nullptr && set->contains(member))
      return api;
  for (const model::DeclaredKind* kind :
       {model.declared().specified(item.match.kind), model.declared().named(item.match.kind)})
    if (kind != nullptr)
      return model::DeclaredKinds::api_of(*kind);
  return Error{ErrorCode::invalid,
               "is missing: nothing says whether a service or a resource is to be created",
               "/match/family"};
}

/// What the standard demands of every instance is there also of one that was seen, unless its kind
/// supplies it or it shows by itself.
Result<void> check_mandatory(const graph::RecordDraft& draft, const model::Model& model) {
  if (rules::kind_of(model, draft) != nullptr)
    return {};
  const graph::Element& root = draft.root;
  const auto has = [&](const model::Attribute& row) {
    const auto word = model.dictionary().find(row.name);
    return (word && root.field(*word) != nullptr) ||
           std::any_of(root.children.begin(), root.children.end(), [&](const auto& child) {
             return row.holds != 0 && child.kind == row.holds;
           });
  };
  for (const model::Attribute& row : model.attributes_of(root.kind))
    if (row.is_demanded(model::Version::v5) && row.otherwise == model::Otherwise::nothing &&
        !has(row))
      return Error{ErrorCode::invalid, "is mandatory for an instance that is created",
                   "/set/" + std::string(row.name)};
  return {};
}

/// The id that is said of the instance, where it is one that it can have.
Result<std::optional<std::string>> id_said(const ObservedItem& item) {
  const json::Value* id = item.set ? item.set->find("id") : nullptr;
  if (id == nullptr)
    return std::optional<std::string>();
  if (!id->is_string() || !is_id(id->string()))
    return Error{ErrorCode::invalid, "cannot be the id of an instance", "/set/id"};
  return std::optional(id->string());
}

/// What is said of an instance that names another one, or another kind of record, is not of it.
Result<void> check_said_of(const ObservedItem& item, const graph::Key& key) {
  const json::Value* which = item.set ? item.set->find("which") : nullptr;
  if (which != nullptr && *which != json::Value("actual"))
    return Error{ErrorCode::invalid, "what is observed is actual", "/set/which"};
  if (const auto id = TRY(id_said(item)); id && *id != key.id)
    return Error{ErrorCode::invalid, "is another id than that of the instance, " + key.id,
                 "/set/id"};
  return {};
}

/// A document that says what the match says.
json::Object matched_document(const ItemMatch& match, model::Api api, const model::Model& model) {
  json::Object document;
  const bool service = api == model::Api::service;
  switch (match.by) {
  case ItemMatch::By::id:
    break;
  case ItemMatch::By::name:
    document.append("name", match.name);
    break;
  case ItemMatch::By::external_identifier:
    document.append(
        "externalIdentifier",
        json::Array{json::Object{{"id", match.id}, {"externalIdentifierType", match.type}}});
    break;
  case ItemMatch::By::characteristic:
    document.append(service ? "serviceCharacteristic" : "resourceCharacteristic",
                    json::Array{json::Object{{"name", match.name}, {"value", match.value}}});
    break;
  }
  if (match.kind.empty())
    return document;
  const model::DeclaredKind* kind = model.declared().named(match.kind);
  json::Object reference;
  if (kind == nullptr || !kind->specification) {
    reference.append("id", match.kind);
    if (model.declared().specified(match.kind) == nullptr)
      reference.append("name", match.kind);
  } else {
    reference.append("id", kind->specification->id);
    reference.append("name", kind->specification->name);
  }
  document.append(service ? "serviceSpecification" : "resourceSpecification", std::move(reference));
  return document;
}

} // namespace

graph::FetchPlan ObservationBatch::plan() const {
  std::set<graph::Key> keys;
  for (const ObservedItem& item : items_)
    if (item.match.by == ItemMatch::By::id)
      for (const graph::Family family : families_of(item.match))
        keys.emplace(context_.principal.tenant, family, item.match.id);
  graph::FetchPlan plan;
  plan.records.assign(keys.begin(), keys.end());
  return plan;
}

Result<graph::Decision> ObservationBatch::decide(graph::Subgraph& subgraph) {
  outcomes_.clear();
  found_.clear();
  written_.clear();
  created_.clear();
  take_.clear();
  release_.clear();
  claimed_.clear();
  precedence_.emplace(scope_.precedence);
  bool any_rejected = false;
  for (const ObservedItem& item : items_) {
    auto outcome = settle(item, subgraph);
    if (!outcome && outcome.error().code == ErrorCode::unavailable)
      return std::move(outcome).error();
    outcomes_.push_back(outcome ? *std::move(outcome) : rejected(item, outcome.error()));
    any_rejected = any_rejected || outcomes_.back().outcome == ObservedOutcome::rejected;
  }
  if (atomic_ && any_rejected)
    return Error{ErrorCode::conflict, "some items cannot be taken"};
  return graph::Decision(changes());
}

graph::ChangeSet ObservationBatch::changes() const {
  graph::ChangeSet changes;
  changes.changes.reserve(written_.all().size());
  // What was created comes in the order of the items.
  for (const graph::Key& key : created_)
    changes.changes.push_back({key, graph::copy(*written_.find(key))});
  const std::set<graph::Key> created(created_.begin(), created_.end());
  for (const auto& [key, record] : written_.all())
    if (!created.contains(key))
      changes.changes.push_back({key, graph::copy(*record)});
  changes.take = take_;
  changes.release = release_;
  return changes;
}

graph::RecordRef ObservationBatch::present(const graph::Key& key, graph::Subgraph& subgraph) const {
  graph::RecordRef written = written_.find(key);
  return written ? written : subgraph.find(key);
}

Result<ItemOutcome> ObservationBatch::settle(const ObservedItem& item, graph::Subgraph& subgraph) {
  const auto found = find(item.match, subgraph);
  if (!found && found.error().code == ErrorCode::unavailable)
    return found.error();
  if (!found) {
    ItemOutcome outcome = rejected(item, found.error());
    outcome.unplaced = true;
    return outcome;
  }
  if (!found->key) {
    if (!item.create)
      return none_found(item.match);
    return create(item, subgraph);
  }
  found_.insert(*found->key);
  auto merged = merge(item, *found->key, found->record, subgraph);
  if (!merged)
    TRY(see(*found->key, *found->record, subgraph));
  ItemOutcome outcome = merged ? *std::move(merged) : rejected(item, merged.error());
  outcome.key = *found->key;
  return outcome;
}

Result<ObservationBatch::Found> ObservationBatch::find(const ItemMatch& match,
                                                       graph::Subgraph& subgraph) {
  return match.by == ItemMatch::By::id ? find_by_id(match, subgraph)
                                       : find_by_filter(match, subgraph);
}

Result<ObservationBatch::Found> ObservationBatch::find_by_id(const ItemMatch& match,
                                                             graph::Subgraph& subgraph) {
  Found found;
  for (const graph::Family family : families_of(match)) {
    graph::Key key(context_.principal.tenant, family, match.id);
    graph::RecordRef record = present(key, subgraph);
    if (!record)
      continue;
    if (found.key)
      return Error{ErrorCode::conflict, "is the id of a service and of a resource: say which",
                   "/match/family"};
    found = {std::move(key), std::move(record)};
  }
  if (found.record && found.record->which() != graph::Which::actual)
    return Error{ErrorCode::conflict, "what is expected cannot be observed", "/match/id"};
  return found;
}

Result<ObservationBatch::Found> ObservationBatch::find_by_filter(const ItemMatch& match,
                                                                 graph::Subgraph& subgraph) {
  graph::Query query;
  query.tenant = context_.principal.tenant;
  query.families = families_of(match);
  query.filter = filter_of(match, subgraph.schema());
  query.limit = 2;
  query.most_visited = most_candidates;
  query.count = false;
  graph::FetchPlan plan;
  plan.queries.push_back(query);
  subgraph.announce(plan);
  auto page = subgraph.query(query);
  if (!page && page.error().code == ErrorCode::too_large)
    return Error{ErrorCode::too_large,
                 "more than 10000 instances come into question for " + match.text(), "/match"};
  TRY(page);
  const auto filter = TRY(graph::CompiledFilter::compile(query.filter, subgraph.schema()));
  std::vector<graph::Key> keys;
  for (const graph::RecordRef& record : page->records)
    if (const auto written = written_.find(record->key()); !written || filter.holds(*written))
      keys.push_back(record->key());
  // What items before this one have made so.
  if (keys.empty())
    for (graph::Key& key : written_.meeting(query.filter, filter, subgraph.schema()))
      if (match.family == 0 || match.family == key.family)
        keys.push_back(std::move(key));
  if (keys.size() > 1)
    return Error{ErrorCode::conflict,
                 "several instances have " + match.text() + ": " + keys[0].id + ", " + keys[1].id +
                     (keys.size() > 2 ? " and others" : ""),
                 "/match"};
  if (keys.empty())
    return Found();
  graph::FetchPlan record;
  record.records.push_back(keys.front());
  subgraph.announce(record);
  return Found{keys.front(), present(keys.front(), subgraph)};
}

/// Whether no annotation could change: what a stronger source says too becomes its own.
bool ObservationBatch::is_settled(const graph::Record& record, const rules::Precedence& precedence,
                                  const graph::Schema& schema) const {
  if (!precedence.ranks_any())
    return true;
  const graph::ElementView root = record.root(schema.dictionary());
  return !graph::annotations_of(root).empty() && is_all_by(root, scope_.said.source);
}

/// What was said cannot be taken, and that it is there is seen all the same.
Result<void> ObservationBatch::see(const graph::Key& key, const graph::Record& record,
                                   graph::Subgraph& subgraph) {
  const graph::Schema& schema = subgraph.schema();
  if (!graph::unseen_of(record.root(schema.dictionary())))
    return {};
  const auto nothing = TRY(tmf::read_observed(nullptr, nullptr, model::api_of(key.family), schema));
  tmf::ObservedChange change = TRY(tmf::merge_observed(
      record, nothing, {scope_.said, precedence_->of(record, schema), {}}, schema));
  if (change.draft)
    written_.put(key, TRY(encoded(&record, std::move(*change.draft), subgraph)));
  return {};
}

Result<ItemOutcome> ObservationBatch::merge(const ObservedItem& item, const graph::Key& key,
                                            const graph::RecordRef& record,
                                            graph::Subgraph& subgraph) {
  const graph::Schema& schema = subgraph.schema();
  TRY(check_said_of(item, key));
  const auto observed =
      TRY(tmf::read_observed(item.set ? &*item.set : nullptr, item.absent ? &*item.absent : nullptr,
                             model::api_of(key.family), schema));
  ItemOutcome outcome{.number = item.number};
  const rules::Precedence& precedence = precedence_->of(*record, schema);
  if (tmf::is_as_observed(*record, observed, schema) && is_settled(*record, precedence, schema))
    return outcome;
  // Asked of each attribute, and read from the store once a source.
  std::map<std::string, std::int64_t, std::less<>> last_seen;
  const tmf::Observer observer{
      scope_.said, precedence, [this, &key, &last_seen](std::string_view source) {
        auto known = last_seen.find(source);
        if (known == last_seen.end())
          known =
              last_seen.emplace(source, scope_.last_seen ? scope_.last_seen(key, source) : 0).first;
        return known->second;
      }};
  tmf::ObservedChange change = TRY(tmf::merge_observed(*record, observed, observer, schema));
  if (change.draft) {
    graph::RecordRef made = TRY(encoded(&*record, std::move(*change.draft), subgraph));
    if (!same_body(*made, *record)) {
      written_.put(key, std::move(made));
      outcome.outcome = ObservedOutcome::updated;
    }
  }
  if (!change.not_taken.empty())
    tell(outcome, change.not_taken);
  return outcome;
}

Result<ItemOutcome> ObservationBatch::create(const ObservedItem& item, graph::Subgraph& subgraph) {
  const graph::Schema& schema = subgraph.schema();
  const model::Model& model = model::model_of(schema);
  const model::Api api = TRY(api_of_new(item, model));
  auto observed = TRY(tmf::read_observed(item.set ? &*item.set : nullptr,
                                         item.absent ? &*item.absent : nullptr, api, schema));
  const json::Value matched = matched_document(item.match, api, model);
  graph::RecordDraft draft;
  const bool by_id = item.match.by == ItemMatch::By::id;
  const auto said_id = TRY(id_said(item));
  draft.key = {context_.principal.tenant, model::family_of(api),
               by_id     ? item.match.id
               : said_id ? *said_id
                         : context_.new_id()};
  TRY(check_said_of(item, draft.key));
  draft.root = tmf::fresh_observed(TRY(tmf::read_observed(&matched, nullptr, api, schema)),
                                   scope_.said, schema);
  graph::FetchPlan plan;
  plan.records.push_back(draft.key);
  subgraph.announce(plan);
  if (present(draft.key, subgraph))
    return Error{ErrorCode::conflict, "the id " + draft.key.id + " is taken", "/match/id"};
  // What is said is laid over what the match says.
  const graph::RecordRef base = TRY(model::encode(draft, schema));
  observed.gone.clear();
  const rules::Precedence nobody;
  tmf::ObservedChange change =
      TRY(tmf::merge_observed(*base, observed, {scope_.said, nobody, {}}, schema));
  if (change.draft)
    draft = std::move(*change.draft);
  const graph::Key key = draft.key;
  graph::RecordRef made = TRY(encoded(nullptr, std::move(draft), subgraph));
  const graph::Filter meant = filter_of(item.match, schema);
  if (!by_id && !TRY(graph::CompiledFilter::compile(meant, schema)).holds(*made))
    return Error{ErrorCode::invalid,
                 "says something else than the match, so that each repetition would create another",
                 "/set"};
  written_.put(key, std::move(made));
  created_.push_back(key);
  found_.insert(key);
  return ItemOutcome{.number = item.number, .outcome = ObservedOutcome::created, .key = key};
}

/// The record as its kind has it, which takes what it is told, whatever it would allow.
Result<graph::RecordRef> ObservationBatch::encoded(const graph::Record* before,
                                                   graph::RecordDraft draft,
                                                   graph::Subgraph& subgraph) {
  if (before == nullptr)
    TRY(check_mandatory(draft, model::model_of(subgraph.schema())));
  auto further = rules::enforce(context_, subgraph, before, draft, rules::Way::observe);
  if (!further) {
    Error error = std::move(further).error();
    if (!error.path.empty())
      error.path = "/set" + error.path;
    return error;
  }
  graph::RecordRef made = TRY(model::encode(draft, subgraph.schema()));
  TRY(claim(further->take));
  for (graph::Change& change : further->changes)
    written_.put(change.key, std::move(change.after));
  std::move(further->take.begin(), further->take.end(), std::back_inserter(take_));
  std::move(further->release.begin(), further->release.end(), std::back_inserter(release_));
  return made;
}

Result<void> ObservationBatch::claim(const std::vector<graph::Claim>& taken) {
  for (const graph::Claim& one : taken)
    if (claimed_.contains(one.scope + '\n' + one.key))
      return Error{ErrorCode::conflict, one.key + " is taken by an item before", "/set/name"};
  for (const graph::Claim& one : taken)
    claimed_.insert(one.scope + '\n' + one.key);
  return {};
}

} // namespace diffo::server

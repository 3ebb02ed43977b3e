#include "server/models.h"

#include "base/file.h"
#include "model/contradictions.h"
#include "model/declared.h"
#include "model/domain/loader.h"
#include "model/domain/verify.h"
#include "model/schema.h"
#include "model/stored_declarations.h"
#include "model/words.h"
#include "rules/conform.h"
#include "server/published_kinds.h"

#include <map>
#include <memory>
#include <utility>

namespace diffo::server {
namespace {

constexpr std::size_t most_shown = 100;
constexpr std::size_t most_bytes = std::size_t{16} << 20;

Result<void> judged(const std::vector<model::ModelProblem>& found) {
  if (found.empty())
    return {};
  std::vector<Error> problems;
  for (const model::ModelProblem& problem : found)
    if (problems.size() < most_shown)
      problems.push_back({ErrorCode::invalid, problem.text(), {}});
  return joined(std::move(problems));
}

Result<model::DomainModel> loaded(const std::vector<model::ModelSource>& sources) {
  model::LoadedModel read = model::load_model(sources);
  TRY(judged(read.problems));
  return std::move(read.model);
}

} // namespace

Result<model::DomainModel> read_models(const std::vector<std::string>& files, Strictness strictness,
                                       std::vector<std::string>* warnings) {
  std::vector<model::ModelSource> sources;
  sources.reserve(files.size());
  for (const std::string& file : files)
    sources.push_back({file, TRY(read_file(file, most_bytes))});
  model::DomainModel model = TRY(loaded(sources));
  const std::vector<model::ModelProblem> problems = model::verify(model);
  if (strictness == Strictness::strict)
    TRY(judged(problems));
  if (warnings != nullptr)
    for (const model::ModelProblem& problem : problems)
      warnings->push_back(problem.text());
  return model;
}

Result<model::DomainModel> parse_models(std::string_view name, std::string_view text) {
  return loaded({{std::string(name), std::string(text)}});
}

Result<void> judge_models(const model::DomainModel& model) {
  return judged(model::verify(model));
}

const model::DomainModel& models_of(const graph::Store& store) {
  return model::model_of(store.schema()).declared().model();
}

namespace {

Result<void> check_hooks(const model::DomainModel& domains, const hooks::SharedRegistry& hooks) {
  const std::vector<std::string> lacking = model::lacking_hooks(domains, hooks.get());
  if (lacking.empty())
    return {};
  std::string list;
  for (const std::string& hook : lacking)
    list += (list.empty() ? "" : ", ") + hook;
  return Error{ErrorCode::unsupported, "this program lacks what the model asks for: " + list};
}

/// Everything that a change of models means, decided on what there is.
class Replacement {
public:
  Replacement(const graph::Context& context, const model::DomainModel& domains,
              const hooks::SharedRegistry& hooks, graph::Subgraph& subgraph)
      : context_(context), subgraph_(subgraph),
        next_(model::model_of_domains(domains, model::words_of(subgraph.schema().dictionary()),
                                      hooks)) {}

  Result<graph::ChangeSet> decide() {
    changes_.replace_schema = model::shared_schema(next_);
    TRY(publish_specifications());
    TRY(bring_over());
    if (violations_.empty())
      return std::move(changes_);
    Error refused = joined(std::move(violations_));
    refused.code = ErrorCode::conflict;
    refused.message = "records that are there would break the model: " + refused.message;
    return refused;
  }

private:
  Result<void> publish_specifications() {
    graph::FetchPlan plan;
    std::vector<graph::RecordDraft> drafts;
    for (const model::DeclaredKind* kind : next_->declared().instance_kinds())
      if (kind->specification)
        plan.records.push_back(
            drafts.emplace_back(TRY(specification_of(*kind, *next_, context_))).key);
    subgraph_.announce(plan);
    for (const graph::RecordDraft& draft : drafts) {
      const graph::RecordRef present = subgraph_.find(draft.key);
      if (!present || !says_the_same(*present, draft, subgraph_.schema()))
        changes_.changes.push_back({draft.key, TRY(model::encode(draft, next_->schema()))});
    }
    return {};
  }

  /// All instances of kinds of the present model or the next, page by page.
  Result<void> bring_over() {
    std::vector<graph::Target> specifications;
    for (const model::Model* model : {&model::model_of(subgraph_.schema()), next_.get()})
      for (const model::DeclaredKind* kind : model->declared().instance_kinds())
        if (kind->specification)
          specifications.push_back({model::family_specification, kind->specification->id});
    for (const graph::Which which : {graph::Which::actual, graph::Which::expected}) {
      graph::Query query;
      query.families = {model::family_service, model::family_resource};
      query.which = which;
      query.filter = graph::has_edge({model::kinds::specification_reference}, specifications);
      query.count = false;
      do {
        graph::FetchPlan plan;
        plan.queries.push_back(query);
        subgraph_.announce(plan);
        graph::Page page = TRY(subgraph_.query(query));
        for (const graph::RecordRef& record : page.records)
          if (violations_.size() < most_shown)
            TRY(bring_over(*record));
        query.after = std::move(page.next);
      } while (query.after && violations_.size() < most_shown);
    }
    return {};
  }

  Result<void> bring_over(const graph::Record& record) {
    auto revised = rules::conform(context_, subgraph_, *next_, record);
    if (!revised) {
      Error violation = std::move(revised).error();
      violations_.push_back({violation.code, record.id() + ": " + violation.text(), {}});
      return {};
    }
    if (!*revised)
      return {};
    if (changes_.changes.size() >= most_changed)
      return Error{ErrorCode::too_large, "the model changes more than " +
                                             std::to_string(most_changed) +
                                             " records: more than one commit holds"};
    rules::Revision& revision = **revised;
    for (const graph::Claim& claim : revision.further.take) {
      const auto [twice, first] = taken_.emplace(claim.scope + '\n' + claim.key, claim.holder);
      if (!first && twice->second != claim.holder)
        violations_.push_back({ErrorCode::conflict,
                               record.id() + ": instance name must be unique: " + claim.key +
                                   " is the name of " +
                                   twice->second.substr(twice->second.find('/') + 1),
                               {}});
    }
    changes_.changes.push_back(
        {revision.draft.key, TRY(model::encode(revision.draft, next_->schema()))});
    changes_.take.insert(changes_.take.end(), revision.further.take.begin(),
                         revision.further.take.end());
    changes_.release.insert(changes_.release.end(), revision.further.release.begin(),
                            revision.further.release.end());
    return {};
  }

  static constexpr std::size_t most_changed = 500'000;

  const graph::Context& context_;
  graph::Subgraph& subgraph_;
  std::shared_ptr<const model::Model> next_;
  graph::ChangeSet changes_;
  std::vector<Error> violations_;
  std::map<std::string, std::string> taken_; ///< names that records get by this change, and whose
};

/// Whether every kind's specification is there as an entity: folders of earlier builds have it by
/// name alone.
Result<bool> are_published(graph::Store& store) {
  graph::FetchPlan plan;
  for (const model::DeclaredKind* kind :
       model::model_of(store.schema()).declared().instance_kinds())
    if (kind->specification)
      plan.records.emplace_back(graph::Tenant{0}, model::family_specification,
                                kind->specification->id);
  graph::Subgraph subgraph = TRY(graph::read_and_wait(store, {}, plan));
  for (const graph::Key& key : plan.records) {
    const graph::RecordRef record = subgraph.find(key);
    if (!record || !model::api_of_root(record->root(subgraph.schema().dictionary()).kind()))
      return false;
  }
  return true;
}

} // namespace

Result<void> put_models(graph::Store& store, const graph::Context& context,
                        const model::DomainModel& domains, const hooks::SharedRegistry& hooks) {
  TRY(check_hooks(domains, hooks));
  if (model::description_of(domains) == store.schema().description() && TRY(are_published(store)))
    return {};
  const auto rule = [&](graph::Subgraph& subgraph) -> Result<graph::Decision> {
    TRY(model::check_words(domains, subgraph.schema().dictionary()));
    return graph::Decision(TRY(Replacement(context, domains, hooks, subgraph).decide()));
  };
  TRY(graph::transact_and_wait(store, context, {}, rule));
  return {};
}

Result<void> bring_models(graph::Store& store, const graph::Context& context,
                          const model::DomainModel& domains,
                          const std::vector<std::string>& words) {
  if (model::description_of(domains) == store.schema().description())
    return {};
  TRY(graph::transact_and_wait(
      store, context, {}, [&](graph::Subgraph& subgraph) -> Result<graph::Decision> {
        const graph::Dictionary& known = subgraph.schema().dictionary();
        std::vector<std::string> all = model::words_of(known);
        for (const std::string& word : words)
          if (!known.find(word))
            all.push_back(word);
        graph::ChangeSet changes;
        changes.replace_schema = model::shared_schema(model::model_of_domains(domains, all));
        return graph::Decision(std::move(changes));
      }));
  return {};
}

Result<void> try_models(graph::Store& store, const graph::Context& context,
                        const model::DomainModel& domains, const hooks::SharedRegistry& hooks) {
  TRY(check_hooks(domains, hooks));
  return graph::read_in_rounds(store, {}, {}, nullptr,
                               [&](graph::Subgraph& subgraph) -> Result<void> {
                                 TRY(model::check_words(domains, subgraph.schema().dictionary()));
                                 TRY(Replacement(context, domains, hooks, subgraph).decide());
                                 return {};
                               });
}

} // namespace diffo::server

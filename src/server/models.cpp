#include "server/models.h"

#include "base/file.h"
#include "model/declared.h"
#include "model/domain/loader.h"
#include "model/domain/verify.h"
#include "model/schema.h"
#include "model/stored_declarations.h"
#include "model/words.h"
#include "server/model_replacement.h"

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
                        const model::DomainModel& domains, const hooks::SharedRegistry& hooks,
                        Cancellation cancellation) {
  TRY(check_hooks(domains, hooks));
  if (model::description_of(domains) == store.schema().description() && TRY(are_published(store)))
    return {};
  ModelReplacement replacement(context, domains, hooks, std::move(cancellation));
  TRY(graph::transact_and_wait(store, context, {}, replacement.rule()));
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
                        const model::DomainModel& domains, const hooks::SharedRegistry& hooks,
                        Cancellation cancellation) {
  TRY(check_hooks(domains, hooks));
  ModelReplacement replacement(context, domains, hooks, std::move(cancellation));
  return graph::read_in_rounds(store, {}, {}, nullptr,
                               [&](graph::Subgraph& subgraph) -> Result<void> {
                                 TRY(replacement.decide(subgraph));
                                 return {};
                               });
}

} // namespace diffo::server

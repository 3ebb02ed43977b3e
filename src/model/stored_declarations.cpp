#include "model/stored_declarations.h"

#include "model/declared.h"
#include "model/domain/loader.h"
#include "model/domain/print.h"

#include <set>
#include <string_view>
#include <utility>

namespace diffo::model {

std::string description_of(const DomainModel& model) {
  if (model.domains.empty())
    return {};
  json::Array domains;
  for (const Domain& domain : model.domains)
    domains.push_back(to_json(domain));
  return json::to_text(domains);
}

Result<std::shared_ptr<const Model>> model_described(std::string_view description,
                                                     const std::vector<std::string>& words,
                                                     hooks::SharedRegistry hooks) {
  const json::Value documents = TRY(json::read(description));
  const json::Array* items = documents.if_array();
  if (items == nullptr)
    return Error{ErrorCode::invalid, "the model of the folder cannot be read"};
  std::vector<ModelSource> sources;
  for (const json::Value& item : *items)
    sources.push_back({"model", json::to_text(item)});
  LoadedModel loaded = load_model(sources);
  if (!loaded.problems.empty())
    return Error{ErrorCode::invalid,
                 "the model of the folder cannot be read: " + loaded.problems.front().text()};
  return model_of_domains(std::move(loaded.model), words, std::move(hooks));
}

std::shared_ptr<const Model> model_of_domains(DomainModel domains,
                                              const std::vector<std::string>& words,
                                              hooks::SharedRegistry hooks) {
  Declarations declarations;
  declarations.description = description_of(domains);
  declarations.words = words;
  declarations.kinds = std::make_shared<const DeclaredKinds>(std::move(domains), std::move(hooks));
  return inventory_with(declarations);
}

std::shared_ptr<const graph::Schema> shared_schema(std::shared_ptr<const Model> model) {
  const graph::Schema* schema = &model->schema();
  return {std::move(model), schema};
}

Result<void> check_words(const DomainModel& domains, const graph::Dictionary& dictionary) {
  // A word's number has two bytes; some are left for what the program itself will know.
  constexpr std::size_t most_words = 60'000;
  std::set<std::string_view> fresh;
  for (const Domain& domain : domains.domains)
    for (const DeclaredKind& kind : domain.kinds)
      for (const Field& attribute : kind.attributes)
        if (!dictionary.find(attribute.wire_name()))
          fresh.insert(attribute.wire_name());
  if (dictionary.size() + fresh.size() <= most_words)
    return {};
  return Error{ErrorCode::too_large,
               "the store knows " + std::to_string(dictionary.size()) +
                   " names already, and keeps those of former models: it cannot take " +
                   std::to_string(fresh.size()) + " more attributes"};
}

std::vector<std::string> lacking_hooks(const DomainModel& domains, const hooks::Registry* hooks) {
  std::vector<std::string> lacking;
  const auto check = [&lacking](const DeclaredKind& kind, const std::string& name,
                                const std::string& hook, bool known) {
    if (!hook.empty() && !known)
      lacking.push_back(kind.name + '.' + name + " hook " + hook);
  };
  for (const Domain& domain : domains.domains)
    for (const DeclaredKind& kind : domain.kinds) {
      for (const Calculation& calculation : kind.calculations)
        check(kind, calculation.name, calculation.hook,
              hooks != nullptr && hooks->calculation(calculation.hook) != nullptr);
      for (const Action& action : kind.actions)
        check(kind, action.name, action.hook,
              hooks != nullptr && hooks->action(action.hook) != nullptr);
    }
  return lacking;
}

std::vector<std::string> words_of(const graph::Dictionary& dictionary) {
  std::vector<std::string> words;
  words.reserve(dictionary.size());
  for (std::size_t number = 0; number < dictionary.size(); ++number)
    words.emplace_back(dictionary.text(number));
  return words;
}

} // namespace diffo::model

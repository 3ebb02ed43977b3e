#include "base/file.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/input.h"
#include "model/domain/difference.h"
#include "model/domain/grammar.h"
#include "model/domain/kind_schema.h"
#include "model/domain/loader.h"
#include "model/domain/print.h"
#include "model/domain/starter.h"
#include "model/domain/verify.h"
#include "model/domain/yaml.h"
#include "model/import/devicetype.h"
#include "model/stored_declarations.h"

#include <algorithm>
#include <cstdio>

namespace diffo::cli {
namespace {

void print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

Result<std::vector<model::ModelSource>> read_sources(const std::vector<std::string>& files) {
  std::vector<model::ModelSource> sources;
  if (std::count(files.begin(), files.end(), "-") > 1)
    return Error{ErrorCode::invalid, "only one of the files can be standard input"};
  sources.reserve(files.size());
  for (const std::string& file : files)
    sources.push_back({file, TRY(read_input(file))});
  return sources;
}

Result<model::LoadedModel> load(const std::vector<std::string>& files) {
  return model::load_model(TRY(read_sources(files)));
}

/// What is wrong with the texts and with what they declare.
std::vector<model::ModelProblem> problems_of(const model::LoadedModel& loaded) {
  std::vector<model::ModelProblem> problems = loaded.problems;
  for (model::ModelProblem& problem : model::verify(loaded.model))
    problems.push_back(std::move(problem));
  return problems;
}

/// The model of files that nothing is wrong with. The problems go to standard error.
Result<model::DomainModel> good_model(const std::vector<std::string>& files) {
  model::LoadedModel loaded = TRY(load(files));
  const auto problems = problems_of(loaded);
  for (const model::ModelProblem& problem : problems)
    std::fprintf(stderr, "%s\n", printable(problem.text()).c_str());
  if (!problems.empty())
    return Error{ErrorCode::invalid, "the model does not hold together"};
  return std::move(loaded.model);
}

json::Value to_json(const model::ModelProblem& problem) {
  return json::Object{{"file", problem.at.file},
                      {"line", std::int64_t{problem.at.line}},
                      {"column", std::int64_t{problem.at.column}},
                      {"path", problem.path},
                      {"message", problem.message}};
}

std::string counted(std::size_t count, std::string_view what) {
  return std::to_string(count).append(" ").append(what) + (count == 1 ? "" : "s");
}

std::size_t kinds_in(const model::DomainModel& model) {
  std::size_t count = 0;
  for (const model::Domain& domain : model.domains)
    count += domain.kinds.size();
  return count;
}

const model::DeclaredKind* find_kind(const model::DomainModel& model, std::string_view name) {
  for (const model::Domain& domain : model.domains)
    if (const model::DeclaredKind* kind = domain.kind(name))
      return kind;
  return nullptr;
}

std::string_view name_of(model::ModelChange::What what) {
  switch (what) {
  case model::ModelChange::What::added:
    return "added";
  case model::ModelChange::What::removed:
    return "removed";
  case model::ModelChange::What::changed:
    return "changed";
  }
  return "";
}

std::string_view name_of(model::Impact impact) {
  switch (impact) {
  case model::Impact::none:
    return "none";
  case model::Impact::additional:
    return "additional";
  case model::Impact::incompatible:
    return "incompatible";
  }
  return "";
}

json::Value to_json(const model::ModelChange& change) {
  using What = model::ModelChange::What;
  json::Object out{{"change", name_of(change.what)}, {"path", change.path}};
  if (change.what != What::added)
    out.set("before", change.before);
  if (change.what != What::removed)
    out.set("now", change.now);
  out.set("impact", name_of(change.impact));
  if (!change.why.empty())
    out.set("why", change.why);
  return out;
}

/// `changed kinds.K.pools.p.last: 4 -> 8`, and why that does not fit.
std::string line_of(const model::ModelChange& change) {
  constexpr std::size_t longest = 100;
  std::string line(name_of(change.what));
  line += ' ' + change.path;
  if (change.what == model::ModelChange::What::changed)
    line += ": " + shortened(json::to_text(change.before), longest) + " -> " +
            shortened(json::to_text(change.now), longest);
  line = printable(line) + '\n';
  return change.why.empty() ? line : line + "  incompatible: " + change.why + '\n';
}

} // namespace

int model_verify(const ModelCommand& command) {
  const auto loaded = load(command.files);
  if (!loaded)
    return report(loaded.error());
  const auto problems = problems_of(*loaded);
  if (command.format == "json") {
    json::Array out;
    for (const model::ModelProblem& problem : problems)
      out.push_back(to_json(problem));
    print(json::to_pretty_text(out) + '\n');
  } else {
    for (const model::ModelProblem& problem : problems)
      print(printable(problem.text()) + '\n');
    print(problems.empty() ? counted(kinds_in(loaded->model), "kind") + " in " +
                                 counted(loaded->model.domains.size(), "domain") + ": no problems\n"
                           : counted(problems.size(), "problem") + '\n');
  }
  // Another program may have them.
  for (const std::string& hook : model::lacking_hooks(loaded->model, command.hooks.get()))
    std::fprintf(stderr, "diffo: warning: this program lacks %s\n", printable(hook).c_str());
  return problems.empty() || command.warn ? exit_ok : exit_found;
}

int model_show(const ModelCommand& command) {
  const auto model = good_model(command.files);
  if (!model)
    return report(model.error());
  json::Array documents;
  for (const model::Domain& domain : model->domains)
    documents.push_back(model::to_json(domain));
  if (command.format == "json") {
    print(json::to_pretty_text(documents.size() == 1 ? documents.front() : json::Value(documents)) +
          '\n');
    return exit_ok;
  }
  std::string text;
  for (const json::Value& document : documents)
    text += (text.empty() ? "" : "---\n") + model::yaml::to_text(document);
  print(text);
  return exit_ok;
}

int model_schema(const ModelCommand& command) {
  if (command.kind.empty()) {
    print(json::to_pretty_text(model::grammar::schema()) + '\n');
    return exit_ok;
  }
  if (command.files.empty())
    return report({ErrorCode::invalid, "the schema of a kind needs the files that declare it"});
  const auto model = good_model(command.files);
  if (!model)
    return report(model.error());
  const model::DeclaredKind* kind = find_kind(*model, command.kind);
  if (kind == nullptr)
    return report({ErrorCode::not_found, "there is no kind " + command.kind});
  print(json::to_pretty_text(model::kind_schema(*model, *kind)) + '\n');
  return exit_ok;
}

int model_new(const std::string& name) {
  const bool good = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
  if (!good)
    return report({ErrorCode::invalid, "the name of a new domain is of letters"});
  print(model::starter_model(name));
  return exit_ok;
}

int model_difference(const std::string& before, const std::string& now, const std::string& format) {
  const auto old_model = good_model({before});
  if (!old_model)
    return report(old_model.error());
  const auto new_model = good_model({now});
  if (!new_model)
    return report(new_model.error());
  const auto changes = model::difference(*old_model, *new_model);
  const auto incompatible =
      std::count_if(changes.begin(), changes.end(), [](const model::ModelChange& change) {
        return change.impact == model::Impact::incompatible;
      });
  if (format == "json") {
    json::Array out;
    for (const model::ModelChange& change : changes)
      out.push_back(to_json(change));
    print(json::to_pretty_text(out) + '\n');
  } else {
    for (const model::ModelChange& change : changes)
      print(line_of(change));
    print(counted(changes.size(), "change") +
          (incompatible == 0
               ? ": compatible with what is stored\n"
               : ", " + std::to_string(incompatible) +
                     " incompatible: they need a migration, or another kind with a greater "
                     "major_version\n"));
  }
  return incompatible == 0 ? exit_ok : exit_found;
}

int model_of_device_types(const ImportedModel& command) {
  const auto sources = read_sources(command.files);
  if (!sources)
    return report(sources.error());
  const auto domain = model::domain_of_device_types(*sources, command.domain);
  if (!domain)
    return report(domain.error());
  const auto problems = model::verify({{*domain}});
  for (const model::ModelProblem& problem : problems)
    std::fprintf(stderr, "%s\n", printable(problem.text()).c_str());
  if (!problems.empty())
    return report({ErrorCode::invalid, "what the files say makes no model that holds together"});
  const std::string text = model::yaml::to_text(model::to_json(*domain));
  if (command.target == "-") {
    print(text);
    return exit_ok;
  }
  const auto written = write_file_atomically(command.target, text);
  return written ? exit_ok : report(written.error());
}

int model_reference() {
  print(model::grammar::reference_page());
  return exit_ok;
}

} // namespace diffo::cli

#include <diffo/program.h>

#include "cli/commands.h"
#include "cli/completions.h"
#include "cli/exit_codes.h"
#include "cli/store_arguments.h"

#include <diffo/version.h>

#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace diffo::cli;
namespace hooks = diffo::hooks;

void add_outstanding(CLI::App& root, Action& action) {
  auto* app =
      root.add_subcommand("outstanding", "What of an expectation an actual does not meet yet");
  const auto command = std::make_shared<OutstandingCommand>();
  auto* vectors = app->add_subcommand("vectors", "Run a file of test vectors");
  const auto file = std::make_shared<std::string>();
  vectors->add_option("FILE", *file, "vectors; - is standard input")->required();
  vectors->callback([file, &action] { action = [file] { return outstanding_vectors(*file); }; });
  app->add_option("EXPECTED", command->expected, "the expectation; - is standard input");
  app->add_option("ACTUAL", command->actual, "the actual document; - is standard input");
  app->add_option("--profile", command->profile,
                  "the shape of both documents: v4, v5, diffo, reference (default: what the "
                  "expectation names, else v5)")
      ->check(CLI::IsMember({"v4", "v5", "diffo", "reference"}));
  app->add_flag("--explain", command->explain, "why, for each unmet leaf");
  app->add_option("--format", command->format, "json, tree, or auto: tree on a terminal")
      ->check(CLI::IsMember({"auto", "json", "tree"}))
      ->capture_default_str();
  app->add_option("--color", command->color, "auto, always or never")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->capture_default_str();
  app->callback([command, vectors, &action] {
    if (vectors->parsed())
      return;
    if (command->expected.empty() || command->actual.empty())
      throw CLI::RequiredError("EXPECTED and ACTUAL");
    action = [command] { return outstanding(*command); };
  });
}

void add_server_url(CLI::App& app, std::string& server) {
  app.add_option("--url,--server", server,
                 "URL of a running server (default http://127.0.0.1:8080)");
}

void add_row_format(CLI::App& app, std::string& format) {
  app.add_option("--format", format, "text, json, or auto: text on a terminal, else JSON lines")
      ->check(CLI::IsMember({"auto", "text", "json"}))
      ->capture_default_str();
}

void add_drift(CLI::App& root, Action& action) {
  auto* app = root.add_subcommand("drift", "Show what is outstanding; changes nothing");
  const auto command = std::make_shared<DriftCommand>();
  add_server_url(*app, command->server);
  app->add_option("--filter", command->filter,
                  "which leaves, e.g. \"owner=orders&category=missing\"");
  app->add_option("--except", command->exceptions,
                  "FILE of lines TARGET ADDRESS that are not to be counted; * stands for anything");
  app->add_flag("--all", command->all, "also what is approved or overruled");
  app->add_flag("--exit-code", command->exit_code, "end with 1 when something is outstanding");
  add_row_format(*app, command->format);
  app->callback([command, &action] { action = [command] { return drift(*command); }; });
}

void add_watch(CLI::App& root, Action& action) {
  auto* app = root.add_subcommand("watch", "Show what becomes of what is outstanding, until ended");
  const auto command = std::make_shared<WatchCommand>();
  add_server_url(*app, command->server);
  app->add_option("--filter", command->filter,
                  "which leaves and residues, e.g. \"owner=orders&category=missing\"");
  app->add_option("--events", command->events, "some of leaf, residue, decision, task, change")
      ->capture_default_str();
  add_row_format(*app, command->format);
  app->callback([command, &action] { action = [command] { return watch(*command); }; });
}

void add_decide(CLI::App& root, Action& action) {
  auto* app = root.add_subcommand("decide", "Push what is outstanding, approve it, or adopt it");
  const auto command = std::make_shared<DecideCommand>();
  add_server_url(*app, command->server);
  app->add_option("DECISION", command->decision,
                  "push: tasks change the network; approve: the deviation is accepted; adopt: the "
                  "expectation follows what is there")
      ->check(CLI::IsMember({"push", "approve", "adopt"}))
      ->required();
  auto* what = app->add_option_group("what", "What is decided on");
  what->add_option("--leaf", command->leaves,
                   "ID or ID:FINGERPRINT, as drift shows them; may be repeated")
      ->allow_extra_args(false);
  what->add_option("--filter", command->filter, "the leaves that drift shows under it");
  auto* expectation =
      what->add_option("--expectation", command->expectation, "all leaves of an expectation");
  what->require_option(1);
  app->add_option("--target", command->target, "of the expectation, only those of this instance")
      ->needs(expectation);
  app->add_option("--reason", command->reason, "why, for whoever asks later");
  app->add_option("--until", command->until, "a date or date-time at which an approval ends");
  app->add_option("--scope", command->scope,
                  "all: adopt also where an expectation is about several instances")
      ->check(CLI::IsMember({"all"}));
  app->add_flag("--dry-run", command->dry_run, "show what would come of it, and change nothing");
  add_row_format(*app, command->format);
  app->callback([command, &action] { action = [command] { return decide(*command); }; });
}

void add_plan(CLI::App& root, Action& action) {
  auto* app = root.add_subcommand(
      "plan", "Show the tasks that would close what is outstanding; changes nothing");
  const auto command = std::make_shared<PlanCommand>();
  add_server_url(*app, command->server);
  app->add_option("--filter", command->filter,
                  "which leaves, e.g. \"owner=orders&category=missing\"");
  add_row_format(*app, command->format);
  app->callback([command, &action] { action = [command] { return plan(*command); }; });
}

void add_tasks(CLI::App& root, Action& action) {
  auto* app = root.add_subcommand("tasks", "List the tasks, or say what becomes of them");
  const auto command = std::make_shared<TasksCommand>();
  add_server_url(*app, command->server);
  app->add_option("ACTION", command->action,
                  "list; show, approve, reject or release those named; hold or resume all")
      ->check(CLI::IsMember({"list", "show", "approve", "reject", "release", "hold", "resume"}))
      ->capture_default_str();
  app->add_option("ID", command->ids, "of tasks");
  app->add_option("--state", command->state, "of list: some states, separated by commas");
  app->add_option("--target", command->target, "of list: of this instance");
  app->add_option("--executor", command->executor, "of list: run by this one");
  app->add_option("--reason", command->reason, "of hold: why");
  app->add_option("--until", command->until, "of hold: a date or date-time at which it ends");
  add_row_format(*app, command->format);
  app->callback([command, &action] { action = [command] { return tasks(*command); }; });
}

void add_hub(CLI::App& root, Action& action) {
  auto* app =
      root.add_subcommand("hub", "Tell how events reach who subscribed, or send them again");
  const auto command = std::make_shared<HubCommand>();
  add_server_url(*app, command->server);
  app->add_option("ACTION", command->action, "list; show, resend, park or resume those named")
      ->check(CLI::IsMember({"list", "show", "resend", "park", "resume"}))
      ->capture_default_str();
  app->add_option("ID", command->ids, "of subscriptions");
  app->add_option("--state", command->state,
                  "of list: some of current, behind, retrying, parked, separated by commas");
  app->add_option("--from", command->from,
                  "of resend: the sequence of the first commit to be told");
  app->add_option("--reason", command->reason, "of park: why");
  add_row_format(*app, command->format);
  app->callback([command, &action] { action = [command] { return hub(*command); }; });
}

void add_observe(CLI::App& root, Action& action) {
  auto* app = root.add_subcommand(
      "observe", "Tell a server what was seen: an observation, or what a tool has emitted");
  const auto command = std::make_shared<ObserveCommand>();
  const auto shown = std::make_shared<std::string>();
  add_server_url(*app, command->server);
  app->add_option("FILE", command->files,
                  "an observation as JSON or JSON lines; with a mapping, JSON of a tool, of which "
                  "there may be several; - is standard input");
  app->add_option("--source", command->source, "who has seen it");
  app->add_option("--mapping", command->mapping, "the name of a mapping, or a FILE that is one");
  app->add_option("--param", command->parameters, "NAME=VALUE of the mapping; may be repeated")
      ->allow_extra_args(false);
  app->add_option("--observed-at", command->observed_at, "when it was seen (default: now)");
  app->add_option(
      "--complete", command->complete,
      "KIND or KIND?FILTER of which everything is told: what is not, is no longer seen");
  app->add_option("--at-most", command->at_most,
                  "mark nothing as no longer seen where that would be more than so many");
  app->add_flag("--atomic", command->atomic, "all items or none");
  app->add_flag("--dry-run", command->dry_run, "print what would be sent, and send nothing");
  auto* list = app->add_flag("--list-mappings")->description("print which mappings there are");
  auto* show =
      app->add_option("--show-mapping", *shown, "print a mapping, to begin one's own with");
  add_row_format(*app, command->format);
  app->callback([command, shown, list, show, &action] {
    if (!list->empty())
      action = list_mappings;
    else if (!show->empty())
      action = [shown] { return show_mapping(*shown); };
    else if (command->files.empty())
      throw CLI::RequiredError("FILE");
    else
      action = [command] { return observe(*command); };
  });
}

void add_model_format(CLI::App& app, std::string& format, const char* other) {
  format = other;
  app.add_option("--format", format, std::string(other) + " or json")
      ->check(CLI::IsMember({other, "json"}))
      ->capture_default_str();
}

void add_model_files(CLI::App& app, ModelCommand& command) {
  app.add_option("FILE", command.files, "YAML or JSON; - is standard input");
}

void add_model_difference(CLI::App& models, Action& action) {
  auto* app = models.add_subcommand("diff", "What changed, and whether what is stored still fits");
  struct Files {
    std::string before, now, format;
  };
  const auto files = std::make_shared<Files>();
  app->add_option("OLD", files->before, "the model that is in use")->required();
  app->add_option("NEW", files->now, "the one that is to be used")->required();
  add_model_format(*app, files->format, "text");
  app->callback([files, &action] {
    action = [files] { return model_difference(files->before, files->now, files->format); };
  });
}

void add_model_schema(CLI::App& models, Action& action) {
  auto* app = models.add_subcommand(
      "schema", "The JSON Schema of model files, or of the documents of one of their kinds");
  const auto command = std::make_shared<ModelCommand>();
  app->add_option("KIND", command->kind, "whose documents; without it, of model files");
  add_model_files(*app, *command);
  app->callback([command, &action] { action = [command] { return model_schema(*command); }; });
}

void add_model_import(CLI::App& models, Action& action) {
  auto* app = models.add_subcommand("import", "Make a model of what others wrote down");
  app->require_subcommand(1);
  auto* types = app->add_subcommand(
      "devicetype", "A kind of resource for each device type of the public device type library");
  const auto command = std::make_shared<ImportedModel>();
  types->add_option("FILE", command->files, "YAML of a device type; - is standard input")
      ->required();
  types->add_option("-o,--output", command->target, "the model file; - is standard output")
      ->capture_default_str();
  types->add_option("--domain", command->domain, "the name of the domain")->capture_default_str();
  types->callback(
      [command, &action] { action = [command] { return model_of_device_types(*command); }; });
}

void add_model(CLI::App& root, const hooks::SharedRegistry& hooks, Action& action) {
  auto* models = root.add_subcommand("model", "Look at files that declare kinds");
  models->require_subcommand(1);
  auto* verify = models->add_subcommand("verify", "What does not hold together in model files");
  const auto verified = std::make_shared<ModelCommand>();
  verified->hooks = hooks;
  add_model_files(*verify, *verified);
  verify->get_option("FILE")->required();
  verify->add_flag("--warn", verified->warn, "end with 0 whatever is found");
  add_model_format(*verify, verified->format, "text");
  verify->callback(
      [verified, &action] { action = [verified] { return model_verify(*verified); }; });
  auto* show =
      models->add_subcommand("show", "Write model files out, every part in its longest form");
  const auto shown = std::make_shared<ModelCommand>();
  add_model_files(*show, *shown);
  show->get_option("FILE")->required();
  add_model_format(*show, shown->format, "yaml");
  show->callback([shown, &action] { action = [shown] { return model_show(*shown); }; });
  add_model_schema(*models, action);
  auto* fresh = models->add_subcommand("new", "A model file with comments, to begin with");
  const auto name = std::make_shared<std::string>("Mine");
  fresh->add_option("NAME", *name, "the name of its domain")->capture_default_str();
  fresh->callback([name, &action] { action = [name] { return model_new(*name); }; });
  add_model_difference(*models, action);
  add_model_import(*models, action);
  // For docs/reference/model.md alone; an empty group is not shown.
  models->add_subcommand("reference", "The reference of model files in Markdown")
      ->group("")
      ->callback([&action] { action = [] { return model_reference(); }; });
}

/// `diffo help`, `diffo help import`, `diffo help outstanding vectors`.
int help(const CLI::App& root, const std::vector<std::string>& path) {
  const CLI::App* found = &root;
  std::string name = root.get_name();
  for (const std::string& word : path) {
    const auto commands =
        found->get_subcommands([&word](const CLI::App* one) { return one->check_name(word); });
    if (commands.empty())
      return report({diffo::ErrorCode::not_found, "there is no command " + word});
    found = commands.front();
    name += ' ' + word;
  }
  // App::help would explain the command that is running: this one.
  const std::string text =
      found->get_formatter()->make_help(found, name, CLI::AppFormatMode::Normal);
  std::printf("%s", text.c_str());
  return exit_ok;
}

void add_help(CLI::App& root, Action& action) {
  auto* app = root.add_subcommand("help", "Explain a command");
  const auto path = std::make_shared<std::vector<std::string>>();
  app->add_option("COMMAND", *path, "which; without one, all");
  app->callback([path, &root, &action] { action = [path, &root] { return help(root, *path); }; });
}

void add_completions(CLI::App& root, Action& action) {
  auto* app = root.add_subcommand("completions", "Print a script by which a shell completes words");
  const auto shell = std::make_shared<std::string>();
  app->add_option("SHELL", *shell, "which shell")
      ->check(CLI::IsMember({"bash", "zsh", "fish"}))
      ->required();
  app->callback(
      [shell, &root, &action] { action = [shell, &root] { return completions(root, *shell); }; });
}

/// What was written is there, or it could not be done: a pipe or file that lacks the end looks
/// complete.
int with_output_written(int code) {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0)
    return code;
  std::fprintf(stderr, "diffo: cannot write to standard output\n");
  return exit_trouble;
}

} // namespace

int diffo::run_program(int argc, const char* const* argv, Program program) {
  const auto hooks = std::make_shared<const diffo::hooks::Registry>(std::move(program.hooks));
  CLI::App root{"Diffo: a TM Forum service and resource manager", "diffo"};
  root.footer(
      "Exit codes: 0 done; 1 done, and there is something to report; 2 it could not be done.");
  root.require_subcommand(1);
  Action action;
  add_store_commands(root, {hooks, std::move(program.model)}, action);
  add_outstanding(root, action);
  add_drift(root, action);
  add_decide(root, action);
  add_plan(root, action);
  add_tasks(root, action);
  add_hub(root, action);
  add_watch(root, action);
  add_observe(root, action);
  add_model(root, hooks, action);
  add_completions(root, action);
  add_help(root, action);
  root.add_subcommand("version", "Print the version")->callback([&action] {
    action = [] {
      std::printf("diffo %s\n", diffo::version);
      return static_cast<int>(exit_ok);
    };
  });
  try {
    root.parse(argc, argv);
    return action ? with_output_written(action()) : static_cast<int>(exit_trouble);
  } catch (const CLI::ParseError& problem) {
    // Help and version are "errors" of the library that end well.
    return with_output_written(root.exit(problem) == 0 ? static_cast<int>(exit_ok)
                                                       : static_cast<int>(exit_trouble));
  }
}

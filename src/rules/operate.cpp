#include "rules/operate.h"

#include "model/declared.h"
#include "model/typed_value.h"
#include "model/words.h"
#include "rules/actions.h"
#include "rules/hook_call.h"
#include "rules/lifecycle.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace diffo::rules {
namespace {

using model::Action;

/// What a function is asked about.
class Call final : public ReadingCall<hooks::ActionCall> {
public:
  Call(const Action& action, const json::Object& arguments, const graph::Context& context,
       const std::optional<hooks::Record>& before, hooks::Record after, HookReads& reads)
      : ReadingCall(reads), action_(action), arguments_(arguments), now_(context.now),
        before_(before), after_(std::move(after)),
        caller_{context.principal.tenant, context.principal.actor, context.principal.roles} {}

  [[nodiscard]] const hooks::Record* before() const override {
    return before_ ? &*before_ : nullptr;
  }
  [[nodiscard]] const hooks::Record& after() const override { return after_; }
  [[nodiscard]] std::string_view name() const override { return action_.name; }
  [[nodiscard]] const json::Object& arguments() const override { return arguments_; }
  [[nodiscard]] const hooks::Caller& caller() const override { return caller_; }
  [[nodiscard]] std::int64_t now() const override { return now_; }

private:
  const Action& action_;
  const json::Object& arguments_;
  std::int64_t now_;
  const std::optional<hooks::Record>& before_;
  hooks::Record after_;
  hooks::Caller caller_;
};

std::string_view state_of(const hooks::Record& record) {
  const json::Value* state = record.attributes.find("state");
  const std::string* text = state != nullptr ? state->if_string() : nullptr;
  return text != nullptr ? std::string_view(*text) : std::string_view();
}

/// Which of the actions that all kinds have, transitions aside, lead from one record to the other.
class Difference {
public:
  Difference(const model::DeclaredKind& kind, const hooks::Record& before,
             const hooks::Record& after)
      : kind_(kind), before_(before), after_(after) {}

  [[nodiscard]] std::vector<std::string_view> actions() const {
    std::vector<std::string_view> found;
    if (kind_.half == model::Half::service && !changed("state") && changed("operatingStatus"))
      found.emplace_back("status");
    if (kind_.half == model::Half::resource && has_another_lifecycle())
      found.emplace_back("lifecycle");
    if (json::to_text(before_.characteristics) != json::to_text(after_.characteristics))
      found.emplace_back("define");
    if (has_more_relationships())
      found.emplace_back("relate");
    return found;
  }

private:
  [[nodiscard]] bool changed(std::string_view attribute) const {
    const json::Value* was = before_.attributes.find(attribute);
    const json::Value* now = after_.attributes.find(attribute);
    return (was != nullptr) != (now != nullptr) || (was != nullptr && !(*was == *now));
  }

  [[nodiscard]] bool has_another_lifecycle() const {
    const auto action = action_of(kind_, "lifecycle");
    const std::vector<std::string> accepted = action ? action->accept : std::vector<std::string>();
    return std::any_of(accepted.begin(), accepted.end(), [this](const std::string& name) {
      return changed(model::camel_case(name));
    });
  }

  [[nodiscard]] bool has_more_relationships() const {
    const auto& were = before_.relationships;
    return std::any_of(after_.relationships.begin(), after_.relationships.end(),
                       [&were](const hooks::Relationship& one) {
                         return std::find(were.begin(), were.end(), one) == were.end();
                       });
  }

  const model::DeclaredKind& kind_;
  const hooks::Record& before_;
  const hooks::Record& after_;
};

/// One write and the functions that are asked about it.
class Operation {
public:
  Operation(const graph::Context& context, graph::Subgraph& subgraph, const graph::Record* before,
            graph::RecordDraft& after, const model::DeclaredKind& kind)
      : context_(context), subgraph_(subgraph), after_(after), kind_(kind),
        model_(model::model_of(subgraph.schema())), reads_(subgraph, after.key, context.now) {
    if (before != nullptr)
      before_ = seen_by_hooks(before->to_draft(subgraph.schema().dictionary()), model_);
  }

  /// Whether the draft is another now.
  Result<bool> run(const Asked& asked) {
    static const json::Object none;
    bool changed = false;
    std::vector<const Action*> actions;
    if (asked.action == nullptr)
      actions = done();
    else if (!asked.action->hook.empty())
      changed = TRY(ask(*asked.action, asked.arguments != nullptr ? *asked.arguments : none));
    const Action* way = transition();
    const bool is_asked = asked.action != nullptr && way != nullptr &&
                          (!asked.action->to.empty() || asked.action->name == way->name);
    if (way != nullptr && !way->hook.empty() && !is_asked)
      actions.push_back(way);
    for (const Action* action : actions)
      changed = TRY(ask(*action, none)) || changed;
    return changed;
  }

private:
  /// The action of the kind that leads to the state, however that is written.
  [[nodiscard]] const Action* transition() const {
    if (kind_.half != model::Half::service)
      return nullptr;
    const std::string_view former = before_ ? state_of(*before_) : start_state;
    const std::string_view now = after_.root.field_text(model::words::state);
    const auto transition = former != now ? transition_between(kind_, former, now) : std::nullopt;
    return transition ? kind_.action(transition->action) : nullptr;
  }

  /// The actions with functions that a document does, transitions aside.
  [[nodiscard]] std::vector<const Action*> done() const {
    std::vector<std::string_view> names{"build"};
    if (before_ && before_->kind != kind_.name)
      names = {"respecify"};
    else if (before_)
      names = Difference(kind_, *before_, seen_by_hooks(after_, model_)).actions();
    std::vector<const Action*> actions;
    for (const std::string_view name : names)
      if (const Action* action = kind_.action(name); action != nullptr && !action->hook.empty())
        actions.push_back(action);
    return actions;
  }

  Result<bool> ask(const Action& action, const json::Object& arguments) {
    const hooks::SharedRegistry& registry = model_.declared().hooks();
    const hooks::Action* function = registry ? registry->action(action.hook) : nullptr;
    if (function == nullptr)
      return Error{ErrorCode::unsupported, "this program has no hook " + action.hook + ", which " +
                                               kind_.name + '.' + action.name + " asks for"};
    Call call(action, arguments, context_, before_, seen_by_hooks(after_, model_), reads_);
    auto answered = called(*function, call, [&action](std::string_view reason) {
      return about(action, {ErrorCode::internal, std::string(reason)});
    });
    if (reads_.is_exceeded())
      return about(action, HookReads::too_much());
    const hooks::Changes changes = TRY(std::move(answered));
    if (changes.attributes.empty() && changes.characteristics.empty())
      return false;
    if (auto laid = lay(changes); !laid)
      return about(action, std::move(laid).error());
    return true;
  }

  static Error about(const Action& action, Error error) {
    error.message = "hook " + action.hook + ": " + error.message;
    return error;
  }

  /// As an action would that takes these attributes and characteristics.
  Result<void> lay(const hooks::Changes& changes) {
    Action action;
    action.effects = {"define"};
    json::Object arguments = changes.attributes;
    for (const auto& [name, value] : changes.attributes) {
      if (name == "id" || name == "type" || name == "which" || name == "characteristicValueUpdates")
        return Error{ErrorCode::invalid, "there is no attribute " + name + " that it can set",
                     '/' + name};
      action.accept.push_back(name);
    }
    if (!changes.characteristics.empty())
      arguments.set("characteristicValueUpdates", changes.characteristics);
    Further nothing;
    return apply({context_, subgraph_, kind_, action}, arguments, after_, nothing);
  }

  const graph::Context& context_;
  graph::Subgraph& subgraph_;
  graph::RecordDraft& after_;
  const model::DeclaredKind& kind_;
  const model::Model& model_;
  HookReads reads_;
  std::optional<hooks::Record> before_;
};

bool has_hooks(const model::DeclaredKind& kind) {
  return std::any_of(kind.actions.begin(), kind.actions.end(),
                     [](const Action& action) { return !action.hook.empty(); });
}

} // namespace

Result<Further> operate(const graph::Context& context, graph::Subgraph& subgraph,
                        const graph::Record* before, graph::RecordDraft& after,
                        const Asked& asked) {
  Further further = TRY(enforce(context, subgraph, before, after, Way::operate, asked.action));
  const model::DeclaredKind* kind = kind_of(model::model_of(subgraph.schema()), after);
  if (kind == nullptr || !has_hooks(*kind))
    return further;
  if (!TRY(Operation(context, subgraph, before, after, *kind).run(asked)))
    return further;
  // What functions changed must hold as well, and what it means takes the place of what was meant.
  return enforce(context, subgraph, before, after, Way::operate, asked.action);
}

} // namespace diffo::rules

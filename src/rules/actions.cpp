#include "rules/actions.h"

#include "base/text.h"
#include "model/contradictions.h"
#include "model/declared.h"
#include "model/schema.h"
#include "model/typed_value.h"
#include "model/words.h"
#include "rules/conform.h"
#include "rules/first_level.h"
#include "rules/instances.h"
#include "rules/lifecycle.h"
#include "rules/parts.h"
#include "rules/pool_value.h"

#include <algorithm>
#include <initializer_list>
#include <utility>
#include <vector>

namespace diffo::rules {
namespace {

using graph::Element;
using model::Action;
namespace words = model::words;

constexpr std::string_view assign_prefix = "assign_";

Error wrong(std::string path, std::string message) {
  return {ErrorCode::invalid, std::move(message), std::move(path)};
}

Action common(std::string_view name, Action::Does does, std::vector<std::string> args = {}) {
  Action action;
  action.name = name;
  action.does = does;
  action.args = std::move(args);
  return action;
}

/// One action on one draft.
class Deed {
public:
  Deed(const ActionCase& act, const json::Object& arguments, graph::RecordDraft& draft,
       Further& further)
      : act_(act), arguments_(arguments), draft_(draft), further_(further),
        model_(model::model_of(act.subgraph.schema())) {}

  Result<void> run() {
    TRY(check_arguments());
    TRY(apply_attributes());
    TRY(apply_transition());
    if (takes("characteristics"))
      TRY(define(argument("characteristicValueUpdates")));
    if (takes("places"))
      TRY(add_related("places", model::kinds::place_reference, model::family_place));
    if (takes("parties"))
      TRY(add_related("parties", model::kinds::party_reference, model::family_party));
    if (takes("relationships"))
      TRY(relate());
    return {};
  }

private:
  [[nodiscard]] const json::Value* argument(std::string_view name) const {
    const json::Value* value = arguments_.find(name);
    return value == nullptr || value->is_null() ? nullptr : value;
  }

  [[nodiscard]] bool has(const std::vector<std::string>& list, std::string_view name) const {
    return std::find(list.begin(), list.end(), name) != list.end();
  }

  /// Whether the action has an argument: as one of its own, by what it does, or by its effects.
  [[nodiscard]] bool takes(std::string_view name) const {
    const Action& action = act_.action;
    if (has(action.args, name))
      return true;
    if (name == "characteristics")
      return action.does == Action::Does::define || action.does == Action::Does::create ||
             has(action.effects, "define");
    if (name == "relationships" && action.does == Action::Does::relate)
      return true;
    return has(action.effects, "add_" + std::string(name));
  }

  [[nodiscard]] bool accepts(std::string_view name) const {
    for (const std::string& accepted : act_.action.accept)
      if (accepted == name || model::camel_case(accepted) == name)
        return true;
    return false;
  }

  Result<void> check_arguments() const {
    std::string known;
    const auto note = [&known](std::string_view name) {
      known += (known.empty() ? "" : ", ") + std::string(name);
    };
    for (const auto& [name, value] : arguments_) {
      const bool is_list =
          (name == "places" || name == "parties" || name == "relationships") && takes(name);
      if (is_list || accepts(name) ||
          (name == "characteristicValueUpdates" && takes("characteristics")))
        continue;
      for (const std::string& accepted : act_.action.accept)
        note(model::camel_case(accepted));
      for (const char* list : {"relationships", "places", "parties"})
        if (takes(list))
          note(list);
      if (takes("characteristics"))
        note("characteristicValueUpdates");
      std::string path;
      json::append_token(path, name);
      return wrong(path, "the action " + act_.action.name + " takes no " + shortened(name, 64) +
                             "; it takes " + (known.empty() ? "nothing" : known));
    }
    return {};
  }

  /// The first-level attribute of that name.
  Result<void> set_attribute(std::string_view name, const json::Value& value) {
    const std::string camel = model::camel_case(name);
    if (camel == "id" || camel == "type" || camel == "which")
      return {}; // settled when it is built
    const auto field = first_level_field(model_, act_.kind, name);
    if (!field) {
      std::string path;
      json::append_token(path, camel);
      return wrong(std::move(path), "there is no attribute " + camel + " that an action can set");
    }
    if (value.is_null())
      draft_.root.erase_field(field->word);
    else
      draft_.root.set_field(field->word, TRY(held_value(*field, value)));
    return {};
  }

  Result<void> apply_attributes() {
    for (const auto& [name, value] : act_.action.set)
      TRY(set_attribute(name, value));
    for (const auto& [name, value] : arguments_)
      if (accepts(name) && name != "specifiedBy")
        TRY(set_attribute(name, value));
    if (act_.action.name == "respecify")
      TRY(respecify());
    return {};
  }

  /// Another version of the kind, with what its domain declares as migration done first.
  Result<void> respecify() {
    const json::Value* id = argument("specifiedBy");
    if (id == nullptr || !id->is_string())
      return wrong("/specifiedBy", "specifiedBy is required: the id of a specification");
    for (Element& child : draft_.root.children)
      if (child.kind == model::kinds::specification_reference) {
        child.target = graph::Target{model::family_specification, id->string()};
        child.erase_field(words::name);
        child.erase_field(words::number_of("version"));
      }
    const model::DeclaredKind* next = model_.declared().specified(id->string());
    if (next == nullptr || next == &act_.kind)
      return {};
    if (const model::Migration* migration = migration_for(model_.declared(), *next))
      TRY(migrate(*migration, model_, {&act_.kind, model_.declared()}, *next, draft_));
    return {};
  }

  Result<void> apply_transition() {
    const auto transition = transition_named(act_.kind, act_.action.name);
    if (!transition || act_.action.does == Action::Does::create ||
        draft_.key.family != model::family_service)
      return {};
    const std::string from(draft_.root.field_text(words::state));
    if (std::find(transition->from.begin(), transition->from.end(), from) ==
        transition->from.end()) {
      const std::string allowed = states_behind(act_.kind, from);
      return Error{ErrorCode::conflict,
                   act_.action.name + " does not leave the state " + from +
                       "; from there it can go to " + (allowed.empty() ? "none" : allowed),
                   "/state"};
    }
    draft_.root.set_field(words::state, transition->to);
    return {};
  }

  /// Lays the values over those that are there; what is not named stays.
  Result<void> define(const json::Value* updates) {
    if (updates == nullptr)
      return {};
    if (!updates->is_object())
      return wrong("/characteristicValueUpdates", "must be an object of characteristics");
    std::vector<Error> problems;
    for (const auto& [name, value] : updates->object()) {
      std::string path = "/characteristicValueUpdates";
      json::append_token(path, name);
      define_one(name, value, path, problems);
    }
    if (!problems.empty())
      return joined(std::move(problems));
    return {};
  }

  void define_one(const std::string& name, const json::Value& value, const std::string& path,
                  std::vector<Error>& problems) {
    const model::Field* field = act_.kind.characteristic(name);
    const model::Pool* pool = act_.kind.pool(name);
    if (field == nullptr && pool == nullptr) {
      problems.push_back(wrong(path, "there is no characteristic " + shortened(name, 64) +
                                         " of the kind " + act_.kind.name));
      return;
    }
    Element* part = characteristic_named(draft_.root, name);
    if (part == nullptr) {
      part = &draft_.root.children.emplace_back();
      part->kind = model::kinds::characteristic;
      part->set_field(words::name, name);
    }
    const json::Value* present = part->field(words::value);
    const json::Value before = present != nullptr ? *present : json::Value();
    json::Value now = pool != nullptr
                          ? read_pool_value(*pool, before, value, path, problems)
                          : model::laid_over(model_.declared(), field->type, before, value);
    if (field != nullptr && !now.is_null())
      now = model::TypedReader(model_.declared(), problems).read(field->type, now, path);
    if (now.is_null())
      part->erase_field(words::value);
    else
      part->set_field(words::value, std::move(now));
  }

  Result<void> add_related(std::string_view list, graph::ElementKind kind, graph::Family family) {
    const json::Value* items = argument(list);
    if (items == nullptr)
      return {};
    const std::string path = '/' + std::string(list);
    if (!items->is_array())
      return wrong(path, "must be an array of {id, role}");
    for (std::size_t index = 0; index < items->array().size(); ++index) {
      const json::Value& item = items->array()[index];
      const std::string_view id = item.text_of("id");
      if (id.empty())
        return wrong(path + '/' + std::to_string(index) + "/id", "id is required");
      TRY(check_members(item, {"id", "role", "href", "name", "@type", "@referredType"},
                        path + '/' + std::to_string(index)));
      Element edge;
      edge.kind = kind;
      edge.target = graph::Target{family, std::string(id)};
      for (const auto& [member, word] : {std::pair{"role", words::role},
                                         {"href", words::href},
                                         {"name", words::name},
                                         {"@type", words::type},
                                         {"@referredType", words::referred_type}})
        if (const std::string_view text = item.text_of(member); !text.empty())
          edge.set_field(word, text);
      draft_.root.children.push_back(std::move(edge));
    }
    return {};
  }

  Result<void> relate() {
    const json::Value* items = argument("relationships");
    if (items == nullptr)
      return {};
    if (!items->is_array())
      return wrong("/relationships", "must be an array of {id, alias, type, direction}");
    graph::FetchPlan plan;
    for (const json::Value& item : items->array())
      for (const graph::Family family : {model::family_service, model::family_resource})
        plan.records.emplace_back(draft_.key.tenant, family, std::string(item.text_of("id")));
    act_.subgraph.announce(plan);
    for (std::size_t index = 0; index < items->array().size(); ++index)
      TRY(relate_one(items->array()[index], "/relationships/" + std::to_string(index)));
    return {};
  }

  Result<void> relate_one(const json::Value& item, const std::string& path) {
    const std::string id(item.text_of("id"));
    if (id.empty() || item.text_of("type").empty())
      return wrong(path, "id and type are required");
    TRY(check_members(item, {"id", "type", "alias", "direction", "family"}, path));
    const std::string_view direction = item.text_of("direction");
    if (!direction.empty() && direction != "forward" && direction != "reverse")
      return wrong(path + "/direction", "must be forward or reverse");
    const graph::Key key = TRY(other_end(id, item.text_of("family"), path));
    if (direction == "reverse" && key != draft_.key)
      return relate_reverse(*act_.subgraph.find(key), item, path);
    draft_.root.children.push_back(edge_to({key.family, id}, item));
    return {};
  }

  /// The instance that an id means, where there is one.
  Result<graph::Key> other_end(const std::string& id, std::string_view wanted,
                               const std::string& path) {
    if (!wanted.empty() && wanted != "service" && wanted != "resource")
      return wrong(path + "/family", "must be service or resource");
    std::vector<graph::Key> found;
    for (const graph::Family family : {model::family_service, model::family_resource}) {
      graph::Key key(draft_.key.tenant, family, id);
      const bool fits =
          wanted.empty() || (wanted == "service") == (family == model::family_service);
      if (fits && (key == draft_.key || act_.subgraph.find(key)))
        found.push_back(std::move(key));
    }
    if (found.size() > 1)
      return Error{ErrorCode::conflict,
                   "a service and a resource have that id: say which with family", path + "/id"};
    if (found.empty())
      return wrong(path + "/id", "there is no instance with id \"" + shortened(id, 64) + "\"");
    return std::move(found.front());
  }

  /// What is not understood must not be taken for done.
  static Result<void> check_members(const json::Value& item,
                                    std::initializer_list<std::string_view> known,
                                    const std::string& path) {
    for (const auto& [name, value] : item.object())
      if (std::find(known.begin(), known.end(), name) == known.end()) {
        std::string at = path;
        json::append_token(at, name);
        return wrong(std::move(at), "there is no " + shortened(name, 64) + " here");
      }
    return {};
  }

  static Element edge_to(graph::Target target, const json::Value& item) {
    Element edge;
    edge.kind = target.family == model::family_service ? model::kinds::service_relation
                                                       : model::kinds::resource_relation;
    edge.target = std::move(target);
    edge.set_field(words::relationship_type, item.text_of("type"));
    if (const std::string_view alias = item.text_of("alias"); !alias.empty())
      edge.set_field(words::alias, alias);
    return edge;
  }

  /// From the other to this one, by the rules of the other's kind; of this one, as the target.
  Result<void> relate_reverse(const graph::Record& other, const json::Value& item,
                              const std::string& path) {
    const graph::Key key = other.key();
    for (graph::Change& change : further_.changes)
      if (change.key == key) // two edges from one other
        return relate_from(graph::RecordRef(change.after), item, path, &change);
    return relate_from(act_.subgraph.find(key), item, path, nullptr);
  }

  Result<void> relate_from(const graph::RecordRef& other, const json::Value& item,
                           const std::string& path, graph::Change* again) {
    const graph::Schema& schema = act_.subgraph.schema();
    TRY(check_permission(act_.kind.target, "target", act_.kind, item, path));
    graph::RecordDraft source = other->to_draft(schema.dictionary());
    if (const model::DeclaredKind* kind = kind_of(model_, *other)) {
      TRY(check_permission(kind->source, "source", *kind, item, path));
      TRY(check_alias(source.root, item.text_of("alias"), path));
      // Whether it may be written at all; this instance may not be there yet.
      further_.add(TRY(enforce(act_.context, act_.subgraph, &*other, source)));
    }
    source.root.children.push_back(edge_to({draft_.key.family, draft_.key.id}, item));
    note_api(*other, source, act_.context.now, schema);
    graph::Change change{source.key, TRY(model::encode(source, schema))};
    if (again != nullptr)
      *again = std::move(change);
    else
      further_.changes.push_back(std::move(change));
    return {};
  }

  static Result<void> check_alias(const Element& root, std::string_view alias,
                                  const std::string& path) {
    for (const Element& edge : root.children)
      if (!alias.empty() && edge.field_text(words::alias) == alias &&
          (edge.kind == model::kinds::service_relation ||
           edge.kind == model::kinds::resource_relation))
        return wrong(path, "the alias " + std::string(alias) + " has already been taken");
    return {};
  }

  static Result<void> check_permission(const std::optional<model::Permission>& permission,
                                       const char* side, const model::DeclaredKind& kind,
                                       const json::Value& item, const std::string& path) {
    if (const auto refusal = refusal_of(permission, item.text_of("alias"), side, kind))
      return wrong(path, *refusal);
    return {};
  }

  const ActionCase& act_;
  const json::Object& arguments_;
  graph::RecordDraft& draft_;
  Further& further_;
  const model::Model& model_;
};

} // namespace

std::optional<Action> action_of(const model::DeclaredKind& kind, std::string_view name) {
  if (const Action* own = kind.action(name))
    return *own;
  if (name == "build") {
    Action build = common(name, Action::Does::create, {"relationships", "places", "parties"});
    build.accept = {"id", "name", "type", "which"};
    return build;
  }
  if (name == "define")
    return common(name, Action::Does::define);
  if (name == "relate")
    return common(name, Action::Does::relate);
  Action update = common(name, Action::Does::update);
  if (name == "respecify") {
    update.accept = {"specifiedBy"};
    return update;
  }
  for (const model::Pool& pool : kind.pools)
    if (name.starts_with(assign_prefix) && name.substr(assign_prefix.size()) == pool.thing) {
      Action assign = common(name, Action::Does::assign);
      assign.pool = pool.name;
      return assign;
    }
  if (kind.half == model::Half::resource) {
    if (name != "lifecycle")
      return std::nullopt;
    update.accept = {"lifecycleState",   "resourceVersion", "administrativeState",
                     "operationalState", "usageState",      "resourceStatus"};
    return update;
  }
  if (name == "status" || name == "feasibilityCheck") {
    update.accept = {"operatingStatus"};
    return update;
  }
  return transition_named(kind, name) ? std::optional(update) : std::nullopt;
}

std::vector<std::string> actions_of(const model::DeclaredKind& kind) {
  std::vector<std::string> names;
  names.reserve(kind.actions.size());
  for (const Action& action : kind.actions)
    names.push_back(action.name);
  const auto add = [&names](std::string name) {
    if (std::find(names.begin(), names.end(), name) == names.end())
      names.push_back(std::move(name));
  };
  for (const char* name : {"build", "define", "relate", "respecify"})
    add(name);
  for (const model::Pool& pool : kind.pools)
    add(std::string(assign_prefix) + pool.thing);
  if (kind.half == model::Half::resource) {
    add("lifecycle");
    return names;
  }
  add("status");
  for (const Transition& transition : common_transitions())
    add(std::string(transition.action));
  return names;
}

Result<graph::RecordDraft> build(const ActionCase& act, const json::Object& arguments,
                                 Further& further) {
  graph::RecordDraft draft;
  const json::Value* id = arguments.find("id");
  const bool given = id != nullptr && !id->is_null();
  if (given && (!id->is_string() || !is_id(id->string())))
    return wrong("/id", std::string(id_rule));
  const model::Api api = model::DeclaredKinds::api_of(act.kind);
  const std::string_view half = api == model::Api::service ? "service" : "resource";
  if (const json::Value* type = arguments.find("type"); type != nullptr && !type->is_null())
    if (!type->is_string() || type->string() != half)
      return wrong("/type", "the kind " + act.kind.name + " is of type " + std::string(half));
  draft.key = {act.context.principal.tenant, model::family_of(api),
               given ? id->string() : act.context.new_id()};
  draft.root.kind = model::root_of(api);
  if (const json::Value* which = arguments.find("which"); which != nullptr && !which->is_null()) {
    const std::string* text = which->if_string();
    if (text == nullptr || (*text != "actual" && *text != "expected"))
      return wrong("/which", "must be actual or expected");
    draft.which = *text == "expected" ? graph::Which::expected : graph::Which::actual;
  }
  Element& edge = draft.root.children.emplace_back();
  edge.kind = model::kinds::specification_reference;
  edge.target = graph::Target{model::family_specification, act.kind.specification->id};
  TRY(apply(act, arguments, draft, further));
  return draft;
}

Result<void> apply(const ActionCase& act, const json::Object& arguments, graph::RecordDraft& draft,
                   Further& further) {
  return Deed(act, arguments, draft, further).run();
}

} // namespace diffo::rules

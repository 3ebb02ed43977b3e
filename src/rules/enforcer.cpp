#include "rules/enforcer.h"

#include "base/text.h"
#include "base/time.h"
#include "base/uuid.h"
#include "model/declared.h"
#include "model/schema.h"
#include "model/words.h"
#include "rules/first_level.h"
#include "rules/policy.h"

#include <algorithm>
#include <utility>

namespace diffo::rules {
namespace {

using graph::Element;
namespace words = model::words;

/// domain.md §4.
bool is_instance_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view(" \t\n\r\f\v._-").find(c) != std::string_view::npos;
  });
}

Element* specification_edge(Element& root) {
  const auto found = std::find_if(root.children.begin(), root.children.end(), [](const Element& e) {
    return e.kind == model::kinds::specification_reference;
  });
  return found == root.children.end() ? nullptr : &*found;
}

std::string random_digits(const graph::Context& context, std::uint32_t digits) {
  std::string text;
  for (std::uint32_t index = 0; index < digits; ++index)
    text += static_cast<char>('0' + context.random(10));
  return text;
}

/// An own attribute is a field, or what came in a form that no field has.
const json::Value* attribute_in(const Element& root, const graph::Dictionary& dictionary,
                                std::string_view name) {
  if (const auto word = dictionary.find(name))
    if (const json::Value* value = root.field(*word))
      return value;
  const auto found =
      std::find_if(root.extra.begin(), root.extra.end(),
                   [name](const json::Member& member) { return member.name == name; });
  return found == root.extra.end() ? nullptr : &found->value;
}

} // namespace

std::string_view text_in(const Element& element, graph::Word word) {
  return element.field_text(word);
}

graph::Claim name_claim(const graph::Context& context, const model::DeclaredKind& kind,
                        const graph::Key& key, graph::Which which, std::string_view name) {
  graph::Claim claim;
  // The specification stays when a model calls the kind otherwise.
  claim.scope = "name/" + std::to_string(key.tenant) + '/' + kind.specification->id +
                (which == graph::Which::expected ? "/expected" : "");
  claim.key = name;
  claim.holder = std::to_string(key.family) + '/' + key.id;
  claim.branch = context.principal.branch;
  return claim;
}

Enforcer::Enforcer(const graph::Context& context, graph::Subgraph& subgraph,
                   const model::Model& model, const graph::Record* before,
                   graph::RecordDraft& after, Way way)
    : context_(context), subgraph_(subgraph), model_(model), before_(before), after_(after),
      way_(way) {
  if (before != nullptr) {
    was_ = before->to_draft(model.dictionary());
    old_ = kind_of(model::model_of(subgraph.schema()), *before) != nullptr ? kind_of(model, *before)
                                                                           : nullptr;
  }
}

Result<Further> Enforcer::run() {
  TRY(settle_kind());
  settle_identity();
  settle_specification();
  TRY(settle_policy());
  settle_generated();
  settle_name();
  TRY(settle_state());
  settle_attributes();
  leave_behind();
  settle_features();
  settle_characteristics();
  settle_roles(kind_->parties, kind_->inherited_parties, model::kinds::party_reference,
               "relatedParty");
  settle_roles(kind_->places, kind_->inherited_places, model::kinds::place_reference, "place");
  TRY(settle_relationships());
  if (!problems_.empty())
    return joined(std::move(problems_));
  TRY(check_pools());
  TRY(claim_name());
  return std::move(further_);
}

void Enforcer::refuse(std::string path, std::string message, ErrorCode code) {
  constexpr std::size_t most_problems = 100;
  if (problems_.size() < most_problems)
    problems_.push_back({code, std::move(message), std::move(path)});
}

/// A record of a declared kind stays one: another specification makes it one of another version of
/// the kind.
Result<void> Enforcer::settle_kind() {
  const std::string path = after_.key.family == model::family_service ? "/serviceSpecification"
                                                                      : "/resourceSpecification";
  const Element* edge = specification_edge(after_.root);
  if (old_ != nullptr && edge == nullptr)
    bring_back_specification();
  kind_ = kind_of(model_, after_);
  // The name that a patch leaves does not speak for an id that it brings.
  if (old_ != nullptr && edge != nullptr && edge->target &&
      model_.declared().specified(edge->target->id) == nullptr)
    kind_ = nullptr;
  if (kind_ == nullptr)
    return Error{ErrorCode::conflict,
                 "it is an instance of the kind " + old_->name +
                     ", whose specification can only be one that a kind declares",
                 path};
  if (model::family_of(model::DeclaredKinds::api_of(*kind_)) != after_.key.family)
    return Error{ErrorCode::invalid,
                 "specification kind mismatch: the kind " + kind_->name + " is one of " +
                     (after_.key.family == model::family_service ? "resources" : "services"),
                 path};
  if (old_ != nullptr && old_ != kind_ && old_->specification->name != kind_->specification->name)
    return Error{ErrorCode::conflict,
                 "an instance of " + old_->specification->name +
                     " becomes one of another version of it, not one of " +
                     kind_->specification->name,
                 path};
  return {};
}

/// Where it stood, so that nothing has changed.
void Enforcer::bring_back_specification() {
  const auto& before = was_->root.children;
  for (std::size_t index = 0; index < before.size(); ++index)
    if (before[index].kind == model::kinds::specification_reference) {
      auto& children = after_.root.children;
      const std::size_t at = std::min(index, children.size());
      children.insert(children.begin() + static_cast<std::ptrdiff_t>(at), before[index]);
      return;
    }
}

/// The reference says what the kind says; the instance shows what its specification has of category
/// and description, unless it has its own (domain.md §9).
void Enforcer::settle_specification() {
  const model::Specification& specification = *kind_->specification;
  Element* edge = specification_edge(after_.root);
  if (edge == nullptr) {
    edge = &after_.root.children.emplace_back();
    edge->kind = model::kinds::specification_reference;
  }
  if (edge->verbatim) {
    edge->verbatim.reset();
    edge->newer_form = false; // it is ours now, and each version shows it in its own form
  }
  edge->target = graph::Target{model::family_specification, specification.id};
  edge->set_field(words::name, specification.name);
  edge->set_field(words::number_of("version"), specification.version());
  const model::Specification* former =
      old_ != nullptr && old_ != kind_ ? &*old_->specification : former_;
  const auto settle = [&](graph::Word word, const std::string& now, const std::string* before) {
    const std::string_view present = text_in(after_.root, word);
    if ((present.empty() || (before != nullptr && present == *before)) && !now.empty())
      after_.root.set_field(word, now);
  };
  settle(words::number_of("category"), specification.category,
         former != nullptr ? &former->category : nullptr);
  settle(words::number_of("description"), specification.description,
         former != nullptr ? &former->description : nullptr);
}

void Enforcer::settle_identity() {
  if (is_new() && way_ == Way::operate && !Uuid::parse(after_.key.id))
    refuse("/id", "the id of an instance of a declared kind is a UUID");
}

void Enforcer::settle_generated() {
  if (!is_new())
    return;
  for (const model::Generated& generated : kind_->generated) {
    const auto field = first_level_field(model_, *kind_, generated.attribute);
    if (!field)
      continue;
    const json::Value* given = attribute_in(after_.root, model_.dictionary(), field->row->name);
    if (given == nullptr || (given->is_string() && given->string().empty()))
      after_.root.set_field(field->word,
                            generated.prefix + random_digits(context_, generated.digits));
  }
}

void Enforcer::settle_name() {
  const std::string_view name = text_in(after_.root, words::name);
  const bool same = was_ && text_in(was_->root, words::name) == name;
  if (!name.empty() && !same && way_ != Way::observe && !is_instance_name(name))
    refuse("/name", "must match the pattern ^[a-zA-Z0-9\\s._-]+$");
}

Result<void> Enforcer::claim_name() {
  const std::string_view name = text_in(after_.root, words::name);
  const std::string_view former = was_ ? text_in(was_->root, words::name) : std::string_view();
  if (old_ == kind_ && name == former)
    return {};
  if (old_ != nullptr && !former.empty())
    further_.release.push_back(name_claim(context_, *old_, after_.key, after_.which, former));
  if (name.empty())
    return {};
  graph::Claim claim = name_claim(context_, *kind_, after_.key, after_.which, name);
  graph::FetchPlan plan;
  plan.claims.push_back({claim.scope, claim.key});
  subgraph_.announce(plan);
  const auto held = subgraph_.claim({claim.scope, claim.key}, context_.now);
  if (held && held->holder != claim.holder)
    return Error{ErrorCode::conflict,
                 "instance name must be unique: " + shortened(name, 64) + " is the name of " +
                     held->holder.substr(held->holder.find('/') + 1),
                 "/name"};
  further_.take.push_back(std::move(claim));
  return {};
}

Result<void> Enforcer::settle_state() {
  if (after_.key.family != model::family_service)
    return {};
  const std::string former(was_ ? text_in(was_->root, words::state) : start_state);
  const std::string wanted(text_in(after_.root, words::state));
  if (wanted.empty())
    after_.root.set_field(words::state, former);
  // An import records what is; what a generic record was in is where a kind finds it.
  if (wanted.empty() || wanted == former || way_ != Way::operate)
    return {};
  // What an action of the kind does to the state is all that it does; apply() has looked at where
  // it leads from.
  if (action_ != nullptr && action_->to == wanted)
    return {};
  const auto transition = transition_between(*kind_, former, wanted);
  if (!transition) {
    const std::string allowed = states_behind(*kind_, former);
    return Error{ErrorCode::conflict,
                 "the state cannot go from " + former + " to " + wanted + "; from " + former +
                     (allowed.empty() ? " it goes nowhere" : " it can go to " + allowed),
                 "/state"};
  }
  run_transition(*transition);
  return {};
}

void Enforcer::run_transition(const Transition& transition) {
  if (!transition.operating_status.empty())
    set_unless_given(words::operating_status, transition.operating_status);
  const std::string now = text_of(Timestamp{context_.now});
  if (transition.starts)
    set_unless_given(words::number_of("startDate"), now);
  if (transition.stops)
    set_unless_given(words::number_of("endDate"), now);
}

model::TypedReader::Ranges Enforcer::ranges() const {
  return way_ == Way::observe ? model::TypedReader::Ranges::ignored
                              : model::TypedReader::Ranges::checked;
}

/// What was observed may be what the kind does not allow: whoever changes something else leaves it.
bool Enforcer::stays_seen(const json::Value& now, const json::Value* was) const {
  return way_ == Way::operate && old_ == kind_ && was != nullptr && !was->is_null() && now == *was;
}

/// What the write itself sets stays.
void Enforcer::set_unless_given(graph::Word word, std::string_view text) {
  const std::string_view former = was_ ? text_in(was_->root, word) : std::string_view();
  if (text_in(after_.root, word) == former)
    after_.root.set_field(word, text);
}

void Enforcer::settle_attributes() {
  // A model that is to come has words that the present one has not.
  const graph::Dictionary& dictionary = model_.dictionary();
  model::TypedReader reader(model_.declared(), problems_, ranges());
  for (const model::Field& attribute : kind_->attributes) {
    const json::Value* given = attribute_in(after_.root, dictionary, attribute.wire_name());
    if (attribute.hidden && given == nullptr && was_)
      given = attribute_in(was_->root, dictionary, attribute.wire_name());
    if (given != nullptr && was_ &&
        stays_seen(*given, attribute_in(was_->root, dictionary, attribute.wire_name())))
      continue;
    std::string path;
    json::append_token(path, attribute.wire_name());
    const json::Value value =
        reader.read(attribute, given != nullptr ? *given : json::Value(), path);
    const auto word = dictionary.find(attribute.wire_name());
    if (!word || value.is_null())
      continue;
    std::erase_if(after_.root.extra,
                  [&](const json::Member& member) { return member.name == attribute.wire_name(); });
    after_.root.set_field(*word, value);
  }
}

Result<void> Enforcer::settle_policy() {
  // It is not got rid of by way of another version of the kind.
  if (old_ != nullptr && old_ != kind_)
    TRY(check_writer(context_, model_, *old_, before_));
  TRY(check_writer(context_, model_, *kind_, before_));
  if (!is_new() || !kind_->policy || !kind_->policy->stamp || is_administrator(context_))
    return {};
  if (const auto owner = first_level_field(model_, *kind_, kind_->policy->attribute))
    after_.root.set_field(owner->word, context_.principal.actor);
  return {};
}

} // namespace diffo::rules

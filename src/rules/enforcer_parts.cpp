#include "rules/enforcer.h"

#include "base/text.h"
#include "model/declared.h"
#include "model/words.h"
#include "rules/pool_value.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

/// The parts and edges of an instance of a declared kind.
namespace diffo::rules {
namespace {

using graph::Element;
namespace words = model::words;

std::string list_of_characteristics(graph::Family family) {
  return family == model::family_service ? "/serviceCharacteristic" : "/resourceCharacteristic";
}

std::string_view name_in(const Element& element) {
  return element.field_text(words::name);
}

const Element* part_named(const std::vector<Element>& elements, std::string_view name) {
  const auto found = std::find_if(elements.begin(), elements.end(), [name](const Element& element) {
    return name_in(element) == name;
  });
  return found == elements.end() ? nullptr : &*found;
}

json::Value value_in(const Element* part) {
  const json::Value* value = part != nullptr ? part->field(words::value) : nullptr;
  return value != nullptr ? *value : json::Value();
}

/// What an instance shows of a characteristic before anybody has said anything of it.
json::Value fresh_value(const model::Field& field, const model::DeclaredKinds& kinds) {
  if (field.otherwise)
    return default_of(kinds, field);
  if (field.type.array)
    return json::Array();
  if (field.type.scalar == model::Scalar::kind)
    return json::Object();
  return {};
}

std::vector<Element> children_of(const Element& root, graph::ElementKind kind) {
  std::vector<Element> found;
  for (const Element& child : root.children)
    if (child.kind == kind)
      found.push_back(child);
  return found;
}

std::string names_of(const std::vector<model::Field>& fields,
                     const std::vector<model::Pool>& pools) {
  std::string list;
  for (const model::Field& field : fields)
    list += (list.empty() ? "" : ", ") + field.name;
  for (const model::Pool& pool : pools)
    list += (list.empty() ? "" : ", ") + pool.name;
  return list.empty() ? "none" : list;
}

/// What of the ranges can be handed out: a block that is cut cannot.
std::vector<graph::NumberRange> whole_units(const model::Pool& pool,
                                            std::vector<graph::NumberRange> ranges) {
  const std::int64_t unit = pool.units == model::Units::blocks ? pool.block : 1;
  for (graph::NumberRange& range : ranges)
    range = {(range.first + unit - 1) / unit * unit, (range.last + 1) / unit * unit - 1};
  std::erase_if(ranges, [](const graph::NumberRange& range) { return range.first > range.last; });
  return ranges;
}

std::string target_id(const Element& edge) {
  return edge.target ? edge.target->id : std::string();
}

} // namespace

/// Takes the children of a kind out of the draft.
std::vector<Element> Enforcer::take_children(graph::ElementKind kind) {
  std::vector<Element> taken;
  auto& children = after_.root.children;
  for (Element& child : children)
    if (child.kind == kind)
      taken.push_back(std::move(child));
  std::erase_if(children, [kind](const Element& child) { return child.kind == kind; });
  return taken;
}

/// The characteristics of an instance or feature: all that are declared and no others, in the order
/// of their declaration. One that a write leaves out stays as it was: to define some is not to
/// forget the others.
std::vector<Element> Enforcer::settle_list(const std::vector<model::Field>& fields,
                                           const std::vector<model::Pool>& pools,
                                           std::vector<Element> given,
                                           const std::vector<Element>& before,
                                           const std::string& path) {
  std::set<std::string, std::less<>> seen;
  for (std::size_t index = 0; index < given.size(); ++index) {
    const std::string_view name = name_in(given[index]);
    const bool known = std::any_of(fields.begin(), fields.end(),
                                   [name](const auto& one) { return one.name == name; }) ||
                       std::any_of(pools.begin(), pools.end(),
                                   [name](const auto& one) { return one.name == name; });
    const std::string item = path + '/' + std::to_string(index);
    if (!known)
      refuse(item, "there is no characteristic " + shortened(name, 64) + " of the kind " +
                       kind_->name + "; there are " + names_of(fields, pools));
    else if (!seen.emplace(name).second)
      refuse(item, "the characteristic " + std::string(name) + " is given more than once");
  }
  const auto path_of = [&](const Element* part) {
    return part == nullptr ? path : path + '/' + std::to_string(part - given.data()) + "/value";
  };
  model::TypedReader reader(model_.declared(), problems_, ranges());
  std::vector<Element> settled;
  const auto settle = [&](const std::string& name, const auto& value_for) {
    const Element* now = part_named(given, name);
    const Element* was = part_named(before, name);
    Element part;
    if (now != nullptr || was != nullptr) {
      part = now != nullptr ? *now : *was;
    } else {
      part.kind = model::kinds::characteristic;
      part.set_field(words::name, name);
    }
    json::Value value = value_for(now, was);
    if (value.is_null())
      part.erase_field(words::value);
    else
      part.set_field(words::value, std::move(value));
    std::erase_if(part.extra, [](const json::Member& member) { return member.name == "value"; });
    settled.push_back(std::move(part));
  };
  for (const model::Field& field : fields)
    settle(field.name, [&](const Element* now, const Element* was) {
      // An observation leaves nothing out: what is not there any more was seen to be gone.
      const bool is_gone = way_ == Way::observe && was != nullptr && value_in(now).is_null();
      if (is_gone)
        return json::Value();
      if (now == nullptr && was != nullptr)
        return value_in(was);
      json::Value value = value_in(now);
      if (was != nullptr && stays_seen(value, was->field(words::value)))
        return value;
      if (value.is_null())
        value = fresh_value(field, model_.declared());
      return reader.read(field, value, path_of(now));
    });
  for (const model::Pool& pool : pools)
    settle(pool.name, [&](const Element* now, const Element* was) {
      if (now == nullptr && was != nullptr)
        return value_in(was);
      const json::Value value = value_in(now);
      // What is whole stands for itself, so that members can be taken away.
      const json::Value base =
          was != nullptr && is_whole_pool_value(pool, value) ? value : value_in(was);
      return read_pool_value(pool, base, value, path_of(now), problems_);
    });
  return settled;
}

/// What another version of the kind does not know goes where nobody has said anything of it; what
/// somebody has said is refused. Pools are looked at by themselves.
void Enforcer::leave_behind() {
  if (old_ == nullptr || old_ == kind_)
    return;
  std::erase_if(after_.root.children, [this](const Element& part) {
    const std::string_view name = name_in(part);
    if (part.kind != model::kinds::characteristic || kind_->characteristic(name) != nullptr ||
        kind_->pool(name) != nullptr)
      return false;
    const model::Field* former = old_->characteristic(name);
    return old_->pool(name) != nullptr ||
           (former != nullptr && value_in(&part) == fresh_value(*former, model_.declared()));
  });
}

void Enforcer::settle_characteristics() {
  const std::vector<Element> before =
      was_ ? children_of(was_->root, model::kinds::characteristic) : std::vector<Element>();
  std::vector<Element> settled =
      settle_list(kind_->characteristics, kind_->pools, take_children(model::kinds::characteristic),
                  before, list_of_characteristics(after_.key.family));
  for (Element& part : settled)
    after_.root.children.push_back(std::move(part));
}

void Enforcer::settle_features() {
  std::vector<Element> given = take_children(model::kinds::feature);
  const std::vector<Element> before =
      was_ ? children_of(was_->root, model::kinds::feature) : std::vector<Element>();
  const std::string list =
      after_.key.family == model::family_service ? "/feature" : "/activationFeature";
  std::set<std::string, std::less<>> seen;
  for (std::size_t index = 0; index < given.size(); ++index) {
    const std::string_view name = name_in(given[index]);
    const std::string item = list + '/' + std::to_string(index);
    if (kind_->feature(name) == nullptr)
      refuse(item, "there is no feature " + shortened(name, 64) + " of the kind " + kind_->name);
    else if (!seen.emplace(name).second)
      refuse(item, "the feature " + std::string(name) + " is given more than once");
  }
  for (const model::Feature& feature : kind_->features) {
    const Element* now = part_named(given, feature.name);
    const Element* was = part_named(before, feature.name);
    Element part;
    if (now != nullptr || was != nullptr) {
      part = now != nullptr ? *now : *was;
    } else {
      part.kind = model::kinds::feature;
      part.set_field(words::name, feature.name);
    }
    constexpr graph::Word enabled = words::number_of("isEnabled");
    if (part.field(enabled) == nullptr)
      part.set_field(enabled, feature.enabled);
    const std::string path =
        (now == nullptr ? list : list + '/' + std::to_string(now - given.data())) +
        "/featureCharacteristic";
    std::vector<Element> values = settle_list(
        feature.characteristics, {}, children_of(part, model::kinds::characteristic),
        was != nullptr ? children_of(*was, model::kinds::characteristic) : std::vector<Element>(),
        path);
    std::erase_if(part.children,
                  [](const Element& child) { return child.kind == model::kinds::characteristic; });
    for (Element& value : values)
      part.children.push_back(std::move(value));
    after_.root.children.push_back(std::move(part));
  }
}

/// domain.md §5: where a kind declares roles, no others are taken, and as many as it says.
void Enforcer::settle_roles(const std::vector<model::Role>& roles,
                            const std::vector<model::Inherited>& inherited, graph::ElementKind kind,
                            std::string_view list) {
  if (roles.empty() && inherited.empty())
    return;
  std::set<std::pair<std::string, std::string>> seen;
  std::size_t index = 0;
  std::vector<std::size_t> counts(roles.size());
  for (const Element& edge : after_.root.children) {
    if (edge.kind != kind)
      continue;
    const std::string path = '/' + std::string(list) + '/' + std::to_string(index++);
    const std::string role(text_in(edge, words::role));
    const auto declared = std::find_if(roles.begin(), roles.end(),
                                       [&role](const auto& one) { return one.role == role; });
    if (declared == roles.end()) {
      refuse(path + "/role", "role " + shortened(role, 64) + " is not declared on " + kind_->name);
      continue;
    }
    ++counts[static_cast<std::size_t>(declared - roles.begin())];
    check_referred_type(*declared, edge, path);
    if (edge.target && !seen.emplace(role, edge.target->id).second)
      refuse(path, "it already is " + role);
  }
  for (std::size_t number = 0; number < roles.size(); ++number)
    check_role_count(roles[number], counts[number], list);
}

void Enforcer::check_role_count(const model::Role& role, std::size_t count, std::string_view list) {
  if (role.reference || !role.calculate.empty() || way_ != Way::operate)
    return;
  const std::size_t most = role.many ? role.max.value_or(UINT32_MAX) : 1;
  const std::size_t least = role.min.value_or(0);
  const std::string got = " (got " + std::to_string(count) + ")";
  if (count < least)
    refuse('/' + std::string(list),
           "role " + role.role + " requires at least " + std::to_string(least) + got);
  if (count > most)
    refuse('/' + std::string(list),
           "role " + role.role + " allows at most " + std::to_string(most) + got);
}

/// A reference that says what it refers to must not say something else than the kind does.
void Enforcer::check_referred_type(const model::Role& role, const Element& edge,
                                   const std::string& path) {
  const std::string_view said = text_in(edge, words::referred_type);
  const model::DeclaredKind* kind = model_.declared().named(role.type);
  if (said.empty() || said == role.type || kind == nullptr)
    return;
  std::string_view half;
  switch (kind->half) {
  case model::Half::individual:
    half = "Individual";
    break;
  case model::Half::organization:
    half = "Organization";
    break;
  case model::Half::address:
    half = "GeographicAddress";
    break;
  case model::Half::site:
    half = "GeographicSite";
    break;
  case model::Half::location:
    half = "GeographicLocation";
    break;
  case model::Half::none:
  case model::Half::service:
  case model::Half::resource:
    return;
  }
  if (said != half)
    refuse(path + "/@referredType",
           "role " + role.role + " is for " + role.type + ", a kind of " + std::string(half));
}

Result<void> Enforcer::settle_relationships() {
  using Identity = std::tuple<graph::ElementKind, std::string_view, std::string_view, std::string>;
  const auto identity_of = [](const Element& edge) {
    return Identity(edge.kind, text_in(edge, words::alias), text_in(edge, words::relationship_type),
                    target_id(edge));
  };
  std::set<Identity> known;
  if (was_ && old_ != nullptr)
    for (const Element& edge : was_->root.children)
      if (edge.kind == model::kinds::service_relation ||
          edge.kind == model::kinds::resource_relation)
        known.insert(identity_of(edge));
  std::set<std::string_view> aliases;
  graph::FetchPlan plan;
  for (const Element& edge : after_.root.children)
    if ((edge.kind == model::kinds::service_relation ||
         edge.kind == model::kinds::resource_relation) &&
        edge.target && !known.contains(identity_of(edge)))
      plan.records.emplace_back(after_.key.tenant, edge.target->family, edge.target->id);
  if (!plan.records.empty())
    subgraph_.announce(plan);
  for (const auto& [kind, list] :
       {std::pair{model::kinds::service_relation, "/serviceRelationship/"},
        {model::kinds::resource_relation, "/resourceRelationship/"}}) {
    std::size_t index = 0;
    for (const Element& edge : after_.root.children) {
      if (edge.kind != kind)
        continue;
      const std::string path = list + std::to_string(index++);
      const std::string_view alias = text_in(edge, words::alias);
      if (!alias.empty() && !aliases.insert(alias).second)
        refuse(path, "the alias " + std::string(alias) + " has already been taken");
      if (!known.contains(identity_of(edge)))
        check_relationship(edge, path);
    }
  }
  return {};
}

std::optional<std::string> refusal_of(const std::optional<model::Permission>& permission,
                                      std::string_view alias, std::string_view side,
                                      const model::DeclaredKind& kind) {
  const model::Permission allowed = permission.value_or(model::Permission{});
  const std::string end = " as " + std::string(side) + " on " + kind.name;
  switch (allowed.of) {
  case model::Permission::Of::all:
    return std::nullopt;
  case model::Permission::Of::none:
    return "relationships are not permitted" + end;
  case model::Permission::Of::listed:
    break;
  }
  if (std::find(allowed.aliases.begin(), allowed.aliases.end(), alias) != allowed.aliases.end())
    return std::nullopt;
  return "relationship role " + (alias.empty() ? std::string("(none)") : shortened(alias, 64)) +
         " is not permitted" + end;
}

/// domain.md §7. A generic instance may be the target of whatever its source permits.
void Enforcer::check_relationship(const Element& edge, const std::string& path) {
  const std::string alias(text_in(edge, words::alias));
  const auto check = [&](const std::optional<model::Permission>& permission, const char* side,
                         const model::DeclaredKind& kind) {
    if (auto refusal = refusal_of(permission, alias, side, kind))
      refuse(path, std::move(*refusal));
  };
  check(kind_->source, "source", *kind_);
  if (way_ != Way::operate)
    return;
  const graph::RecordRef target =
      edge.target ? subgraph_.find({after_.key.tenant, edge.target->family, edge.target->id})
                  : graph::RecordRef();
  const bool itself =
      edge.target && edge.target->id == after_.key.id && edge.target->family == after_.key.family;
  if (!target && !itself) {
    refuse(path, "there is no instance with id \"" + target_id(edge) + "\"");
    return;
  }
  if (const model::DeclaredKind* kind = itself ? kind_ : kind_of(model_, *target))
    check(kind->target, "target", *kind);
}

/// What has been handed out stays within the bounds of its pool, and so does the pool.
Result<void> Enforcer::check_pools() {
  const model::DeclaredKind* former =
      was_ ? kind_of(model::model_of(subgraph_.schema()), *was_) : nullptr;
  if (former == nullptr)
    return {};
  const auto now = children_of(after_.root, model::kinds::characteristic);
  const auto before = children_of(was_->root, model::kinds::characteristic);
  for (const model::Pool& pool : former->pools) {
    const json::Value value = value_in(part_named(before, pool.name));
    if (value.is_null())
      continue;
    const model::Pool* kept = kind_->pool(pool.name);
    const bool same_values =
        kept != nullptr && scope_of_pool(after_.key, *kept) == scope_of_pool(after_.key, pool) &&
        (kept->units == model::Units::prefixes) == (pool.units == model::Units::prefixes);
    const json::Value next = same_values ? value_in(part_named(now, pool.name)) : json::Value();
    if (!same_values || next != value)
      TRY(check_pool(pool, value, next));
  }
  return {};
}

/// Nothing may be assigned of what was within the bounds and is not any more. Null: they are gone.
Result<void> Enforcer::check_pool(const model::Pool& pool, const json::Value& before,
                                  const json::Value& now) {
  const PoolBounds former = pool_bounds(pool, before);
  graph::FreeQuery left = free_query(after_.key, pool, former);
  left.except.clear(); // what was handed out before it was excepted is still out
  const PoolBounds bounds = pool_bounds(pool, now);
  // Prefixes are numbered within their network: another one gives all numbers another meaning.
  if (former.network == bounds.network && former.prefix_length == bounds.prefix_length)
    left.except = whole_units(pool, bounds.ranges);
  graph::FetchPlan plan;
  plan.free.push_back(left);
  subgraph_.announce(plan);
  const auto free = TRY(subgraph_.count_free(left, context_.now));
  if (free < static_cast<std::uint64_t>(size_of(left)))
    return Error{ErrorCode::conflict,
                 "values of the pool " + pool.name + " that are assigned would lie outside of it",
                 list_of_characteristics(after_.key.family)};
  return {};
}

} // namespace diffo::rules

#pragma once

#include <diffo/domain_model.h>

#include <concepts>
#include <deque>
#include <initializer_list>

/// Declares kinds of services, resources, parties, places and characteristics in C++. What comes
/// out is the same plain data that model files yield (docs/reference/model.md): everything that can
/// be written there can be said here, and `compile` judges both alike.
///
///     using namespace diffo::model;
///     DomainBuilder servo("Servo");
///     servo.characteristic("CardCharacteristic")
///         .field("family", type::symbol())
///         .field("model", type::string());
///     servo.resource("Card")
///         .specification({.id = "cd29956f-6c68-44cc-bf54-705eb8d2f754"_uuid4, .name = "card"})
///         .characteristic("card", type::of("CardCharacteristic"))
///         .pool("ports", "port")
///         .target(all)
///         .create("build", {.accept = {"id", "name"}, .args = {"relationships"}})
///         .define("define")
///         .assign("assign_port", "ports");
///     auto model = compile({servo.build()});
///
/// Each half has a builder of its own, so that a pool of a place does not compile. Thread rule: one
/// thread; the builders of kinds must not outlive that of their domain.
namespace diffo::model {

inline namespace literals {
/// The text itself; what is no UUID of version 4 and the variant of RFC 9562 does not compile.
consteval const char* operator""_uuid4(const char* text, std::size_t size) {
  constexpr std::size_t length = 36;
  if (size != length)
    throw "a UUID has 36 characters";
  for (std::size_t at = 0; at < size; ++at) {
    const char c = text[at];
    const bool hyphen = at == 8 || at == 13 || at == 18 || at == 23;
    const bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (hyphen ? c != '-' : !digit)
      throw "a UUID is written 8-4-4-4-12 in hexadecimal digits";
  }
  if (text[14] != '4')
    throw "the id of a specification is a UUID of version 4";
  if (text[19] != '8' && text[19] != '9' && (text[19] | 0x20) != 'a' && (text[19] | 0x20) != 'b')
    throw "a UUID of version 4 has the variant of RFC 9562: 8, 9, a or b";
  return text;
}
} // namespace literals

/// Types of fields, attributes and characteristics; constraints are members of Type:
/// `Type{.scalar = Scalar::integer, .min = 1}`.
namespace type {
inline Type symbol() {
  return {.scalar = Scalar::symbol};
}
inline Type string() {
  return {.scalar = Scalar::string};
}
inline Type integer() {
  return {.scalar = Scalar::integer};
}
inline Type number() {
  return {.scalar = Scalar::number};
}
inline Type boolean() {
  return {.scalar = Scalar::boolean};
}
inline Type date_time() {
  return {.scalar = Scalar::date_time};
}
inline Type uuid() {
  return {.scalar = Scalar::uuid};
}
inline Type ip() {
  return {.scalar = Scalar::ip};
}
inline Type any() {
  return {.scalar = Scalar::any};
}
/// An object of a characteristic kind.
inline Type of(std::string kind) {
  return {.scalar = Scalar::kind, .kind = std::move(kind)};
}
inline Type list_of(Type item) {
  item.array = true;
  return item;
}
inline Type list_of(std::string kind) {
  return list_of(of(std::move(kind)));
}
} // namespace type

/// What a relationship is told apart by: its type, its alias, or both.
struct Selector {
  std::string type{};
  std::string alias{};
};

// Hops of a chain (domain.md §3): fwd and rev go over assignments.
inline Hop fwd(std::string alias) {
  return {Hop::Direction::forward, Hop::Mechanism::assignment, {}, std::move(alias)};
}
inline Hop rev(std::string alias) {
  return {Hop::Direction::reverse, Hop::Mechanism::assignment, {}, std::move(alias)};
}
inline Hop fwd_rel(Selector which) {
  return {Hop::Direction::forward, Hop::Mechanism::relationship, std::move(which.type),
          std::move(which.alias)};
}
template <std::convertible_to<std::string> Text> Hop fwd_rel(Text relationship_type) {
  return fwd_rel(Selector{std::string(std::move(relationship_type)), {}});
}
inline Hop rev_rel(Selector which) {
  return {Hop::Direction::reverse, Hop::Mechanism::relationship, std::move(which.type),
          std::move(which.alias)};
}
template <std::convertible_to<std::string> Text> Hop rev_rel(Text relationship_type) {
  return rev_rel(Selector{std::string(std::move(relationship_type)), {}});
}
inline Hop fwd_place(std::string role) {
  return {Hop::Direction::forward, Hop::Mechanism::place, {}, std::move(role)};
}
inline Hop rev_place(std::string role) {
  return {Hop::Direction::reverse, Hop::Mechanism::place, {}, std::move(role)};
}
inline Hop fwd_party(std::string role) {
  return {Hop::Direction::forward, Hop::Mechanism::party, {}, std::move(role)};
}
inline Hop rev_party(std::string role) {
  return {Hop::Direction::reverse, Hop::Mechanism::party, {}, std::move(role)};
}
/// A chain of hops; `via()` leads to the instance itself.
template <typename... Hops> std::vector<Hop> via(Hops... hops) {
  return {std::move(hops)...};
}

/// Every alias, or none, of relationships.
inline const Permission all{Permission::Of::all, {}};
inline const Permission none{Permission::Of::none, {}};

struct FieldOptions {
  std::string as{};                       ///< its name on the wire
  std::optional<json::Value> otherwise{}; ///< what counts when nothing is given
  bool required = false;
  bool hidden = false;
  std::string about{};
};
Field field(std::string name, Type type, FieldOptions options = {});

struct InheritedOptions {
  std::string read{}; ///< the characteristic there; empty: of the same name
  std::string as{};
  Collapse collapse = Collapse::none;
  bool crosses_tenants = false;
};

struct RoleOptions {
  std::optional<std::uint32_t> min{};
  std::optional<std::uint32_t> max{};
  std::string calculate{}; ///< the calculation that yields it
  bool many = false;
};

struct ActionOptions {
  std::vector<std::string> accept{}; ///< attributes
  std::vector<std::string> args{};   ///< relationships, places, parties, characteristics
  std::vector<std::pair<std::string, json::Value>> set{};
  std::vector<std::string> from{}; ///< of a transition: the states it leaves
  std::string to{};
  std::vector<std::string> effects{};
  std::string hook{};
  std::string about{};
};

// How calculations are worked out; their types are those of model files where none is said.
Calculation field_from_assignment(std::string field, std::string alias = {});
Calculation field_via_assigned_relationship(std::string field, std::vector<Hop> via = {});
Calculation field_via_relationship(std::string field, Selector which = {});
Calculation count(std::string of);
Calculation sum(std::string of);
Calculation least(std::string of);    ///< `min` in files
Calculation greatest(std::string of); ///< `max` in files
Calculation lookup(std::string table, std::string of);
Calculation expression(std::string text);
Calculation hook(std::string name);

struct CalculationOptions {
  std::optional<Type> type{}; ///< a scalar, a kind, or a list of them, without constraints
  std::optional<json::Value> otherwise{};
  std::optional<std::uint32_t> digits{};
};

struct OwnerOptions {
  bool stamp = false; ///< a new instance gets the actor as its owner
  bool read = false;  ///< only owners read
  bool write = false; ///< only owners write
};
Policy owned_by(std::string attribute, OwnerOptions options = {});
Policy managed();

// NOLINTBEGIN(bugprone-crtp-constructor-accessibility): a builder is made through the templates
// between it and Kind, which could not reach a private constructor.
namespace building {

Specification complete(Specification specification, Half half);
Role role(std::string name, std::string type, RoleOptions options);
Inherited inherited(std::string name, std::vector<Hop> via, std::string read,
                    InheritedOptions options);
Action action(std::string name, Action::Does does, ActionOptions options);
Calculation calculation(std::string name, Calculation how, CalculationOptions options);

/// What all kinds have. `Self` is the builder that the calls return.
template <typename Self> class Kind {
public:
  explicit Kind(DeclaredKind& kind) : kind_(&kind) {}

  Self& about(std::string text) {
    kind_->about = std::move(text);
    return self();
  }
  Self& calculation(std::string name, Calculation how, CalculationOptions options = {}) {
    return add(kind_->calculations,
               building::calculation(std::move(name), std::move(how), std::move(options)));
  }
  /// What expectations of the kind compare, and how one attribute is compared.
  Self& expect(std::vector<std::string> attributes) {
    kind_->expect = std::move(attributes);
    return self();
  }
  Self& customize(std::string_view attribute, json::Value matcher) {
    kind_->customize.set(attribute, std::move(matcher));
    return self();
  }

protected:
  [[nodiscard]] DeclaredKind& kind() { return *kind_; }
  Self& self() { return static_cast<Self&>(*this); }
  template <typename Item> Self& add(std::vector<Item>& items, Item item) {
    items.push_back(std::move(item));
    return self();
  }

private:
  DeclaredKind* kind_;
};

/// What instances, parties and places have: attributes, actions, ownership.
template <typename Self> class Entity : public Kind<Self> {
public:
  using Kind<Self>::Kind;

  Self& attribute(std::string name, Type type, FieldOptions options = {}) {
    return this->add(this->kind().attributes,
                     field(std::move(name), std::move(type), std::move(options)));
  }
  Self& create(std::string name, ActionOptions options = {}) {
    return act(std::move(name), Action::Does::create, std::move(options));
  }
  Self& update(std::string name, ActionOptions options = {}) {
    return act(std::move(name), Action::Does::update, std::move(options));
  }
  Self& generate(std::string attribute, std::string prefix, std::uint32_t digits = 12) {
    return this->add(this->kind().generated,
                     Generated{std::move(attribute), std::move(prefix), digits, {}});
  }
  Self& policy(Policy policy) {
    this->kind().policy = std::move(policy);
    return this->self();
  }
  /// Who observes an attribute, the strongest first; `*`: all other attributes.
  Self& sources(std::string attribute, std::vector<std::string> strongest_first) {
    return this->add(this->kind().sources,
                     Sources{std::move(attribute), std::move(strongest_first)});
  }
  /// `attribute` or `characteristic.field`.
  Self& index(std::string path) { return this->add(this->kind().indexes, std::move(path)); }

protected:
  Self& act(std::string name, Action::Does does, ActionOptions options) {
    return this->add(this->kind().actions,
                     building::action(std::move(name), does, std::move(options)));
  }
};

/// What services and resources have.
template <typename Self> class Instance : public Entity<Self> {
public:
  using Entity<Self>::Entity;

  Self& specification(Specification specification) {
    this->kind().specification = complete(std::move(specification), this->kind().half);
    return this->self();
  }
  Self& characteristic(std::string name, Type type, FieldOptions options = {}) {
    return this->add(this->kind().characteristics,
                     field(std::move(name), std::move(type), std::move(options)));
  }
  Self& inherit_characteristic(std::string name, std::vector<Hop> via,
                               InheritedOptions options = {}) {
    std::string read = options.read.empty() ? name : options.read;
    return this->add(
        this->kind().inherited_characteristics,
        inherited(std::move(name), std::move(via), std::move(read), std::move(options)));
  }
  Self& inherit_place(std::string role, std::vector<Hop> via, std::string source_role,
                      InheritedOptions options = {}) {
    return this->add(
        this->kind().inherited_places,
        inherited(std::move(role), std::move(via), std::move(source_role), std::move(options)));
  }
  Self& inherit_party(std::string role, std::vector<Hop> via, std::string source_role,
                      InheritedOptions options = {}) {
    return this->add(
        this->kind().inherited_parties,
        inherited(std::move(role), std::move(via), std::move(source_role), std::move(options)));
  }
  /// A feature, enabled unless set otherwise, with its characteristics.
  Self& feature(Feature feature) { return this->add(this->kind().features, std::move(feature)); }
  Self& pool(std::string name, std::string thing) {
    return pool(Pool{.name = std::move(name), .thing = std::move(thing)});
  }
  Self& pool(Pool pool) { return this->add(this->kind().pools, std::move(pool)); }
  /// One party in a role; parties: several; party_ref: reached without a reference of its own.
  Self& party(std::string role, std::string type = {}, RoleOptions options = {}) {
    return this->add(this->kind().parties,
                     building::role(std::move(role), std::move(type), std::move(options)));
  }
  Self& parties(std::string role, std::string type = {}, RoleOptions options = {}) {
    options.many = true;
    return party(std::move(role), std::move(type), std::move(options));
  }
  Self& party_ref(std::string role, std::string type = {}, RoleOptions options = {}) {
    party(std::move(role), std::move(type), std::move(options));
    this->kind().parties.back().reference = true;
    return this->self();
  }
  /// Likewise for places.
  Self& place(std::string role, std::string type = {}, RoleOptions options = {}) {
    return this->add(this->kind().places,
                     building::role(std::move(role), std::move(type), std::move(options)));
  }
  Self& places(std::string role, std::string type = {}, RoleOptions options = {}) {
    options.many = true;
    return place(std::move(role), std::move(type), std::move(options));
  }
  Self& place_ref(std::string role, std::string type = {}, RoleOptions options = {}) {
    place(std::move(role), std::move(type), std::move(options));
    this->kind().places.back().reference = true;
    return this->self();
  }
  /// Aliases that are allowed when it is the source of a relationship; or its target.
  Self& source(Permission permission) {
    this->kind().source = std::move(permission);
    return this->self();
  }
  Self& source(std::initializer_list<std::string> aliases) {
    return source(Permission{Permission::Of::listed, aliases});
  }
  Self& target(Permission permission) {
    this->kind().target = std::move(permission);
    return this->self();
  }
  Self& target(std::initializer_list<std::string> aliases) {
    return target(Permission{Permission::Of::listed, aliases});
  }
  Self& define(std::string name, ActionOptions options = {}) {
    return this->act(std::move(name), Action::Does::define, std::move(options));
  }
  Self& relate(std::string name, ActionOptions options = {}) {
    return this->act(std::move(name), Action::Does::relate, std::move(options));
  }
  Self& assign(std::string name, std::string pool, ActionOptions options = {}) {
    this->act(std::move(name), Action::Does::assign, std::move(options));
    this->kind().actions.back().pool = std::move(pool);
    return this->self();
  }
};

/// What parties and places have.
template <typename Self> class Beside : public Entity<Self> {
public:
  using Entity<Self>::Entity;

  Self& party_role(std::string role, std::string type = {}, RoleOptions options = {}) {
    return this->add(this->kind().party_roles,
                     building::role(std::move(role), std::move(type), std::move(options)));
  }
  Self& place_role(std::string role, std::string type = {}, RoleOptions options = {}) {
    return this->add(this->kind().place_roles,
                     building::role(std::move(role), std::move(type), std::move(options)));
  }
  Self& instance_role(std::string role, std::string type = {}, RoleOptions options = {}) {
    return this->add(this->kind().instance_roles,
                     building::role(std::move(role), std::move(type), std::move(options)));
  }
  Self& instance_ref(std::string role, std::string type = {}, RoleOptions options = {}) {
    instance_role(std::move(role), std::move(type), std::move(options));
    this->kind().instance_roles.back().reference = true;
    return this->self();
  }
  /// What is shown, in order.
  Self& pick(std::vector<std::string> attributes) {
    this->kind().pick = std::move(attributes);
    return this->self();
  }
  Self& rename(std::string attribute, std::string wire_name) {
    return this->add(this->kind().rename, std::pair(std::move(attribute), std::move(wire_name)));
  }
};

} // namespace building
// NOLINTEND(bugprone-crtp-constructor-accessibility)

class ServiceKind : public building::Instance<ServiceKind> {
public:
  using Instance::Instance;
};
class ResourceKind : public building::Instance<ResourceKind> {
public:
  using Instance::Instance;
};
class PartyKind : public building::Beside<PartyKind> {
public:
  using Beside::Beside;
};
class PlaceKind : public building::Beside<PlaceKind> {
public:
  using Beside::Beside;
};
class CharacteristicKind : public building::Kind<CharacteristicKind> {
public:
  using Kind::Kind;

  CharacteristicKind& field(std::string name, Type type, FieldOptions options = {}) {
    return add(kind().fields, model::field(std::move(name), std::move(type), std::move(options)));
  }
  /// An object on the wire that is made of fields: names on the wire with them.
  CharacteristicKind& group(std::string name,
                            std::vector<std::pair<std::string, std::string>> members) {
    return add(kind().groups, Group{std::move(name), std::move(members), {}});
  }
};

/// Declares the kinds of one domain.
class DomainBuilder {
public:
  explicit DomainBuilder(std::string name) : name_(std::move(name)) {}
  // The builders of kinds look into it.
  DomainBuilder(const DomainBuilder&) = delete;
  DomainBuilder& operator=(const DomainBuilder&) = delete;
  ~DomainBuilder() = default;

  CharacteristicKind characteristic(std::string name);
  ServiceKind service(std::string name);
  ResourceKind resource(std::string name);
  PartyKind party(std::string name);
  PartyKind individual(std::string name);
  PartyKind organization(std::string name);
  PlaceKind place(std::string name);
  PlaceKind address(std::string name);
  PlaceKind site(std::string name);
  PlaceKind location(std::string name);
  DomainBuilder& table(std::string name, std::vector<std::pair<std::string, json::Value>> entries);
  DomainBuilder& migration(Migration migration);
  /// Whether abstract readers see its nodes in a graph database.
  DomainBuilder& provider(bool visible);

  /// All that was declared so far.
  [[nodiscard]] Domain build() const;

private:
  DeclaredKind& add(std::string name, Base base, Half half);

  std::string name_;
  bool provider_ = true;
  std::deque<DeclaredKind> kinds_; ///< a deque, since builders point to them
  std::vector<Table> tables_;
  std::vector<Migration> migrations_;
};

/// The model of some domains; ErrorCode::invalid with every problem when they do not hold together
/// (domain.md §2).
Result<DomainModel> compile(std::vector<Domain> domains);

} // namespace diffo::model

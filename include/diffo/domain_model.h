#pragma once

#include <diffo/json.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What users declare of their own kinds of services and resources, as plain data. Two front ends
/// make it, YAML files and the builder of <diffo/model.h>; both come to the same, and one verifier
/// judges it. Everything stands in the order of its declaration. Thread rule: plain values.
namespace diffo::model {

/// Where something was declared; it does not count when declarations are compared.
struct Position {
  std::string file{}; ///< empty: in C++
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  friend bool operator==(const Position&, const Position&) { return true; }
};

/// What a kind is built on.
enum class Base : std::uint8_t { instance, party, place, characteristic };

/// Which half of its base a kind has; those of parties and places may have none.
enum class Half : std::uint8_t {
  none,
  service,      ///< TMF638
  resource,     ///< TMF639
  individual,   ///< TMF632
  organization, ///< TMF632
  address,      ///< TMF673
  site,         ///< TMF674
  location      ///< TMF675
};

/// What one value is.
enum class Scalar : std::uint8_t {
  symbol, ///< a text without white space
  string,
  integer,
  number,
  boolean,
  date_time, ///< RFC 3339
  uuid,
  ip,  ///< IPv4 or IPv6, an address or a prefix
  any, ///< whatever JSON there is
  kind ///< an object of a characteristic kind
};

/// The type of a field, an attribute or a characteristic.
struct Type {
  Scalar scalar = Scalar::string;
  std::string kind{}; ///< of Scalar::kind: which
  bool array = false; ///< a list of them
  std::vector<json::Value> one_of{};
  std::optional<double> min{}; ///< of numbers, both included
  std::optional<double> max{};
  std::optional<std::uint32_t> min_length{}; ///< of texts in characters, of lists in items
  std::optional<std::uint32_t> max_length{};
  std::string pattern{}; ///< RE2, of the whole text
  friend bool operator==(const Type&, const Type&) = default;
};

/// A field of a characteristic kind, an own attribute, or a characteristic.
struct Field {
  std::string name{};
  Type type{};
  std::string as{};                       ///< its name on the wire, where that is another
  std::optional<json::Value> otherwise{}; ///< what counts when nothing is given
  bool required = false;
  bool hidden = false; ///< stored, never shown
  std::string about{};
  Position at{};
  [[nodiscard]] std::string_view wire_name() const { return as.empty() ? name : as; }
  friend bool operator==(const Field&, const Field&) = default;
};

/// An object on the wire that is made of several fields.
struct Group {
  std::string name{};
  std::vector<std::pair<std::string, std::string>> members{}; ///< name on the wire, field
  Position at{};
  friend bool operator==(const Group&, const Group&) = default;
};

/// Where one hop of a chain leads (domain.md §3).
struct Hop {
  enum class Direction : std::uint8_t {
    forward, ///< from the edge's source to its target
    reverse
  };
  enum class Mechanism : std::uint8_t {
    assignment,   ///< alias: the consumer's name for its upstream
    relationship, ///< type, alias, or both
    place,        ///< alias: the role
    party         ///< alias: the role
  };
  Direction direction = Direction::reverse;
  Mechanism mechanism = Mechanism::assignment;
  std::string type{};
  std::string alias{};
  friend bool operator==(const Hop&, const Hop&) = default;
};

/// Which end of what was reached counts.
enum class Collapse : std::uint8_t { none, first, last };

/// A value that is read at the end of a chain.
struct Inherited {
  std::string name{}; ///< of the characteristic, or the role
  std::vector<Hop> via{};
  std::string read{}; ///< the characteristic there, or the role there
  std::string as{};
  Collapse collapse = Collapse::none;
  bool crosses_tenants = false;
  Position at{};
  friend bool operator==(const Inherited&, const Inherited&) = default;
};

struct Feature {
  std::string name{};
  bool enabled = true;
  std::vector<Field> characteristics{};
  Position at{};
  friend bool operator==(const Feature&, const Feature&) = default;
};

enum class Algorithm : std::uint8_t { lowest, highest, random };

/// What a pool hands out.
enum class Units : std::uint8_t {
  numbers,
  blocks,  ///< aligned units of `block` numbers
  prefixes ///< of addresses: `network` is cut into prefixes of `prefix_length`
};

/// From first to last, both included.
struct Span {
  std::int64_t first = 0;
  std::int64_t last = 0;
  friend bool operator==(const Span&, const Span&) = default;
};

/// What an instance has to hand out. Its bounds are values of the instance; those here are what a
/// new one begins with.
struct Pool {
  std::string name{};  ///< plural, also that of its characteristic
  std::string thing{}; ///< what one unit is called
  Units units = Units::numbers;
  std::optional<Span> bounds{}; ///< nothing: 1 to 1
  std::vector<Span> except{};   ///< never handed out
  std::string type{};
  Algorithm algorithm = Algorithm::lowest;
  std::uint32_t block = 1;
  std::string network{}; ///< of prefixes: what a new instance begins with
  std::uint32_t prefix_length = 0;
  std::uint64_t lease_seconds = 0;      ///< of a reservation; 0: none without being asked for
  std::uint64_t quarantine_seconds = 0; ///< before a value that was freed is handed out again
  std::uint64_t quota = 0;              ///< values that one assignee may hold; 0: any number
  std::optional<std::uint32_t> warn_percent{}; ///< of use, from which on it is reported
  Position at{};
  friend bool operator==(const Pool&, const Pool&) = default;
};

/// Who or what may stand beside an instance, party or place, and as what.
struct Role {
  std::string role{};
  std::string type{}; ///< a kind of party or place; empty: any
  bool many = false;
  bool reference = false; ///< reached by traversal, has no reference of its own
  std::optional<std::uint32_t> min{};
  std::optional<std::uint32_t> max{};
  std::string calculate{}; ///< the calculation that yields it
  Position at{};
  friend bool operator==(const Role&, const Role&) = default;
};

/// Which aliases are allowed at one end of a relationship.
struct Permission {
  enum class Of : std::uint8_t { none, all, listed };
  Of of = Of::none;
  std::vector<std::string> aliases{};
  friend bool operator==(const Permission&, const Permission&) = default;
};

struct Specification {
  std::string id{};
  std::string name{};
  std::string type{}; ///< empty: by the half of its kind
  std::int64_t major_version = 1;
  std::optional<std::int64_t> minor_version{};
  std::optional<std::int64_t> patch_version{};
  std::optional<std::int64_t> tmf_version{};
  std::string description{};
  std::string category{};
  Position at{};
  /// `v1.0.0`
  [[nodiscard]] std::string version() const;
  friend bool operator==(const Specification&, const Specification&) = default;
};

/// What can be asked of an instance of a kind, or of the kind itself.
struct Action {
  enum class Does : std::uint8_t {
    create, ///< a new instance
    update, ///< accepts attributes, may make a transition and have effects
    define, ///< characteristic values and bounds of pools
    relate, ///< relationships
    assign  ///< hands out of a pool, and takes back
  };
  std::string name{};
  Does does = Does::update;
  std::vector<std::string> accept{}; ///< attributes
  std::vector<std::string> args{};   ///< relationships, places, parties, characteristics
  std::vector<std::pair<std::string, json::Value>> set{};
  std::string pool{};              ///< of assign
  std::vector<std::string> from{}; ///< states that the transition leaves; none: no transition
  std::string to{};
  std::vector<std::string> effects{}; ///< add_places, add_parties, add_relationships, define
  std::string hook{};                 ///< what else it does, by name
  std::string about{};
  Position at{};
  friend bool operator==(const Action&, const Action&) = default;
};

/// A value that is worked out when it is asked for.
struct Calculation {
  enum class By : std::uint8_t {
    field_from_assignment,           ///< `field` of assignments to me, with `alias`
    field_via_assigned_relationship, ///< `field` of who is reached backwards along `via`
    field_via_relationship,          ///< `field` of the targets of relationships of `type`, `alias`
    count,                           ///< of what is at `of`
    sum,
    min,
    max,
    lookup,     ///< the entry of `table` for what is at `of`
    expression, ///< arithmetic over other calculations and fields
    hook        ///< a function in C++ by name
  };
  std::string name{};
  By by = By::hook;
  Type type{};
  std::string field{};
  std::string alias{};
  std::string relationship_type{};
  std::vector<Hop> via{};
  std::string of{}; ///< `inherited.field`, `characteristic.field` or a calculation
  std::string table{};
  std::string expression{};
  std::string hook{};
  std::optional<json::Value> otherwise{}; ///< what counts where nothing can be worked out
  std::optional<std::uint32_t> digits{};  ///< behind the point, when rounded
  Position at{};
  friend bool operator==(const Calculation&, const Calculation&) = default;
};

/// An attribute that gets a value by itself: a prefix and that many random digits.
struct Generated {
  std::string attribute{};
  std::string prefix{};
  std::uint32_t digits = 12;
  Position at{};
  friend bool operator==(const Generated&, const Generated&) = default;
};

/// Who may do what with the instances of a kind.
struct Policy {
  enum class Of : std::uint8_t {
    everybody,
    owner,  ///< whose `attribute` is the actor
    managed ///< everybody reads, only administrators write
  };
  Of of = Of::everybody;
  std::string attribute{};
  bool stamp = false;       ///< a new instance gets the actor as its owner
  bool read_owner = false;  ///< else everybody reads
  bool write_owner = false; ///< else everybody writes
  Position at{};
  friend bool operator==(const Policy&, const Policy&) = default;
};

/// The order of precedence of those who observe an attribute, the strongest first.
struct Sources {
  std::string attribute{}; ///< `state`, `characteristic.field`; `*`: all others
  std::vector<std::string> sources{};
  friend bool operator==(const Sources&, const Sources&) = default;
};

/// One kind of instances, parties, places or characteristics.
struct DeclaredKind {
  std::string name{};
  Base base = Base::instance;
  Half half = Half::none;
  std::string about{};
  std::optional<Specification> specification{};
  std::vector<Field> attributes{};
  std::vector<Field> fields{}; ///< of a characteristic kind
  std::vector<Group> groups{}; ///< of a characteristic kind
  std::vector<Field> characteristics{};
  std::vector<Inherited> inherited_characteristics{};
  std::vector<Inherited> inherited_places{};
  std::vector<Inherited> inherited_parties{};
  std::vector<Feature> features{};
  std::vector<Pool> pools{};
  std::vector<Role> parties{};
  std::vector<Role> places{};
  std::vector<Role> party_roles{}; ///< of parties and places
  std::vector<Role> place_roles{}; ///< of parties and places
  std::vector<Role> instance_roles{};
  std::optional<Permission> source{}; ///< nothing: none
  std::optional<Permission> target{};
  std::vector<Action> actions{};
  std::vector<Calculation> calculations{};
  std::vector<Generated> generated{};
  std::optional<Policy> policy{};
  std::vector<std::string> expect{}; ///< what is compared of expected instances; none: all
  json::Object customize{};          ///< how, by name: a matcher in place of the value
  std::vector<Sources> sources{};
  std::vector<std::string> indexes{}; ///< `attribute`, `characteristic.field`
  std::vector<std::string> pick{};    ///< of parties and places: what is shown, in order
  std::vector<std::pair<std::string, std::string>> rename{}; ///< likewise
  Position at{};

  [[nodiscard]] const Field* characteristic(std::string_view name) const;
  [[nodiscard]] const Feature* feature(std::string_view name) const;
  [[nodiscard]] const Pool* pool(std::string_view name) const;
  [[nodiscard]] const Role* party(std::string_view role) const;
  [[nodiscard]] const Role* place(std::string_view role) const;
  [[nodiscard]] const Action* action(std::string_view name) const;
  [[nodiscard]] const Field* attribute(std::string_view name) const;
};

/// What a value stands for.
struct Table {
  std::string name{};
  std::vector<std::pair<std::string, json::Value>> entries{};
  Position at{};
  friend bool operator==(const Table&, const Table&) = default;
};

/// How instances of an older model become such of this one.
struct Migration {
  std::string kind{};
  std::vector<std::pair<std::string, std::string>> rename{}; ///< path before, path now
  std::vector<std::pair<std::string, json::Value>> set{};    ///< path, value where there is none
  std::vector<std::string> drop{};                           ///< paths that are given up
  Position at{};
  friend bool operator==(const Migration&, const Migration&) = default;
};

/// Kinds that belong together; what a file declares.
struct Domain {
  std::string name{};
  bool provider = true; ///< its nodes are seen by abstract readers in a graph database
  std::vector<DeclaredKind> kinds{};
  std::vector<Table> tables{};
  std::vector<Migration> migrations{};
  Position at{};
  [[nodiscard]] const DeclaredKind* kind(std::string_view name) const;
};

/// Whether all that is declared is the same, positions aside.
bool operator==(const DeclaredKind& a, const DeclaredKind& b);
bool operator==(const Domain& a, const Domain& b);

/// All domains that hold together.
struct DomainModel {
  std::vector<Domain> domains{};
  friend bool operator==(const DomainModel&, const DomainModel&) = default;
};

/// What is wrong with a declaration, and where.
struct ModelProblem {
  Position at{};
  std::string path{}; ///< `kinds.Card.pools.ports`
  std::string message{};
  /// `models/access.yaml:12:3: kinds.Card.pools.ports: …`
  [[nodiscard]] std::string text() const;
};

} // namespace diffo::model

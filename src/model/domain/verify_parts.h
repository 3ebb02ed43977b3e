#pragma once

#include "base/text_hash.h"
#include "model/field_place.h"

#include <diffo/domain_model.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The parts of the verifier: each looks at one thing that a kind declares.
namespace diffo::model::verifying {

/// Where problems of one declaration go. The list outlives it.
class Report {
public:
  Report(std::vector<ModelProblem>& problems, std::string path, Position at)
      : problems_(&problems), path_(std::move(path)), at_(std::move(at)) {}

  void problem(std::string message) const {
    problems_->push_back({at_, path_, std::move(message)});
  }
  /// Of a part of it; its section has no position of its own.
  [[nodiscard]] Report in(std::string_view section) const { return in(section, at_); }
  [[nodiscard]] Report in(std::string_view name, const Position& at) const {
    std::string path = path_;
    path += '.';
    path += name;
    return {*problems_, std::move(path), at};
  }

private:
  std::vector<ModelProblem>* problems_;
  std::string path_;
  Position at_;
};

/// What the declarations of all domains say together. Looks into the model, which outlives it. One
/// thread.
class Known {
public:
  explicit Known(const DomainModel& model);
  Known(const Known&) = delete;
  Known& operator=(const Known&) = delete;

  /// A declared kind of that name, the first of several.
  [[nodiscard]] const DeclaredKind* kind(std::string_view name) const;
  /// The base of a declared kind or of one that is there without being declared (domain.md §2).
  [[nodiscard]] std::optional<Base> base_of(std::string_view name) const;
  [[nodiscard]] bool has_table(std::string_view name) const { return tables_.contains(name); }
  /// The characteristics of that name of all instance kinds.
  [[nodiscard]] const std::vector<const Field*>& characteristics(std::string_view name) const;
  /// Whether some instance kind has a pool of that name.
  [[nodiscard]] bool has_pool(std::string_view name) const { return pools_.contains(name); }
  /// Whether something may stand in that role beside some instance, party or place.
  [[nodiscard]] bool has_place_role(std::string_view role) const {
    return any_place_role_ || place_roles_.contains(role);
  }
  [[nodiscard]] bool has_party_role(std::string_view role) const {
    return any_party_role_ || party_roles_.contains(role);
  }
  [[nodiscard]] std::string suggest_kind(std::string_view name) const;
  /// ` (did you mean x?)`, or nothing where nothing is like it, and when it has been asked often.
  [[nodiscard]] std::string suggest(std::string_view name,
                                    const std::vector<std::string_view>& names) const;
  /// For model/field_place.h.
  [[nodiscard]] const KindNamed& by_name() const { return by_name_; }

private:
  void add(const DeclaredKind& kind);

  KindNamed by_name_ = [this](std::string_view name) { return kind(name); };
  TextViewMap<const DeclaredKind*> kinds_;
  TextViewMap<std::vector<const Field*>> characteristics_;
  TextViewSet tables_;
  TextViewSet pools_;
  TextViewSet place_roles_;
  TextViewSet party_roles_;
  mutable std::size_t suggestions_left_ = 100;
  bool any_place_role_ = false; ///< there is an instance kind that declares none: it takes any
  bool any_party_role_ = false;
};

/// Of a characteristic of one name, declarations that are looked at; and parts of one sort that a
/// kind may have. They bound what one name can cost.
inline constexpr std::size_t most_declarations = 64;
inline constexpr std::size_t most_parts = 1000;

/// A value among names, once: texts outlive it.
class Names {
public:
  /// False when it was there before.
  bool add(std::string_view name) { return names_.insert(name).second; }
  [[nodiscard]] bool contains(std::string_view name) const { return names_.contains(name); }

private:
  TextViewSet names_;
};

/// What may be a name: 1 to 255 bytes without white space, control characters and points.
bool is_name(std::string_view text);
inline constexpr std::string_view name_rule =
    "a name has 1 to 255 bytes without white space, control characters and points";

// verify_types.cpp
/// `begins` is what messages begin with: `characteristics: `.
void verify_field(const Field& field, std::string_view begins, const Known& known,
                  const Report& report);
/// Why a value does not fit its type; nothing: it does.
std::optional<std::string> misfit(const json::Value& value, const Type& type, const Known& known);
/// The addresses that a network spans: 4 or 6, and the length of its prefix.
struct Network {
  int version = 4;
  std::uint32_t length = 0;
};
std::optional<Network> parse_network(std::string_view text);

// verify_kind.cpp
void verify_specification(const DeclaredKind& kind, const Report& report);
void verify_attributes(const DeclaredKind& kind, const Known& known, const Report& report);
void verify_characteristic_kind(const DeclaredKind& kind, const Known& known, const Report& report);
void verify_characteristics(const DeclaredKind& kind, const Known& known, const Report& report);
void verify_features(const DeclaredKind& kind, const Known& known, const Report& report);
void verify_generated_and_policy(const DeclaredKind& kind, const Report& report);
void verify_observed(const DeclaredKind& kind, const Known& known, const Report& report);

// verify_roles.cpp
void verify_roles(const DeclaredKind& kind, const Known& known, const Report& report);
void verify_relationships(const DeclaredKind& kind, const Report& report);
void verify_inherited(const DeclaredKind& kind, const Known& known, const Report& report);

// verify_actions.cpp
void verify_pools(const DeclaredKind& kind, const Report& report);
void verify_actions(const DeclaredKind& kind, const Report& report);

// verify_calculations.cpp
void verify_calculations(const DeclaredKind& kind, const Known& known, const Report& report);

/// What `inherited.field`, `characteristic.field`, an attribute or a calculation of a kind leads
/// to.
struct Found {
  bool exists = false;
  std::string message{};            ///< why not
  std::vector<const Type*> types{}; ///< of what is there, where that is declared
};
Found find_value(const DeclaredKind& kind, std::string_view path, const Known& known);
/// Whether records of the kind have an attribute of that name without declaring it, under its name
/// on the wire or in snake_case.
bool is_published(const DeclaredKind& kind, std::string_view attribute);

} // namespace diffo::model::verifying

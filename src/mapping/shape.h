#pragma once

#include "mapping/template.h"

#include <diffo/json.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace diffo::mapping {

/// What a document of a mapping may name.
struct Names {
  const json::Object* parameters = nullptr;
  const json::Object* tables = nullptr;
};

/// A value in which texts have holes: what `match`, `set` and `absent` of a rule look like.
///
/// A member whose value is absent is left out. In a list an object that lacks a member is left out
/// as a whole, as half of a characteristic says nothing; an object of which nothing is left, too.
/// `{each: PATH, when: CONDITION, item: VALUE}` in a list gives an item for each value of the path
/// of which the condition holds, and which is `@` in it. Without `each` it is about `@` itself,
/// without `when` about all. Thread rule: immutable, any thread.
class Shape {
public:
  /// Errors: invalid, with a JSON pointer that begins with `path`.
  static Result<Shape> of(const json::Value& value, const std::string& path, const Names& names);

  /// What came of it; `lacking` names the first member that was left out, and is empty when there
  /// is none. Errors: unprocessable, with the pointer within the shape; too_large.
  [[nodiscard]] Result<Filled> fill(const Scope& scope, Budget& budget, std::string& lacking) const;

private:
  struct Each;
  using Members = std::vector<std::pair<std::string, Shape>>;
  using Items = std::vector<Shape>;

  static Result<Shape> each_of(const json::Value& value, const std::string& path,
                               const Names& names);
  [[nodiscard]] Result<Filled> fill_object(const Members& members, const Scope& scope,
                                           Budget& budget, std::string& lacking) const;
  [[nodiscard]] Result<Filled> fill_list(const Items& items, const Scope& scope,
                                         Budget& budget) const;
  Result<void> add_item(const Scope& scope, Budget& budget, json::Array& list) const;
  Result<void> add_each(const Each& each, const Scope& scope, Budget& budget,
                        json::Array& list) const;

  std::string path_{};
  /// Shared, as copies are never changed.
  std::variant<json::Value, Template, Members, Items, std::shared_ptr<const Each>> content_{
      json::Value()};
};

} // namespace diffo::mapping

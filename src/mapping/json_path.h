#pragma once

#include <diffo/json.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace diffo::mapping {

/// How many values may still be looked at, over all queries that are given the same one: what
/// somebody else wrote as a path cannot take longer than that. Thread rule: one thread.
class Budget {
public:
  explicit Budget(std::size_t steps) : left_(steps) {}
  /// False when nothing is left.
  [[nodiscard]] bool spend(std::size_t steps = 1) {
    left_ = left_ < steps ? 0 : left_ - steps;
    return left_ > 0;
  }

private:
  std::size_t left_;
};

/// One step of the way from the root to a value: a member, or the item of an array.
struct Step {
  const std::string* name = nullptr; ///< null: an item
  std::size_t index = 0;
};

/// The values that a query found, in the order of RFC 9535, each with the way to it. They are those
/// of the document, which must outlive this.
class Nodes {
public:
  static constexpr std::size_t no_parent = std::numeric_limits<std::size_t>::max();

  struct Node {
    const json::Value* value = nullptr;
    std::size_t way = no_parent; ///< in ways_
  };

  [[nodiscard]] std::size_t size() const { return found_.size(); }
  [[nodiscard]] bool empty() const { return found_.empty(); }
  [[nodiscard]] const json::Value& operator[](std::size_t at) const { return *found_[at].value; }
  /// From the root to that value.
  [[nodiscard]] std::vector<Step> way_to(std::size_t at) const;
  /// The same as RFC 9535 §2.7 writes it: `$['interfaces'][3]`.
  [[nodiscard]] std::string path_to(std::size_t at) const;

private:
  friend class Evaluation;
  struct Way {
    std::size_t parent = no_parent;
    Step step{};
  };
  std::vector<Node> found_{};
  std::vector<Way> ways_{};
};

/// What a query begins at: `$` and `@`.
struct Roots {
  const json::Value* root = nullptr;
  const json::Value* current = nullptr;
};

namespace path {
struct Query;
struct Logical;
} // namespace path

/// A query of RFC 9535: `$` or `@`, then names, indices, wildcards, slices, filters, several of
/// them in one bracket, and `..`; in filters comparisons, existence, `&&`, `||`, `!` and the
/// functions length, count, match, search and value.
///
/// NOTE: a query may begin with `@` outside of a filter, too: what a mapping has at hand. The
/// pattern of match and search is written out as a literal, so that it is compiled once.
///
/// Thread rule: immutable, any thread.
class JsonPath {
public:
  static constexpr std::size_t max_text_bytes = 4096;

  /// The whole text is one query. Errors: invalid, with the byte at which it is none; too_large
  /// beyond max_text_bytes, or 32 levels of brackets.
  static Result<JsonPath> parse(std::string_view text);
  /// The query that begins at `at`, which is moved behind it.
  static Result<JsonPath> parse_at(std::string_view text, std::size_t& at);

  /// Errors: too_large when the budget is spent.
  [[nodiscard]] Result<Nodes> select(const Roots& roots, Budget& budget) const;

private:
  explicit JsonPath(std::shared_ptr<const path::Query> query) : query_(std::move(query)) {}
  /// Shared, as copies are never changed.
  std::shared_ptr<const path::Query> query_;
};

/// What stands in a filter of RFC 9535, alone: `@.mtu == null`. Thread rule: immutable, any thread.
class Condition {
public:
  static Result<Condition> parse(std::string_view text);
  /// Errors: too_large when the budget is spent.
  [[nodiscard]] Result<bool> holds(const Roots& roots, Budget& budget) const;

private:
  explicit Condition(std::shared_ptr<const path::Logical> logical) : logical_(std::move(logical)) {}
  /// Shared, as copies are never changed.
  std::shared_ptr<const path::Logical> logical_;
};

} // namespace diffo::mapping

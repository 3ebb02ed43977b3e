#pragma once

#include "base/time.h"

#include <diffo/json.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace diffo::json {

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
  /// What that value stands in; null: the query began at it.
  [[nodiscard]] const json::Value* holder_of(std::size_t at) const;
  /// How many steps lead to it.
  [[nodiscard]] std::size_t depth_of(std::size_t at) const;
  /// From the root to that value.
  [[nodiscard]] std::vector<Step> way_to(std::size_t at) const;
  /// The same as RFC 9535 §2.7 writes it: `$['interfaces'][3]`.
  [[nodiscard]] std::string path_to(std::size_t at) const;

private:
  friend class Evaluation;
  struct Way {
    std::size_t parent = no_parent;
    Step step{};
    const json::Value* value = nullptr; ///< at its end
  };
  const json::Value* origin_ = nullptr; ///< where the ways begin
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

/// How the text at a path of names is read where a condition compares it with a text.
using PathReading = std::function<Reading(std::span<const std::string> names)>;

/// In which words a query is written.
enum class Dialect : std::uint8_t {
  rfc9535,
  /// TMF630 Part 6 (tmf.md §2.4). `$` may be missing, as in `note[0].text`, and within a filter `@`
  /// and the dot, as in `[?(size==300)]` and `[?(@size==300)]`; a dot may stand before a bracket. A
  /// name may hold `-` and `@`, may begin with a backtick, which is no part of it, and needs no
  /// quotes in brackets. `^` is what a value stands in. Comparisons may look at several values, of
  /// which one has to fit; a text and a number compare as numbers where the text is one, texts
  /// that are dates compare as instants, null equals what is not there, and `=~` takes a pattern of
  /// RE2 in quotes or as `/pattern/i`, which matches a part. Functions may be written behind what
  /// they are asked of, `@.note.length()`; there are min, max, avg and stddev (of the population)
  /// of all numbers that are found, items of arrays among them.
  tmf630
};

/// The largest number of patterns in one query.
inline constexpr int max_path_patterns = 16;

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
  /// The same as TMF630 Part 6 writes it.
  static Result<JsonPath> parse_tmf630(std::string_view text, const PathReading& reading = {});
  /// The query that begins at `at`, which is moved behind it.
  static Result<JsonPath> parse_at(std::string_view text, std::size_t& at);

  /// Errors: too_large when the budget is spent.
  [[nodiscard]] Result<Nodes> select(const Roots& roots, Budget& budget) const;

  /// The query as a tree (json_path_tree.h), for those who say it otherwise.
  [[nodiscard]] const path::Query& query() const { return *query_; }
  explicit JsonPath(path::Query query);

private:
  explicit JsonPath(std::shared_ptr<const path::Query> query) : query_(std::move(query)) {}
  /// Shared, as copies are never changed.
  std::shared_ptr<const path::Query> query_;
};

/// What stands in a filter of RFC 9535, alone: `@.mtu == null`. Thread rule: immutable, any thread.
class PathCondition {
public:
  static Result<PathCondition> parse(std::string_view text);
  /// A condition made of the tree of a query.
  explicit PathCondition(path::Logical logical);
  /// Errors: too_large when the budget is spent.
  [[nodiscard]] Result<bool> holds(const Roots& roots, Budget& budget) const;

private:
  explicit PathCondition(std::shared_ptr<const path::Logical> logical)
      : logical_(std::move(logical)) {}
  /// Shared, as copies are never changed.
  std::shared_ptr<const path::Logical> logical_;
};

} // namespace diffo::json

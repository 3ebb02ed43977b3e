#pragma once

#include "mapping/shape.h"

#include <diffo/json.h>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace diffo::mapping {

/// Something that the user of a mapping says beside the document, such as whose it is.
struct Parameter {
  std::string name;
  std::string about{};
  bool is_needed = false; ///< there is no default
};

/// What is made of each value that one of the paths finds.
struct Rule {
  std::string name;
  std::vector<JsonPath> from{};
  std::optional<PathCondition> when{}; ///< of those that the paths find
  Shape match;
  std::optional<Shape> set{};
  struct Absent {
    Shape address;
    std::optional<PathCondition> when{};
  };
  std::vector<Absent> absent{};
  std::optional<Shape> create{};
};

/// Rules by which a document becomes the items of an observation (wire.md §8). It is data: one
/// rule, a list of rules, or an object with `rules`, `name`, `description`, `parameters` and
/// `tables`. docs/guide/mappings.md has every key.
///
///     {"from": "$.interfaces[*]", "match": {"name": "{{ @.device }}:{{ @.name }}"},
///      "set": {"resourceCharacteristic": [{"name": "mtu", "value": "{{ @.mtu }}"}]}}
///
/// Thread rule: immutable, any thread.
class Mapping {
public:
  /// Errors: invalid or too_large, with a JSON pointer; all that are found.
  static Result<Mapping> of(const json::Value& document);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::string& description() const { return description_; }
  [[nodiscard]] const std::vector<Parameter>& parameters() const { return parameters_; }
  [[nodiscard]] const std::vector<Rule>& rules() const { return rules_; }
  [[nodiscard]] const json::Object& tables() const { return tables_; }

  /// The values of all parameters: those given, else the defaults. Errors: invalid for one that is
  /// missing, or that the mapping does not know.
  [[nodiscard]] Result<json::Object> values_of(const json::Object& given) const;

private:
  Result<void> read_parameters(const json::Value& document);
  Result<void> read_tables(const json::Value& document);

  std::string name_{};
  std::string description_{};
  std::vector<Parameter> parameters_{};
  json::Object defaults_{}; ///< of every parameter; null where it is needed
  json::Object tables_{};
  std::vector<Rule> rules_{};
};

/// What a tool has emitted, and what it is called in messages.
struct Document {
  std::string name;
  json::Value value{};
};

/// What could not be mapped.
struct Problem {
  std::string rule;
  std::string document;
  std::string path; ///< where in the document, as RFC 9535 §2.7 writes it
  std::string message;
};

struct MappingLimits {
  std::size_t max_steps = 500'000'000; ///< values that the paths look at
  std::size_t max_problems = 1'000;    ///< that are kept; more are counted
};

/// A mapping on its way through documents: rule by rule, and each rule document by document, so
/// that what others refer to can come first. What it is made of must outlive it. Thread rule: one
/// thread.
class Run {
public:
  Run(const Mapping& mapping, std::span<const Document> documents, json::Object parameters,
      const MappingLimits& limits = {});

  /// The next item, `{match, set?, absent?, create?}`; nothing at the end. What cannot be mapped is
  /// left out, and stands in problems(). Errors: too_large when the paths look at too much.
  Result<std::optional<json::Value>> next();

  [[nodiscard]] const std::vector<Problem>& problems() const { return problems_; }
  [[nodiscard]] std::size_t problem_count() const { return problem_count_; }
  [[nodiscard]] std::size_t item_count() const { return item_count_; }
  /// From 0 to 1.
  [[nodiscard]] double progress() const;

private:
  Result<bool> find_more();
  Result<bool> is_meant(const Rule& rule);
  Result<json::Value> item_of(const Rule& rule);
  Result<json::Value> filled(const Rule& rule, const Scope& scope);

  const Mapping& mapping_;
  std::span<const Document> documents_;
  json::Object parameters_;
  MappingLimits limits_;
  Budget budget_;
  // The place of the next item: all before it is done.
  std::size_t rule_ = 0;
  std::size_t document_ = 0;
  std::size_t from_ = 0;
  Nodes nodes_{};
  std::size_t node_ = 0;
  std::size_t item_count_ = 0;
  std::size_t problem_count_ = 0;
  std::vector<Problem> problems_{};
};

} // namespace diffo::mapping

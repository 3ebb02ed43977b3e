#pragma once

#include "graph/schema.h"

#include <diffo/expectation.h>
#include <diffo/json.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// The document that is stored for an expectation (wire.md §7), checked and taken apart.
namespace diffo::loop {

/// One step along the graph (wire.md §6.3).
struct Hop {
  enum class Mechanism : std::uint8_t { relationship, assignment };
  bool forward = true;
  Mechanism mechanism = Mechanism::relationship;
  std::string type;  ///< empty: any
  std::string alias; ///< empty: any

  /// Reads `->type`, `<-type`, `->type:alias`, `->:alias`, `=>slot`, `<=slot` or `slot`; or the
  /// object form.
  static Result<Hop> parse(const json::Value& value, const std::string& path);
};

/// One instance by id; it need not exist. Without a family it is whichever there is; what is stored
/// has one (expectation_record.h).
struct TargetById {
  std::string id;
  std::string family; ///< "service", "resource" or empty

  /// Where no family is said, of a service.
  [[nodiscard]] graph::Key key(graph::Tenant tenant) const;
};
/// Every instance that a TMF630 filter finds.
struct TargetByFilter {
  std::string filter; ///< "state=active&name=core*"
  bool resources = false;
};
/// What is reached from an instance.
struct TargetByHops {
  std::string of;
  std::vector<Hop> via;
};
/// The instance of a kind (a specification's id or name) with these attributes; it need not exist.
struct TargetByKey {
  std::string kind;
  json::Value key;
};
using ExpectationTarget = std::variant<TargetById, TargetByFilter, TargetByHops, TargetByKey>;

/// Whose expectation it is: what was asked for, or what we owe ourselves.
enum class Side : std::uint8_t { consumer, provider };
/// What the loop does about what is outstanding (wire.md §7.3).
enum class Mode : std::uint8_t { observe, propose, act };
std::string_view name_of(Side side);
std::string_view name_of(Mode mode);

struct ParseOptions {
  bool target_optional = false;
  /// What `expect`, which may be absent then, comes to under the profile of the document.
  const outstanding::Expectation* compiled = nullptr;
};

/// A checked expectation document. `document` is what came, unchanged.
struct ExpectationDocument {
  json::Value document;
  std::string name;
  std::string owner;
  Side side = Side::consumer;
  Mode mode = Mode::observe;
  std::string executor;      ///< who runs its tasks; empty: as the settings choose
  std::int64_t priority = 0; ///< of two that contradict each other the higher one holds
  std::optional<std::int64_t> valid_from;  ///< microseconds since 1970
  std::optional<std::int64_t> valid_until; ///< microseconds since 1970
  ExpectationTarget target;
  outstanding::Profile profile = outstanding::Profile::v5;
  outstanding::Expectation expect;
  /// Microseconds for which the target's actual is known after somebody has seen it; nothing: it is
  /// known always.
  std::optional<std::int64_t> fresh_within{};

  /// Lists in `expect` are told apart as the model of the schema says, which outlives what is
  /// parsed. Errors: invalid, every problem listed with its pointer.
  static Result<ExpectationDocument> parse(json::Value document, const graph::Schema& schema,
                                           const ParseOptions& options = {});
};

} // namespace diffo::loop

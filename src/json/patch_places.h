#pragma once

#include "json/json_path.h"

#include <diffo/json.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Where the operations of a json-patch-query lead to in a document (TMF630 Parts 5 and 6).
namespace diffo::json {

/// A value in the document that is patched. Valid until something that holds it changes.
struct Place {
  Value* value = nullptr;
  Value* holder = nullptr; ///< what it stands in; null: it is the document
  std::size_t depth = 0;   ///< steps from the document
};

/// The path of an operation: `note[?(@.author=='x')].text` as Part 6 writes it, or
/// `/note/text?note.author=x` as Part 5 does, in which conditions choose among the items of the
/// arrays that the path goes through. Thread rule: immutable, any thread.
class PatchPath {
public:
  /// Errors: malformed.
  static Result<PatchPath> parse(std::string_view text);
  /// Of a query that was read already.
  explicit PatchPath(JsonPath path) : path_(std::move(path)) {}

  /// Everything that it leads to, each once. Errors: too_large when the budget is spent.
  [[nodiscard]] Result<std::vector<Place>> places(Value& document, Budget& budget) const;
  /// Where it leads nowhere: what would have to get a member of the name that it ends with. Nothing
  /// where it ends with no name.
  [[nodiscard]] Result<std::vector<Place>> holders(Value& document, Budget& budget) const;
  /// That name.
  [[nodiscard]] std::string_view last_name() const;

private:
  /// `note.author=x` in the path `/note/text`.
  struct Demand {
    std::size_t at = 0;            ///< how many names of the path stand before
    std::vector<std::string> rest; ///< from there on
    std::string value;
  };
  PatchPath() = default;
  static Result<PatchPath> parse_part5(std::string_view text);
  [[nodiscard]] Result<std::vector<Place>> walk(Value& document, std::size_t count,
                                                Budget& budget) const;
  [[nodiscard]] bool meets(const Value& value, std::size_t at, Budget& budget) const;

  std::optional<JsonPath> path_{}; ///< as Part 6 writes it, else:
  std::vector<std::string> names_{};
  std::vector<Demand> demands_{};
};

} // namespace diffo::json

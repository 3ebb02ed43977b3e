#pragma once

#include "graph/field_path.h"
#include "graph/operand.h"
#include "graph/record.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What can be asked of records, as a value: printed, read back, compared, translated for a store
/// far away, answered by an index, met by a change.
namespace diffo::graph {

/// A condition that cannot be said otherwise: a function of the record with a name and arguments
/// that say the same. Equal when these are. A store that cannot run functions refuses it.
struct Residual {
  std::string name;
  std::string arguments;
  std::function<bool(const Record&)> holds; ///< pure; any thread

  friend bool operator==(const Residual& a, const Residual& b) {
    return a.name == b.name && a.arguments == b.arguments;
  }
};

/// A tree of conditions on one record. Two-valued throughout: a comparison holds when some value at
/// its path compares so with some operand; "not equal" is none_of(equal), "absent" is
/// none_of(exists). A plain value; made by the functions below, which keep it in one form: an `all`
/// never stands in an `all`, nor an `any` in an `any`, and one alternative stands for itself.
struct Filter {
  enum class Kind : std::uint8_t {
    all,      ///< of the children; of none: everything
    any,      ///< of the children; of none: nothing
    none_of,  ///< of the children, of which there is one
    compare,  ///< values at `path`
    any_part, ///< some child of these kinds (none: of any) for which the child filter holds
    has_edge, ///< some edge, at any depth, of these kinds to one of the targets (none: to any) for
              ///< which the child filter holds
    in_index, ///< the record has a key in the index `name`: the one in `any_of`, in hexadecimal
              ///< digits, or, of none, any
    residual
  };

  Kind kind = Kind::all;
  std::vector<Filter> children;

  // compare
  FieldPath path;
  Compare comparison = Compare::equal;
  Reading reading = Reading::value;
  std::vector<json::Value> any_of;
  /// Stored texts that are compared as another: the words that a version shows.
  std::vector<std::pair<std::string, std::string>> shown;

  // any_part, has_edge
  std::vector<ElementKind> kinds;
  Direction direction = Direction::out;
  std::vector<Target> targets;

  std::string name; ///< in_index
  Residual residual;

  [[nodiscard]] bool is_everything() const { return kind == Kind::all && children.empty(); }
  friend bool operator==(const Filter&, const Filter&) = default;
};

Filter all_of(std::vector<Filter> children);
Filter any_of(std::vector<Filter> children);
Filter none_of(Filter child);
Filter compare(FieldPath path, Compare comparison, Reading reading,
               std::vector<json::Value> any_of);
Filter equal_text(FieldPath path, std::vector<std::string> any_of);
Filter exists(FieldPath path);
Filter any_part(std::vector<ElementKind> kinds, Filter child);
Filter has_edge(std::vector<ElementKind> kinds, std::vector<Target> targets);
Filter in_index(std::string name);
/// With that key, as the index makes it.
Filter in_index(std::string name, std::string_view key);
Filter residual(Residual condition);

/// The key that such a filter asks for; nothing: any, or what is no key.
std::optional<std::string> key_of(const Filter& in_index);

/// The conditions that hold together at the top: a store answers one of them, and asks the rest of
/// what it found.
std::vector<const Filter*> conjuncts(const Filter& filter);
/// Whether a function decides anywhere in it.
bool has_residual(const Filter& filter);

/// The canonical text (JSON): the same for equal filters, and print(read_filter(print(f))) is
/// print(f). Numbers of kinds and families are those of the stored format.
std::string print(const Filter& filter);
/// Reads what print() wrote. `functions` gives residuals theirs; without one they cannot be run.
/// Errors: malformed, invalid.
Result<Filter> read_filter(std::string_view text,
                           const std::function<Result<Residual>(Residual)>& functions = nullptr);

} // namespace diffo::graph

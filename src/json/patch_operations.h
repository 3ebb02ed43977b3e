#pragma once

#include <diffo/json.h>
#include <diffo/result.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

/// What JSON Patch (RFC 6902) and patches by query (TMF630 Parts 5 and 6) have in common: how an
/// operation is written, and that all of them are carried out or none.
namespace diffo::json {

/// A member that is a text. Errors: malformed.
Result<std::string> operation_text(const Value& operation, std::string_view name);

/// The value of an `add`, `replace` or `test`. Errors: malformed for another operation, and where
/// it has none.
Result<const Value*> operation_value(const Value& operation, std::string_view op);

/// Lets a patcher, which has a document of its own, apply all operations; its document is the
/// target's then. `what`: "a JSON patch". Errors: those of the patcher, with the operation as path;
/// malformed, too_large.
template <typename Patcher, typename Limits>
Result<void> apply_operations(Value& target, const Value& operations, const Limits& limits,
                              std::string_view what) {
  const Array* list = operations.if_array();
  if (list == nullptr)
    return Error{ErrorCode::malformed, std::string(what) + " is an array of operations"};
  if (list->size() > limits.max_operations)
    return Error{ErrorCode::too_large, std::string(what) + " of more than " +
                                           std::to_string(limits.max_operations) + " operations"};
  Patcher patcher(target, limits);
  for (std::size_t index = 0; index < list->size(); ++index) {
    const Value& operation = (*list)[index];
    Result<void> done = operation.is_object()
                            ? patcher.apply(operation)
                            : Error{ErrorCode::malformed, "an operation is an object"};
    if (!done) {
      Error error = std::move(done).error();
      error.path = "/" + std::to_string(index);
      return error;
    }
  }
  target = std::move(patcher.document());
  return {};
}

} // namespace diffo::json

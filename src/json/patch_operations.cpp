#include "json/patch_operations.h"

namespace diffo::json {

Result<std::string> operation_text(const Value& operation, std::string_view name) {
  const Value* value = operation.find(name);
  if (value == nullptr || !value->is_string())
    return Error{ErrorCode::malformed, "an operation needs a text " + std::string(name)};
  return value->string();
}

Result<const Value*> operation_value(const Value& operation, std::string_view op) {
  if (op != "add" && op != "replace" && op != "test")
    return Error{ErrorCode::malformed,
                 op.empty() ? "an operation needs a text op" : "no such op: " + std::string(op)};
  const Value* value = operation.find("value");
  if (value == nullptr)
    return Error{ErrorCode::malformed, std::string(op) + " needs a value"};
  return value;
}

} // namespace diffo::json

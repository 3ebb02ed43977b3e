#include "json/patch_operations.h"
#include "json/patch_weight.h"
#include "json/pointer.h"

#include <algorithm>

namespace diffo::json {
namespace {

/// NOTE: a path without its leading slash is taken as if it had one, as in TMF638 v5's examples.
Result<Pointer> parse_path(std::string_view text) {
  if (text.empty() || text.front() == '/')
    return Pointer::parse(text);
  return Pointer::parse("/" + std::string(text));
}

Error missing(const Pointer& pointer) {
  return Error{ErrorCode::unprocessable, "there is nothing at " + pointer.text()};
}

/// Carries out operations one by one on a document of its own. One thread.
class Patcher {
public:
  Patcher(Value document, const PatchLimits& limits)
      : document_(std::move(document)), limits_(limits) {}

  Result<void> apply(const Value& operation) {
    const std::string_view op = operation.text_of("op");
    const Pointer path = TRY(pointer_member(operation, "path"));
    if (op == "remove") {
      TRY(take(path));
      return {};
    }
    if (op == "move")
      return move(TRY(pointer_member(operation, "from")), path);
    if (op == "copy")
      return copy(TRY(pointer_member(operation, "from")), path);
    const Value* value = TRY(operation_value(operation, op));
    if (op == "add")
      return add(path, *value, Append::objects, Depth::unknown);
    return op == "replace" ? replace(path, *value) : test(path, *value);
  }

  Value& document() { return document_; }

private:
  /// Whether `add` of an object at an array appends to it instead of replacing it.
  enum class Append : std::uint8_t { nothing, objects };
  /// Whether a value has come from a place at least as deep as where it goes.
  enum class Depth : std::uint8_t { unknown, no_deeper };

  static Result<Pointer> pointer_member(const Value& operation, std::string_view name) {
    return parse_path(TRY(operation_text(operation, name)));
  }

  Value* find(const Pointer& pointer) {
    return const_cast<Value*>(pointer.find_in(std::as_const(document_)));
  }

  Value* find_parent(const Pointer& pointer) {
    Value* value = &document_;
    for (std::size_t index = 0; value != nullptr && index + 1 < pointer.tokens().size(); ++index)
      value = const_cast<Value*>(step_into(*value, pointer.tokens()[index]));
    return value;
  }

  // RFC 6902 §4.1
  Result<void> add(const Pointer& path, Value value, Append append, Depth depth) {
    if (depth == Depth::unknown && path.tokens().size() + depth_of(value) > limits_.max_depth)
      return Error{ErrorCode::too_large, "the result would nest too deeply"};
    if (path.tokens().empty()) {
      document_ = std::move(value);
      return {};
    }
    Value* parent = find_parent(path);
    const std::string& last = path.tokens().back();
    if (parent != nullptr && parent->is_object()) {
      Object& object = parent->object();
      Value* present = object.find(last);
      // NOTE: TMF639 v5's example adds an object at an array and means an item of it (tmf.md
      // §1.10).
      if (present != nullptr && present->is_array() && value.is_object() &&
          append == Append::objects) {
        if (path.tokens().size() + 1 + depth_of(value) > limits_.max_depth)
          return Error{ErrorCode::too_large, "the result would nest too deeply"};
        present->array().push_back(std::move(value));
        return {};
      }
      object.set(last, std::move(value));
      return {};
    }
    if (parent == nullptr || !parent->is_array())
      return Error{ErrorCode::unprocessable, "there is no array or object to hold " + path.text()};
    Array& array = parent->array();
    const std::optional<std::size_t> index = last == "-" ? array.size() : array_index(last);
    if (!index || *index > array.size())
      return Error{ErrorCode::unprocessable, "no place in the array for " + path.text()};
    array.insert(array.begin() + static_cast<std::ptrdiff_t>(*index), std::move(value));
    return {};
  }

  // RFC 6902 §4.2
  Result<Value> take(const Pointer& path) {
    if (path.tokens().empty())
      return std::exchange(document_, Value());
    Value* found = find(path);
    if (found == nullptr)
      return missing(path);
    Value taken = std::move(*found);
    Value* parent = find_parent(path);
    if (Object* object = parent->if_object()) {
      object->erase(path.tokens().back());
    } else {
      Array& array = parent->array();
      array.erase(array.begin() + (found - array.data()));
    }
    return taken;
  }

  // RFC 6902 §4.3
  Result<void> replace(const Pointer& path, const Value& value) {
    Value* found = find(path);
    if (found == nullptr)
      return missing(path);
    if (path.tokens().size() + depth_of(value) > limits_.max_depth)
      return Error{ErrorCode::too_large, "the result would nest too deeply"};
    *found = value;
    return {};
  }

  // RFC 6902 §4.4
  Result<void> move(const Pointer& from, const Pointer& path) {
    const auto& outer = from.tokens();
    const auto& inner = path.tokens();
    const bool within =
        outer.size() <= inner.size() && std::equal(outer.begin(), outer.end(), inner.begin());
    if (within && outer.size() < inner.size())
      return Error{ErrorCode::unprocessable, "a value cannot move into itself"};
    if (within)
      return find(from) == nullptr ? Result<void>(missing(from)) : Result<void>();
    const Depth depth = inner.size() > outer.size() ? Depth::unknown : Depth::no_deeper;
    return add(path, TRY(take(from)), Append::nothing, depth);
  }

  // RFC 6902 §4.5
  Result<void> copy(const Pointer& from, const Pointer& path) {
    const Value* found = find(from);
    if (found == nullptr)
      return missing(from);
    const std::size_t left = limits_.max_copied - copied_;
    const std::size_t weight = weight_of(*found, left);
    if (weight > left)
      return Error{ErrorCode::too_large, "the patch copies too much"};
    copied_ += weight;
    return add(path, Value(*found), Append::nothing, Depth::unknown);
  }

  // RFC 6902 §4.6
  Result<void> test(const Pointer& path, const Value& value) {
    const Value* found = find(path);
    if (found == nullptr)
      return missing(path);
    if (*found != value)
      return Error{ErrorCode::unprocessable, "the value at " + path.text() + " is another"};
    return {};
  }

  Value document_;
  PatchLimits limits_;
  std::size_t copied_ = 0;
};

} // namespace

Result<void> apply_patch(Value& target, const Value& operations, const PatchLimits& limits) {
  return apply_operations<Patcher>(target, operations, limits, "a JSON patch");
}

} // namespace diffo::json

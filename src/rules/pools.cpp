#include "rules/pools.h"

#include "base/text.h"
#include "model/kinds.h"

#include <utility>

namespace diffo::rules {
namespace {

using Operation = AssignRequest::Operation;

constexpr std::uint64_t longest_seconds = std::uint64_t{10} * 366 * 24 * 60 * 60;

Result<std::uint64_t> seconds_of(const json::Value& value) {
  const std::int64_t* seconds = value.if_integer();
  if (seconds == nullptr || *seconds < 0 || static_cast<std::uint64_t>(*seconds) > longest_seconds)
    return Error{ErrorCode::invalid, "must be a number of seconds, at most ten years",
                 "/assignment/lease"};
  return static_cast<std::uint64_t>(*seconds);
}

Result<Operation> operation_of(const json::Value& value) {
  const std::string* name = value.if_string();
  if (value.is_null() || (name != nullptr && (*name == "autoAssign" || *name == "auto_assign")))
    return Operation::auto_assign;
  if (name != nullptr && *name == "assign")
    return Operation::assign;
  if (name != nullptr && *name == "unassign")
    return Operation::unassign;
  if (name != nullptr && *name == "confirm")
    return Operation::confirm;
  return Error{ErrorCode::invalid, "must be one of autoAssign, assign, unassign, confirm",
               "/assignment/operation"};
}

Result<void> take_member(AssignRequest& request, const std::string& name,
                         const json::Value& value) {
  const auto text = [&]() -> Result<std::string> {
    if (const std::string* given = value.if_string(); given != nullptr && !given->empty())
      return *given;
    return Error{ErrorCode::invalid, "must be a text", "/assignment/" + name};
  };
  if (name == "operation") {
    request.operation = TRY(operation_of(value));
    return {};
  }
  if (value.is_null())
    return {};
  if (name == "assigneeId") {
    request.assignee = TRY(text());
  } else if (name == "alias") {
    request.alias = TRY(text());
  } else if (name == "assignableType") {
    request.assignable_type = TRY(text());
  } else if (name == "id") {
    request.value = value;
  } else if (name == "lease") {
    request.lease_seconds = TRY(seconds_of(value));
  } else if (name == "count") {
    const std::int64_t* count = value.if_integer();
    if (count == nullptr || *count < 1 || *count > most_numbers)
      return Error{ErrorCode::invalid, "must be from 1 to " + std::to_string(most_numbers),
                   "/assignment/count"};
    request.count = static_cast<std::uint32_t>(*count);
  } else if (name == "family") {
    const std::string family = TRY(text());
    if (family != "service" && family != "resource")
      return Error{ErrorCode::invalid, "must be service or resource", "/assignment/family"};
    request.family = family == "service" ? model::family_service : model::family_resource;
  } else {
    std::string path = "/assignment";
    json::append_token(path, name);
    return Error{ErrorCode::invalid,
                 "an assignment has no " + shortened(name, 64) +
                     "; it has assigneeId, operation, id, alias, assignableType, count, lease, "
                     "family",
                 path};
  }
  return {};
}

} // namespace

Result<AssignRequest> read_assign_request(const json::Object& arguments) {
  for (const auto& [name, value] : arguments)
    if (name != "assignment") {
      std::string path;
      json::append_token(path, name);
      return Error{ErrorCode::invalid, "the action takes an assignment only", path};
    }
  const json::Value* assignment = arguments.find("assignment");
  if (assignment == nullptr || !assignment->is_object())
    return Error{ErrorCode::invalid, "assignment is required: an object", "/assignment"};
  AssignRequest request;
  for (const auto& [name, value] : assignment->object())
    TRY(take_member(request, name, value));
  if (request.assignee.empty())
    return Error{ErrorCode::invalid, "assignment not valid: assigneeId is required",
                 "/assignment/assigneeId"};
  return request;
}

} // namespace diffo::rules

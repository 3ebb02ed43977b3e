#pragma once

#include "rules/hook_reads.h"

#include <diffo/domain_model.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace diffo::rules {

/// What a function in C++ yields. A plain value.
struct HookValue {
  json::Value value{};
  std::string why{}; ///< why there is none; empty: there is one
};

/// All values at a path of the instance that is asked about.
using ValuesAt = std::function<Result<std::vector<json::Value>>(std::string_view path)>;

/// Asks the function that a calculation names for a value of an instance. Whatever the function
/// does, it is a value of the declared type or none, with the reason (domain.md §14.1).
HookValue calculate_by_hook(const model::Model& model, const model::Calculation& calculation,
                            const hooks::Record& instance, HookReads& reads, std::int64_t now,
                            ValuesAt values);

} // namespace diffo::rules

#include "rules/hook_calculation.h"

#include "base/text.h"
#include "model/declared.h"
#include "model/typed_value.h"

#include <cmath>
#include <exception>
#include <utility>

namespace diffo::rules {
namespace {

/// The longest reason that is told.
constexpr std::size_t most_told = 500;

class Call final : public hooks::CalculationCall {
public:
  Call(const model::Calculation& calculation, const hooks::Record& instance, HookReads& reads,
       std::int64_t now, ValuesAt values)
      : calculation_(calculation), instance_(instance), reads_(reads), now_(now),
        values_(std::move(values)) {}

  Result<std::optional<hooks::Record>> find(const hooks::Id& id) override {
    return reads_.find(id);
  }
  Result<std::vector<hooks::Record>> along(const hooks::Id& from,
                                           const std::vector<std::string>& chain) override {
    return reads_.along(from, chain);
  }
  [[nodiscard]] const hooks::Record& instance() const override { return instance_; }
  [[nodiscard]] std::string_view name() const override { return calculation_.name; }
  [[nodiscard]] std::int64_t now() const override { return now_; }
  Result<std::vector<json::Value>> values(std::string_view path) override { return values_(path); }

private:
  const model::Calculation& calculation_;
  const hooks::Record& instance_;
  HookReads& reads_;
  std::int64_t now_;
  ValuesAt values_;
};

Result<json::Value> called(const hooks::Calculation& function, Call& call) {
  try {
    return function(call);
  } catch (const std::exception& problem) {
    return Error{ErrorCode::internal, problem.what()};
  } catch (...) {
    return Error{ErrorCode::internal, "it has thrown something"};
  }
}

HookValue none(const model::Calculation& calculation, const std::string& reason) {
  return {{}, "hook " + calculation.hook + ": " + shortened(reason, most_told)};
}

} // namespace

HookValue calculate_by_hook(const model::Model& model, const model::Calculation& calculation,
                            const hooks::Record& instance, HookReads& reads, std::int64_t now,
                            ValuesAt values) {
  const model::DeclaredKinds& declared = model.declared();
  const hooks::Calculation* function =
      declared.hooks() ? declared.hooks()->calculation(calculation.hook) : nullptr;
  if (function == nullptr)
    return none(calculation, "this program has none of that name");
  Call call(calculation, instance, reads, now, std::move(values));
  const auto result = called(*function, call);
  if (reads.is_exceeded())
    return none(calculation, HookReads::too_much().message);
  if (!result)
    return none(calculation, result.error().text());
  if (result->if_real() != nullptr && !std::isfinite(*result->if_real()))
    return none(calculation, "what it returned is no finite number");
  std::vector<Error> problems;
  json::Value value = model::TypedReader(declared, problems).read(calculation.type, *result, "");
  if (!problems.empty())
    return none(calculation, "what it returned " + problems.front().text());
  return {std::move(value), {}};
}

} // namespace diffo::rules

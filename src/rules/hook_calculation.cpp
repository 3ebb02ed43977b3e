#include "rules/hook_calculation.h"

#include "base/text.h"
#include "model/declared.h"
#include "model/typed_value.h"
#include "rules/hook_call.h"

#include <cmath>
#include <utility>

namespace diffo::rules {
namespace {

/// The longest reason that is told.
constexpr std::size_t most_told = 500;

class Call final : public ReadingCall<hooks::CalculationCall> {
public:
  Call(const model::Calculation& calculation, const hooks::Record& instance, HookReads& reads,
       std::int64_t now, ValuesAt values)
      : ReadingCall(reads), calculation_(calculation), instance_(instance), now_(now),
        values_(std::move(values)) {}

  [[nodiscard]] const hooks::Record& instance() const override { return instance_; }
  [[nodiscard]] std::string_view name() const override { return calculation_.name; }
  [[nodiscard]] std::int64_t now() const override { return now_; }
  Result<std::vector<json::Value>> values(std::string_view path) override { return values_(path); }

private:
  const model::Calculation& calculation_;
  const hooks::Record& instance_;
  std::int64_t now_;
  ValuesAt values_;
};

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
  const auto result = called(*function, call, [](std::string_view reason) {
    return Error{ErrorCode::internal, std::string(reason)};
  });
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

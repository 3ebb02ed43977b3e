#pragma once

#include "rules/hook_reads.h"

#include <exception>
#include <optional>
#include <string_view>
#include <vector>

/// What calling a function in C++ is, whatever it is asked about.
namespace diffo::rules {

/// The part of a call by which a function reads.
template <typename Interface> class ReadingCall : public Interface {
public:
  /// What is read by must outlive it.
  explicit ReadingCall(HookReads& reads) : reads_(reads) {}

  Result<std::optional<hooks::Record>> find(const hooks::Id& id) final { return reads_.find(id); }
  Result<std::vector<hooks::Record>> along(const hooks::Id& from,
                                           const std::vector<std::string>& chain) final {
    return reads_.along(from, chain);
  }

private:
  HookReads& reads_;
};

/// What a function returns; when it throws, what `thrown` makes of the reason.
template <typename Function, typename Call, typename Thrown>
auto called(const Function& function, Call& call, const Thrown& thrown)
    -> decltype(function(call)) {
  try {
    return function(call);
  } catch (const std::exception& problem) {
    return thrown(std::string_view(problem.what()));
  } catch (...) {
    return thrown(std::string_view("it has thrown something"));
  }
}

} // namespace diffo::rules

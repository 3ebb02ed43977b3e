#pragma once

#include "base/url_text.h"
#include "http/message.h"

#include <diffo/result.h>

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

namespace diffo::server {

/// The query parameters of an endpoint of ours. One that the endpoint does not have, or that is
/// given twice, is refused, so that a typing error is not taken for an absent option; only `fields`
/// may be given more than once.
class Parameters {
public:
  static Result<Parameters> parse(const http::Request& request,
                                  std::initializer_list<std::string_view> known);

  [[nodiscard]] bool has(std::string_view name) const {
    return find_parameter(parameters_, name) != nullptr;
  }
  /// Empty when absent.
  [[nodiscard]] std::string_view text(std::string_view name) const;
  /// Errors: invalid for what is no whole number.
  [[nodiscard]] Result<std::uint64_t> number(std::string_view name, std::uint64_t otherwise) const;
  /// All values of a parameter.
  [[nodiscard]] std::vector<std::string> texts(std::string_view name) const;
  /// A flag: set when present without a value or with `true`. Errors: invalid for values other than
  /// those and `false`.
  [[nodiscard]] Result<bool> flag(std::string_view name) const;

private:
  std::vector<QueryText> parameters_;
};

} // namespace diffo::server

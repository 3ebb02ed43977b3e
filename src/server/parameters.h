#pragma once

#include "base/url_text.h"
#include "http/message.h"

#include <diffo/result.h>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace diffo::server {

/// A query string that may have a parameter of that name, and the rest of it as it came.
struct TakenParameter {
  std::optional<std::string> value; ///< decoded
  std::string rest;                 ///< without the parameter
};

/// Takes a parameter out of a query string. Errors: malformed; invalid when it is given twice.
Result<TakenParameter> take_parameter(std::string_view query, std::string_view name);

/// The number that the value of a parameter is. Errors: invalid for what is no whole number.
Result<std::uint64_t> number_of(std::string_view value, std::string_view name);

/// The query parameters of an endpoint of ours. One that the endpoint does not have, or that is
/// given twice, is refused, so that a typing error is not taken for an absent option; only `fields`
/// may be given more than once.
class Parameters {
public:
  static Result<Parameters> parse(const http::Request& request,
                                  std::initializer_list<std::string_view> known);
  /// The same of a query string at hand, with parameters that several endpoints have.
  static Result<Parameters> parse(std::string_view query, std::span<const std::string_view> known,
                                  std::initializer_list<std::string_view> more = {});

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

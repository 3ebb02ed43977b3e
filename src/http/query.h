#pragma once

#include "diffo/result.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace diffo::http {

struct QueryLimits {
  std::size_t parameters = 200;
  /// Of a decoded name or value (tmf.md §2.2 gives TMF630's own bound).
  std::size_t text_bytes = 2048;
};

/// One parameter of a query string. TMF630's operators may stand in the name or in a parameter
/// without a value
/// (`date%3E=2013`, `date%3E2013`; tmf.md §2.4), hence the raw forms beside the decoded ones.
struct QueryParameter {
  /// The parameter as sent; a view into the query given to `parse_query`, like the next two.
  std::string_view raw;
  /// What stands before the first unencoded '=', or everything.
  std::string_view raw_name;
  std::string_view raw_value;
  /// Percent-decoded, '+' as a space.
  std::string name;
  std::string value;
  /// Tells `a=` from `a`.
  bool has_equals = false;
};

/// Splits a raw query at unencoded '&' and each parameter at its first unencoded '='. Empty
/// parameters (`a=1&&b=2`) are skipped. Fails with `malformed` on a bad escape (see
/// percent_decode), with `too_large` beyond the limits; the error's path is the parameter as sent.
Result<std::vector<QueryParameter>> parse_query(std::string_view raw_query,
                                                const QueryLimits& limits = {});

/// The first parameter with this decoded name, or null.
const QueryParameter* find_parameter(const std::vector<QueryParameter>& parameters,
                                     std::string_view name);

} // namespace diffo::http

#pragma once

#include "graph/store.h"

#include <diffo/result.h>

#include <string>
#include <string_view>

namespace diffo::server {

/// A query string that may ask for the past, and the rest of it as it came.
struct PinnedQuery {
  std::string at;   ///< decoded; empty: the present
  std::string rest; ///< without `at`
};

/// Takes `at` out of a query string (wire.md §9). Errors: malformed; invalid when it is given twice
/// or says nothing.
Result<PinnedQuery> take_at(std::string_view query);

/// The revision meant by `at`: the sequence of a commit, or the last commit up to the first moment
/// of a date. Reads the journal. Errors: invalid for what is neither, gone behind the retention.
Result<graph::Pin> pin_of(std::string_view at, const graph::Store& store);

} // namespace diffo::server

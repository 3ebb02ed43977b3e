#pragma once

#include "server/surfaces/resource.h"

#include <memory>
#include <string_view>

namespace diffo::server {

inline constexpr std::string_view expectations_path = "/diffo/v1/expectations";

/// Expectations as they came, with their ids (wire.md §7). Filters are conditions on the documents,
/// as in `filter=owner=orders`.
std::unique_ptr<const DocumentForm> expectation_form();

/// What a filter over expectations asks of the store. Errors: those of JsonFilter.
Result<graph::Query> expectation_query(graph::Tenant tenant, std::string_view filter,
                                       const graph::Schema& schema);

} // namespace diffo::server

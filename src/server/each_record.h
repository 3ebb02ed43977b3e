#pragma once

#include "graph/store.h"

#include <functional>

namespace diffo::server {

/// Visits all records of a family of a tenant, page by page, each page as of the pin or, without
/// one, of the newest revision then. For threads that may wait. Errors: those of reading, and of
/// `visit`, which ends it.
Result<void>
each_record(graph::Store& store, const graph::Pin& pin, graph::Tenant tenant, graph::Family family,
            const std::function<Result<void>(const graph::Record&, const graph::Schema&)>& visit);

} // namespace diffo::server

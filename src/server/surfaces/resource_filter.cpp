#include "graph/compiled_filter.h"
#include "server/surfaces/resource.h"

namespace diffo::server {

Result<void> Resource::demand_filter(const graph::Record& record, const graph::Schema& schema,
                                     const Shown& shown) const {
  if (!shown.filter)
    return {};
  const auto overrun = std::make_shared<std::atomic<bool>>(false);
  const graph::Filter filter = TRY(form_->filter_of_one(*shown.filter, schema, overrun));
  const bool holds = TRY(graph::CompiledFilter::compile(filter, schema)).holds(record);
  if (*overrun)
    return query::overrun_error("filter");
  if (!holds)
    return Error{ErrorCode::not_found, "it is there, but the filter does not keep it", "filter"};
  return {};
}

} // namespace diffo::server

#pragma once

#include "graph/filter.h"
#include "graph/schema.h"
#include "query/attribute_access.h"
#include "query/condition.h"

/// Conditions that only the rendered document tells, as residuals with a name.
namespace diffo::query {

/// What the version shows of the record is looked at.
graph::Residual rendered(const Condition& condition, AttributeRenderer render);

/// Of a condition on href, of which only the path below the base URL counts. The schema must
/// outlive it.
graph::Residual shown_href(const Condition& condition, AttributeRenderer render,
                           const graph::Schema& schema);

} // namespace diffo::query

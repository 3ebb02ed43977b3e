#pragma once

#include "graph/filter.h"
#include "graph/schema.h"
#include "graph/sort_key.h"
#include "model/model.h"
#include "query/entity_path.h"

#include <atomic>
#include <memory>
#include <string>

/// JSONPath of TMF630 Part 6 about documents as filters and orders of the records that these are
/// shown from.
namespace diffo::query {

/// Set when somewhere in a search a path would have had to look at more of one document than it
/// may, so that what was found cannot be told. Thread rule: any thread.
using Overrun = std::shared_ptr<std::atomic<bool>>;

/// The error that then is the answer.
Error overrun_error(std::string_view parameter);

/// How the texts at paths of names are read: by what the table says of them.
json::PathReading path_reading(model::Api api, model::Version version, const model::Model& model);

/// The entities that a value of `filter` keeps. What indexes and packed records can tell is said as
/// conditions, exactly where the path asks for plain attributes; where it asks for more, they
/// narrow, and a residual named `path` decides on the rendered document. The schema must outlive
/// it. Errors: invalid, unsupported, with `filter` as path.
Result<graph::Filter> path_filter(std::string_view text, model::Api api, model::Version version,
                                  const graph::Schema& schema, const Overrun& overrun);

/// The function of a residual named `path` that was read back. Errors: invalid.
Result<graph::Residual> path_residual(graph::Residual residual, const graph::Schema& schema);

/// The order that a JSONPath in `sort` asks for: of what it finds the smallest value counts, or the
/// greatest when descending. Errors: invalid, unsupported, with `sort` as path.
Result<graph::SortKey> path_sort_key(const std::string& text, bool descending, model::Api api,
                                     model::Version version, const graph::Schema& schema,
                                     const Overrun& overrun);

} // namespace diffo::query

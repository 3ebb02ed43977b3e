#pragma once

#include "graph/filter.h"
#include "graph/schema.h"
#include "graph/sort_key.h"
#include "model/model.h"
#include "query/condition.h"

#include <string>
#include <vector>

/// Conditions and sort terms of documents as conditions and orders of the records that these are
/// shown from.
namespace diffo::query {

/// How the texts at paths are to be read: by what the table says of them, else by value. The model
/// must outlive it.
ReadingOf reading_of(model::Api api, model::Version version, const model::Model& model);

/// Refuses a last path part that can only be meant as an operator, because what stands before it is
/// a plain value in every document of the version: `name.like=x`.
Result<void> check_operator(const ConditionText& condition, model::Api api, model::Version version,
                            const model::Model& model);

/// All conditions together, in the words of that version. A residual named `rendered` decides what
/// only the rendered document tells (docs/guide/queries.md): for most of these only in the records
/// that keep a reference otherwise than plainly. The schema must outlive it.
graph::Filter record_filter(const std::vector<Condition>& conditions, model::Api api,
                            model::Version version, const graph::Schema& schema);

/// Gives a residual that was read back its function. The schema must outlive it. Errors: invalid
/// for what is none of ours.
Result<graph::Residual> with_function(graph::Residual residual, const graph::Schema& schema);

/// The order of one sort term; residual for what only the rendered document tells.
graph::SortKey record_sort_key(std::vector<std::string> path, bool descending, model::Api api,
                               model::Version version, const graph::Schema& schema);

} // namespace diffo::query

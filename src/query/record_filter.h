#pragma once

#include "graph/filter.h"
#include "graph/schema.h"
#include "graph/sort_key.h"
#include "model/api.h"
#include "query/condition.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Conditions and sort terms of documents as conditions and orders of the records that these are
/// shown from.
namespace diffo::query {

/// How the text at a path is to be read: by what the published documents say of it, else by value.
Reading reading_of_path(std::span<const std::string> path);

/// Whether a first-level attribute is a text, date or flag in every published document.
bool is_plain_attribute(std::string_view attribute);

/// Refuses a last path part that can only be meant as an operator, because what stands before it is
/// a plain value in every published document: `name.like=x`.
Result<void> check_operator(const ConditionText& condition);

/// All conditions together, in the words of that version. A residual named `rendered` decides what
/// only the rendered document tells (docs/guide/queries.md): for most of these only in the records
/// that keep a reference otherwise than plainly. The schema must outlive it.
graph::Filter record_filter(const std::vector<Condition>& conditions, model::Api api,
                            model::Version version, const graph::Schema& schema);

/// Gives a residual that was read back its function. Errors: invalid for what is none of ours.
Result<graph::Residual> with_function(graph::Residual residual);

/// The order of one sort term; residual for what only the rendered document tells.
graph::SortKey record_sort_key(std::vector<std::string> path, bool descending, model::Api api,
                               model::Version version, const graph::Schema& schema);

} // namespace diffo::query

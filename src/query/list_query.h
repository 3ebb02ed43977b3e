#pragma once

#include "graph/query.h"
#include "graph/schema.h"
#include "model/api.h"
#include "query/fields.h"
#include "query/list_parameters.h"
#include "query/path_filter.h"

#include <optional>
#include <string_view>

namespace diffo::query {

/// The query string of a list, ready to be asked of a store (wire.md §3 Lists, tmf.md §2.4, §2.5)
/// but for a cursor, which is not read yet. The schema it was parsed with must outlive it.
struct ListQuery {
  /// Complete by itself; the tenant is 0 until the caller sets another.
  graph::Query query;
  std::optional<tmf::FieldSelection> fields; ///< nothing: everything is shown
  Paging paging;                             ///< which page was asked for, and how
  /// Set by the search when a JSONPath was more than one document may take: its answer is an error.
  Overrun overrun = std::make_shared<std::atomic<bool>>(false);
};

/// Reads the query string of a list. Attributes are spelled and valued as that version shows them;
/// internal words are understood too. Errors, each with the parameter as path: invalid or malformed
/// for what breaks a rule, unsupported for what this server does not do (list_parameters.h).
Result<ListQuery> parse_list_query(std::string_view raw_query, model::Api api,
                                   model::Version version, const graph::Schema& schema);

/// The same of a text that is conditions alone, as whoever stores a filter writes it. Errors:
/// likewise, and invalid for what says how a list is shown, or asks for what stands outstanding.
Result<ListQuery> parse_conditions(std::string_view raw_query, model::Api api,
                                   model::Version version, const graph::Schema& schema);

/// What the values of `filter` say of entities of that version, for a request about one of them.
/// Errors: invalid, unsupported, with `filter` as path.
Result<graph::Filter> filter_by_paths(const std::vector<std::string>& filters, model::Api api,
                                      model::Version version, const graph::Schema& schema,
                                      const Overrun& overrun);

} // namespace diffo::query

#pragma once

#include "graph/revision.h"
#include "model/api.h"
#include "query/fields.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace diffo::query {

/// The query string of a list, ready to be asked of a store (wire.md §3 Lists, tmf.md §2.4, §2.5).
/// The schema it was parsed with must outlive it.
struct ListQuery {
  /// Complete by itself; the tenant is 0 until the caller sets another.
  graph::Query query;
  /// Conditions and predicate that find the same with less work in a revision without irregular
  /// records (schema.h); find_page() knows when.
  struct Narrowed {
    std::vector<graph::IndexCondition> index_conditions;
    std::vector<graph::EdgeCondition> edge_conditions;
    std::function<bool(const graph::Record&)> predicate;
  };
  std::optional<Narrowed> narrowed;
  std::optional<tmf::FieldSelection> fields; ///< nothing: everything is shown
  /// The ids that an `id` or `href` filter asks for, each once: then nothing else can match, and
  /// find_page() looks them up instead of searching.
  std::optional<std::vector<std::string>> ids;
  bool paged_explicitly = false; ///< `offset` or `limit` was given
  bool limit_was_cut = false;    ///< more than the largest page was asked for
};

/// Reads the query string of a list. Attributes are spelled and valued as that version shows them;
/// internal words are understood too. Errors, each with the parameter as path: invalid or malformed
/// for what breaks a rule, unsupported for what this server does not do (list_parameters.h).
Result<ListQuery> parse_list_query(std::string_view raw_query, model::Api api,
                                   model::Version version, const graph::Schema& schema);

/// The page of a revision: looked up by id where the query allows it, else queried. Errors: those
/// of Revision::query.
Result<graph::Page> find_page(const graph::Revision& revision, const ListQuery& list);

} // namespace diffo::query

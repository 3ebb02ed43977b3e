#pragma once

#include "graph/query.h"

#include <diffo/result.h>

#include <string>
#include <string_view>

/// Cursors as clients hold them: the values of `after` and `before` (TMF639 v5, wire.md §3 Lists).
namespace diffo::query {

/// What a cursor is good for: a collection, and the parameters of a list that say what is in it and
/// in which order, whatever the size of its pages and what is shown of each entity. A hash, of a
/// name that no other collection has and the raw query string.
std::string cursor_binding(std::string_view collection, std::string_view raw_query);

/// The text, which needs no encoding in a URL.
std::string print_cursor(const graph::Cursor& cursor, std::string_view binding);

/// Errors: invalid for what print_cursor() did not write, and for a cursor of another binding.
Result<graph::Cursor> read_cursor(std::string_view text, std::string_view binding);

} // namespace diffo::query

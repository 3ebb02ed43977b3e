#include "graph/query.h"

namespace diffo::graph {

Cursor cursor_at(const Query& query, Sequence revision, const Record& record,
                 const Dictionary& dictionary) {
  Cursor cursor{
      .revision = revision, .keys = {}, .created_at = record.created_at(), .key = record.key()};
  for (const SortKey& order : query.order)
    cursor.keys.push_back(SortKeyReader(order, dictionary).key_of(record));
  return cursor;
}

} // namespace diffo::graph

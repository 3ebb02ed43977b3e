#pragma once

#include "model/schema.h"
#include "query/list_query.h"
#include "testing/test_revision.h"
#include "tmf/decode.h"

#include <diffo/json.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace diffo::query::test {

inline constexpr std::int64_t first_created = 1'782'090'123'004'005; // 2026-06-22T01:02:03.004005Z

/// An inventory of documents, in the order they came.
class TestInventory {
public:
  TestInventory() : revision_(model::inventory_schema()) {}

  void add(model::Api api, model::Version version, std::string_view document,
           graph::Which which = graph::Which::actual) {
    graph::Context context;
    context.new_id = [this] { return "id-" + std::to_string(count_); };
    graph::RecordDraft draft =
        tmf::decode(json::read(document).value(), api, version, model::inventory_schema(), context)
            .value();
    draft.which = which;
    graph::RecordRef record = graph::encode(draft, model::inventory_schema().dictionary());
    const std::int64_t now = first_created + static_cast<std::int64_t>(count_) * 1'000'000;
    graph::stamp(record, ++count_, now, now);
    revision_.add(std::move(record));
  }

  /// The ids of a page, separated by spaces.
  [[nodiscard]] std::string find(std::string_view query, model::Api api = model::Api::service,
                                 model::Version version = model::Version::v4) const {
    const ListQuery list = parse_list_query(query, api, version, model::inventory_schema()).value();
    std::string ids;
    const graph::Page page = revision_.query(list.query).value();
    for (const graph::RecordRef& record : page.records)
      ids += (ids.empty() ? "" : " ") + record->id();
    return ids;
  }
  [[nodiscard]] const testing::TestRevision& revision() const { return revision_; }

private:
  testing::TestRevision revision_;
  std::uint64_t count_ = 0;
};

} // namespace diffo::query::test

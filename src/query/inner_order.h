#pragma once

#include "query/path_filter.h"
#include "json/json_path.h"

#include <diffo/json.h>
#include <diffo/result.h>

#include <memory>
#include <string_view>
#include <vector>

namespace diffo::query {

/// The order of the items of lists within one document (TMF630 Part 6): `note[*].date`, or with `-`
/// before it, sorts the notes by their dates. Items sort like entities (graph/sort_key.h).
/// Thread rule: immutable, any thread.
class InnerOrder {
public:
  /// Reads the value of `sort` of a request about one document. Errors: invalid, with `sort` as
  /// path, for what names no items of a list, and for more than 8 of them.
  static Result<std::vector<InnerOrder>> parse(std::string_view text);

  /// Sorts what they are about, the first most significant; what compares equal stays in its order.
  static void apply_all(const std::vector<InnerOrder>& orders, json::Value& document);
  /// Whether it would have had to look at more of a document than it may, and did not sort.
  [[nodiscard]] bool overran() const { return *overrun_; }

private:
  void apply(json::Value& document) const;
  InnerOrder(json::JsonPath lists, json::JsonPath of_item, bool descending)
      : lists_(std::move(lists)), of_item_(std::move(of_item)), descending_(descending) {}
  json::JsonPath lists_;
  json::JsonPath of_item_;
  bool descending_;
  Overrun overrun_ = std::make_shared<std::atomic<bool>>(false);
};

} // namespace diffo::query

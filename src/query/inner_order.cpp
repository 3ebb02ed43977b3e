#include "query/inner_order.h"

#include "graph/sort_key.h"
#include "query/list_parameters.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <string>
#include <utility>

namespace diffo::query {
namespace {

using Keys = std::vector<std::optional<std::string>>;

bool is_items(const json::path::Segment& segment) {
  return segment.reach == json::path::Reach::child && segment.selectors.size() == 1 &&
         segment.selectors[0].kind == json::path::SelectorKind::wildcard;
}

std::optional<std::string> key_of(const json::Nodes& nodes, const graph::SortKey& order) {
  graph::KeyCollector collector(order);
  for (std::size_t at = 0; at < nodes.size(); ++at)
    if (const std::string* text = nodes[at].if_string())
      collector.take_text(*text);
    else
      collector.take_other(nodes[at]);
  return collector.take();
}

} // namespace

Result<std::vector<InnerOrder>> InnerOrder::parse(std::string_view text) {
  std::vector<InnerOrder> orders;
  for (std::string_view item : split_paths(text)) {
    const bool descending = item.starts_with('-');
    if (descending || item.starts_with('+') || item.starts_with(' '))
      item.remove_prefix(1);
    auto path = json::JsonPath::parse_tmf630(item);
    if (!path)
      return Error{ErrorCode::invalid, path.error().message, "sort"};
    json::path::Query lists = path->query();
    lists.beginning = json::path::Beginning::root;
    const auto last = std::find_if(lists.segments.rbegin(), lists.segments.rend(), is_items);
    if (last == lists.segments.rend())
      return Error{ErrorCode::invalid,
                   "sorts the items of a list within one document, as in note[*].date", "sort"};
    json::path::Query of_item{json::path::Beginning::current, {last.base(), lists.segments.end()}};
    lists.segments.erase(last.base() - 1, lists.segments.end());
    orders.push_back(InnerOrder(json::JsonPath(std::move(lists)),
                                json::JsonPath(std::move(of_item)), descending));
    if (orders.size() > max_sort_terms)
      return Error{ErrorCode::invalid, "at most 8 lists can be sorted", "sort"};
  }
  return orders;
}

void InnerOrder::apply_all(const std::vector<InnerOrder>& orders, json::Value& document) {
  for (auto order = orders.rbegin(); order != orders.rend(); ++order)
    order->apply(document);
}

void InnerOrder::apply(json::Value& document) const {
  json::Budget budget(max_path_steps);
  const auto found = lists_.select({&document, &document}, budget);
  if (!found)
    *overrun_ = true;
  const std::vector<graph::SortKey> order{{.path = {},
                                           .reading = Reading::value,
                                           .shown = {},
                                           .descending = descending_,
                                           .residual = {}}};
  for (std::size_t at = 0; found && at < found->size(); ++at) {
    json::Array* items = const_cast<json::Value&>((*found)[at]).if_array();
    if (items == nullptr)
      continue;
    std::vector<Keys> keys;
    for (const json::Value& item : *items) {
      const auto nodes = of_item_.select({&document, &item}, budget);
      if (!nodes) {
        *overrun_ = true;
        return;
      }
      keys.push_back({key_of(*nodes, order[0])});
    }
    std::vector<std::size_t> places(items->size());
    std::iota(places.begin(), places.end(), std::size_t{0});
    std::stable_sort(places.begin(), places.end(), [&](std::size_t one, std::size_t other) {
      return graph::order_of_keys(keys[one], keys[other], order) < 0;
    });
    json::Array sorted;
    for (const std::size_t place : places)
      sorted.push_back(std::move((*items)[place]));
    *items = std::move(sorted);
  }
}

} // namespace diffo::query

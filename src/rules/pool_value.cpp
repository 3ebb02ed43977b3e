#include "rules/pool_value.h"

#include "base/text.h"
#include "model/kinds.h"
#include "model/typed_value.h"
#include "model/words.h"
#include "rules/parts.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <span>
#include <utility>

namespace diffo::rules {
namespace {

constexpr std::size_t most_ranges = 1000;
constexpr std::array<std::pair<model::Algorithm, std::string_view>, 3> algorithms = {
    {{model::Algorithm::lowest, "lowest"},
     {model::Algorithm::highest, "highest"},
     {model::Algorithm::random, "random"}}};

std::string_view text_of(model::Algorithm algorithm) {
  for (const auto& [one, text] : algorithms)
    if (one == algorithm)
      return text;
  return {};
}

json::Object declared_value(const model::Pool& pool) {
  json::Object value;
  if (pool.units == model::Units::prefixes) {
    if (!pool.network.empty())
      value.set("network", pool.network);
    value.set("prefixLength", std::int64_t{pool.prefix_length});
  } else {
    const model::Span bounds = pool.bounds.value_or(model::Span{1, 1});
    value.set("first", bounds.first);
    value.set("last", bounds.last);
  }
  if (!pool.type.empty())
    value.set("type", pool.type);
  value.set("algorithm", text_of(pool.algorithm));
  return value;
}

std::optional<graph::NumberRange> range_of(const json::Value& value) {
  const json::Value* first = &value;
  const json::Value* last = &value;
  if (const json::Array* pair = value.if_array()) {
    if (pair->size() != 2)
      return std::nullopt;
    first = &pair->front();
    last = &pair->back();
  } else if (value.is_object()) {
    first = value.find("first");
    last = value.find("last");
  }
  const std::int64_t* from = first != nullptr ? first->if_integer() : nullptr;
  const std::int64_t* to = last != nullptr ? last->if_integer() : nullptr;
  if (from == nullptr || to == nullptr)
    return std::nullopt;
  return graph::NumberRange{*from, *to};
}

class PoolReader {
public:
  PoolReader(const model::Pool& pool, const std::string& path, std::vector<Error>& problems)
      : pool_(pool), path_(path), problems_(problems) {}

  json::Value read(const json::Value& present, const json::Value& given) {
    json::Object value =
        present.is_object() && !present.object().empty() ? present.object() : declared_value(pool_);
    if (given.is_null())
      return value;
    if (!given.is_object()) {
      refuse("", "must be an object");
      return value;
    }
    for (const auto& [name, member] : given.object())
      take(value, canonical(name), member);
    check(value);
    return in_order(value);
  }

private:
  void refuse(std::string_view member, std::string message) {
    std::string path = path_;
    if (!member.empty())
      json::append_token(path, member);
    problems_.push_back({ErrorCode::invalid, std::move(message), std::move(path)});
  }

  /// Names of the declaration (`assignable_type`) and of the wire (`type`).
  static std::string canonical(std::string_view name) {
    std::string camel = model::camel_case(name);
    return camel == "assignableType" ? "type" : camel;
  }

  void take(json::Object& value, const std::string& name, const json::Value& given) {
    const std::span<const std::string_view> names =
        pool_.units == model::Units::prefixes ? std::span<const std::string_view>(of_prefixes)
                                              : of_numbers;
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      std::string all;
      for (const std::string_view one : names)
        all += (all.empty() ? "" : ", ") + std::string(one);
      return refuse(name, "there is no " + shortened(name, 64) + "; there are " + all);
    }
    if (given.is_null()) {
      value.erase(name);
      return;
    }
    if (name == "first" || name == "last")
      value.erase("ranges");
    if (name == "ranges") {
      value.erase("first");
      value.erase("last");
    }
    value.set(name, given);
  }

  void check(json::Object& value) {
    if (const json::Value* type = value.find("type"); type != nullptr && !type->is_string())
      refuse("type", "must be a text");
    if (value.find("algorithm") == nullptr)
      value.set("algorithm", text_of(pool_.algorithm));
    const std::string* algorithm = value.find("algorithm")->if_string();
    if (algorithm == nullptr ||
        std::none_of(algorithms.begin(), algorithms.end(),
                     [algorithm](const auto& one) { return one.second == *algorithm; }))
      refuse("algorithm", "must be one of lowest, highest, random");
    if (pool_.units == model::Units::prefixes)
      check_network(value);
    else if (value.find("ranges") == nullptr)
      check_bounds(value);
    for (const char* name : {"ranges", "except"})
      check_ranges(value, name);
  }

  void check_bounds(const json::Object& value) {
    const json::Value* first = value.find("first");
    const json::Value* last = value.find("last");
    for (const auto& [name, bound] : {std::pair{"first", first}, {"last", last}})
      if (bound == nullptr || bound->if_integer() == nullptr || bound->integer() < 0 ||
          bound->integer() > graph::largest_number)
        return refuse(name, "must be an integer greater than or equal to 0");
    if (first->integer() > last->integer())
      refuse("last", "must not be less than first");
  }

  void check_ranges(const json::Object& value, const char* name) {
    const json::Value* ranges = value.find(name);
    if (ranges == nullptr)
      return;
    const json::Array* items = ranges->if_array();
    if (items == nullptr || items->size() > most_ranges || (items->empty() && *name == 'r'))
      return refuse(name, "must be an array of 1 to 1000 ranges [first, last]");
    for (std::size_t index = 0; index < items->size(); ++index) {
      const auto range = range_of((*items)[index]);
      if (!range || range->first < 0 || range->first > range->last ||
          range->last > graph::largest_number)
        return refuse(name, "item " + std::to_string(index) +
                                " must be a number or [first, last] with 0 <= first <= last");
    }
  }

  void check_network(json::Object& value) {
    const json::Value* length = value.find("prefixLength");
    const json::Value* network = value.find("network");
    if (network == nullptr)
      return; // nothing to hand out yet
    const std::string* text = network->if_string();
    auto prefix = text != nullptr ? IpPrefix::parse(*text)
                                  : Result<IpPrefix>(Error{ErrorCode::invalid, "must be a text"});
    if (!prefix)
      return refuse("network", prefix.error().message);
    const std::int64_t* number = length != nullptr ? length->if_integer() : nullptr;
    if (number == nullptr || *number < 0 || *number > prefix->bits() ||
        !prefix->count_of(static_cast<int>(*number)))
      refuse("prefixLength", "must be from " + std::to_string(prefix->length) + " to " +
                                 std::to_string(prefix->bits()) +
                                 ", and leave at most 2^62 prefixes");
  }

  static json::Value in_order(const json::Object& value) {
    json::Object ordered;
    for (const std::string_view name :
         {"first", "last", "ranges", "network", "prefixLength", "except", "type", "algorithm"})
      if (const json::Value* member = value.find(name))
        ordered.append(std::string(name), *member);
    return ordered;
  }

  static constexpr std::array<std::string_view, 6> of_numbers = {"first",  "last", "ranges",
                                                                 "except", "type", "algorithm"};
  static constexpr std::array<std::string_view, 5> of_prefixes = {"network", "prefixLength",
                                                                  "except", "type", "algorithm"};

  const model::Pool& pool_;
  const std::string& path_;
  std::vector<Error>& problems_;
};

std::vector<graph::NumberRange> ranges_in(const json::Value& value, std::string_view name) {
  std::vector<graph::NumberRange> ranges;
  if (const json::Value* items = value.find(name); items != nullptr && items->is_array())
    for (const json::Value& item : items->array())
      if (const auto range = range_of(item))
        ranges.push_back(*range);
  return ranges;
}

} // namespace

json::Value read_pool_value(const model::Pool& pool, const json::Value& present,
                            const json::Value& given, const std::string& path,
                            std::vector<Error>& problems) {
  return PoolReader(pool, path, problems).read(present, given);
}

bool is_whole_pool_value(const model::Pool& pool, const json::Value& value) {
  const auto has = [&value](std::string_view name) { return value.find(name) != nullptr; };
  if (!has("algorithm"))
    return false;
  return pool.units == model::Units::prefixes ? has("prefixLength")
                                              : has("ranges") || (has("first") && has("last"));
}

PoolBounds pool_bounds(const model::Pool& pool, const json::Value& value) {
  PoolBounds bounds;
  bounds.type = value.text_of("type");
  for (const auto& [algorithm, text] : algorithms)
    if (value.text_of("algorithm") == text)
      bounds.algorithm = algorithm;
  for (const model::Span& span : pool.except)
    bounds.except.push_back({span.first, span.last});
  for (const graph::NumberRange& range : ranges_in(value, "except"))
    bounds.except.push_back(range);
  if (pool.units != model::Units::prefixes) {
    bounds.ranges = ranges_in(value, "ranges");
    if (bounds.ranges.empty())
      if (const auto range = range_of(value))
        bounds.ranges.push_back(*range);
    return bounds;
  }
  const json::Value* length = value.find("prefixLength");
  auto network = IpPrefix::parse(value.text_of("network"));
  if (network && length != nullptr && length->if_integer() != nullptr) {
    bounds.prefix_length = static_cast<int>(length->integer());
    if (const auto count = network->count_of(bounds.prefix_length)) {
      bounds.network = *network;
      bounds.ranges.push_back({0, *count - 1});
    }
  }
  return bounds;
}

json::Value pool_value_of(const model::Pool& pool, const graph::ElementView& root) {
  graph::ElementView child;
  for (auto children = root.children(); children.next_of(model::kinds::characteristic, child);)
    if (const graph::ValueView name = child.field(model::words::name);
        name && name.text() == pool.name)
      if (const graph::ValueView value = child.field(model::words::value))
        return value.to_json();
  return {};
}

std::optional<PoolBounds> pool_bounds(const model::Pool& pool, const graph::ElementView& root) {
  const json::Value value = pool_value_of(pool, root);
  if (value.is_null())
    return std::nullopt;
  PoolBounds bounds = pool_bounds(pool, value);
  const std::int64_t unit = pool.units == model::Units::blocks ? pool.block : 1;
  graph::ElementView edge;
  for (auto children = root.children(); children.next_of(model::kinds::assignment, edge);)
    if (const graph::ValueView view = edge.field(model::words::value);
        view && text_of(edge, model::words::number_of("pool")) == pool.name)
      if (const json::Value number = view.to_json(); number.if_integer() != nullptr)
        bounds.except.push_back({number.integer(), number.integer() + unit - 1});
  return bounds;
}

std::string scope_of_pool(const graph::KeyView& assigner, const model::Pool& pool) {
  return graph::pool_scope(std::to_string(assigner.tenant) + '/' + std::to_string(assigner.family) +
                               '/' + std::string(assigner.id) + '/' + pool.name,
                           pool.units == model::Units::blocks ? pool.block : 1);
}

std::optional<graph::Key> assigner_of_scope(std::string_view scope) {
  const auto unit = graph::unit_of_scope(scope);
  if (!unit)
    return std::nullopt;
  scope.remove_prefix(graph::pool_scope({}, *unit).size());
  const auto number = [&scope]() -> std::optional<std::uint32_t> {
    const std::size_t end = scope.find('/');
    if (end == std::string_view::npos)
      return std::nullopt;
    std::uint32_t read = 0;
    const auto [stop, failure] = std::from_chars(scope.data(), scope.data() + end, read);
    if (failure != std::errc() || stop != scope.data() + end)
      return std::nullopt;
    scope.remove_prefix(end + 1);
    return read;
  };
  const auto tenant = number();
  const auto family = number();
  const std::size_t end = scope.rfind('/');
  if (!tenant || !family || *family > std::numeric_limits<graph::Family>::max() ||
      end == std::string_view::npos)
    return std::nullopt;
  return graph::Key(graph::Tenant{*tenant}, static_cast<graph::Family>(*family),
                    std::string(scope.substr(0, end)));
}

graph::FreeQuery free_query(const graph::KeyView& assigner, const model::Pool& pool,
                            const PoolBounds& bounds) {
  graph::FreeQuery query;
  query.scope = scope_of_pool(assigner, pool);
  query.ranges = bounds.ranges;
  query.except = bounds.except;
  query.of = pool.units == model::Units::blocks ? graph::FreeQuery::Of::units
                                                : graph::FreeQuery::Of::numbers;
  return query;
}

std::int64_t size_of(const graph::FreeQuery& query) {
  const auto ranges = graph::allowed_ranges(query);
  if (!ranges)
    return 0;
  const std::uint32_t unit =
      query.of == graph::FreeQuery::Of::units ? graph::unit_of_scope(query.scope).value_or(1) : 1;
  std::int64_t size = 0;
  for (const graph::NumberRange& range : *ranges) {
    const std::int64_t first = (range.first + unit - 1) / unit;
    const std::int64_t end = (range.last + 1) / unit;
    size += std::max<std::int64_t>(0, end - first);
  }
  return size;
}

} // namespace diffo::rules

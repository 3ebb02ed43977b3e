#include "base/text.h"
#include "base/url_text.h"
#include "query/condition.h"
#include "server/parameters.h"
#include "server/surfaces/expandable_places.h"
#include "server/surfaces/expansion.h"

#include <algorithm>
#include <utility>

namespace diffo::server {
namespace {

constexpr std::size_t max_paths = 100;

bool may_ask(std::string_view query) {
  return query.find("expand") != std::string_view::npos ||
         query.find("depth") != std::string_view::npos || query.find('%') != std::string_view::npos;
}

bool can_expand(const ExpandablePlaces& places, const std::vector<std::string>& path) {
  const auto place = std::find_if(places.begin(), places.end(), [&](const ExpandablePlace& one) {
    return one.name == path.front();
  });
  if (place == places.end())
    return false;
  return path.size() == 1 || place->is_open || (path.size() == 2 && path[1] == place->inner);
}

Error no_reference(std::string_view path, const ExpandablePlaces& places) {
  std::string names;
  for (const ExpandablePlace& place : places)
    (names += names.empty() ? "" : ", ") += place.name;
  return {ErrorCode::invalid,
          "there is no reference at \"" + shortened(path, 64) + "\"; " +
              (names.empty() ? "documents of this collection have none"
                             : "those of " + names + " can be expanded"),
          "expand"};
}

Result<std::vector<std::vector<std::string>>> read_paths(std::string_view text,
                                                         const ExpandablePlaces& places) {
  if (text.size() > max_value_bytes)
    return Error{ErrorCode::invalid, "is longer than 2048 bytes", "expand"};
  std::vector<std::vector<std::string>> paths;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    std::string_view item = text.substr(begin, end - begin);
    begin = end + 1;
    while (item.starts_with(' '))
      item.remove_prefix(1);
    while (item.ends_with(' '))
      item.remove_suffix(1);
    auto path = query::split_path(item);
    if (!path || path->empty() || !can_expand(places, *path))
      return no_reference(item, places);
    paths.push_back(std::move(path).value());
    if (paths.size() > max_paths)
      return Error{ErrorCode::invalid, "at most 100 paths can be expanded", "expand"};
  }
  return paths;
}

Result<unsigned> read_depth(std::string_view text) {
  if (text.size() != 1 || text.front() < '0' ||
      text.front() > static_cast<char>('0' + max_expansion_depth))
    return Error{ErrorCode::invalid, "must be a number from 0 to 3", "depth"};
  return static_cast<unsigned>(text.front() - '0');
}

} // namespace

Result<TakenExpansion> take_expansion(std::string_view query, model::Api api,
                                      model::Version version, const graph::Schema& schema) {
  if (!may_ask(query))
    return TakenExpansion{{}, std::string(query)};
  const TakenParameter expand = TRY(take_parameter(query, "expand"));
  TakenParameter depth = TRY(take_parameter(expand.rest, "depth"));
  TakenExpansion taken{{}, std::move(depth.rest)};
  const unsigned levels = depth.value ? TRY(read_depth(*depth.value)) : 0;
  if (!expand.value && levels == 0)
    return taken;
  taken.asked = ExpansionRequest{api, version, {}, std::max(levels, 1U)};
  if (expand.value)
    taken.asked->paths =
        TRY(read_paths(*expand.value, expandable_places(api, version, model::model_of(schema))));
  return taken;
}

} // namespace diffo::server

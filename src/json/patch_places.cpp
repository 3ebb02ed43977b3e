#include "json/patch_places.h"

#include "base/url_text.h"
#include "json/json_path_tree.h"
#include "json/operand.h"
#include "json/pointer.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace diffo::json {
namespace {

Error spent() {
  return {ErrorCode::too_large, "the patch looks at more of the document than it may"};
}

/// Whether a value below is that text, or what it spells; arrays pass the names on.
bool has_equal(const Value& value, std::span<const std::string> names, const Operand& operand,
               Budget& budget) {
  if (!budget.spend())
    return false;
  if (const Array* items = value.if_array())
    return std::any_of(items->begin(), items->end(),
                       [&](const Value& item) { return has_equal(item, names, operand, budget); });
  if (names.empty())
    return operand.matches(value, Compare::equal);
  const Value* member = value.find(names.front());
  return member != nullptr && has_equal(*member, names.subspan(1), operand, budget);
}

std::string decoded(std::string_view text) {
  auto value = percent_decode(text);
  return value ? std::move(*value) : std::string(text);
}

std::vector<std::string> split_at_dots(std::string_view text) {
  std::vector<std::string> parts(1);
  for (const char c : text)
    if (c == '.')
      parts.emplace_back();
    else
      parts.back() += c;
  return parts;
}

} // namespace

Result<PatchPath> PatchPath::parse(std::string_view text) {
  if (text.starts_with('/'))
    return parse_part5(text);
  auto path = JsonPath::parse_tmf630(text);
  if (!path)
    return Error{ErrorCode::malformed, std::move(path).error().message};
  return PatchPath(std::move(*path));
}

Result<PatchPath> PatchPath::parse_part5(std::string_view text) {
  if (text.size() > JsonPath::max_text_bytes)
    return Error{ErrorCode::malformed, "a path has 4096 bytes at most"};
  PatchPath path;
  const std::size_t question = std::min(text.find('?'), text.size());
  path.names_ = TRY(Pointer::parse(text.substr(0, question))).tokens();
  for (const RawParameter& one : split_query(text.substr(std::min(question + 1, text.size())))) {
    const std::string name = decoded(one.name);
    if (!one.has_value || name.empty())
      return Error{ErrorCode::malformed, "a condition of a path is written name=value"};
    Demand demand{0, split_at_dots(name), decoded(one.value)};
    while (demand.at < path.names_.size() && demand.at < demand.rest.size() &&
           path.names_[demand.at] == demand.rest[demand.at])
      ++demand.at;
    demand.rest.erase(demand.rest.begin(),
                      demand.rest.begin() + static_cast<std::ptrdiff_t>(demand.at));
    path.demands_.push_back(std::move(demand));
  }
  return path;
}

bool PatchPath::meets(const Value& value, std::size_t at, Budget& budget) const {
  return std::all_of(demands_.begin(), demands_.end(), [&](const Demand& demand) {
    if (demand.at != at)
      return true;
    const auto operand = Operand::make(Value(demand.value), Compare::equal, Reading::value);
    return operand && has_equal(value, demand.rest, *operand, budget);
  });
}

/// The values that the first `count` names lead to. An array on the way stands for its items, of
/// which those count that meet what is demanded there.
Result<std::vector<Place>> PatchPath::walk(Value& document, std::size_t count,
                                           Budget& budget) const {
  std::vector<Place> places{{&document, nullptr, 0}};
  if (!meets(document, 0, budget))
    return std::vector<Place>();
  for (std::size_t at = 0; at < count; ++at) {
    const bool is_last = at + 1 == count;
    const bool demands = std::any_of(demands_.begin(), demands_.end(),
                                     [at](const Demand& one) { return one.at == at + 1; });
    std::vector<Place> next;
    const auto take = [&](Value& value, Value& holder, std::size_t depth) {
      Array* items = value.if_array();
      if (items == nullptr || (is_last && !demands)) {
        if (!demands || meets(value, at + 1, budget))
          next.push_back({&value, &holder, depth});
        return;
      }
      const bool by_position = !is_last && (array_index(names_[at + 1]) || names_[at + 1] == "-");
      if (by_position && !demands)
        return next.push_back({&value, &holder, depth});
      for (Value& item : *items)
        if (!demands || meets(item, at + 1, budget))
          next.push_back({&item, &value, depth + 1});
    };
    for (const Place& place : places) {
      if (!budget.spend())
        return spent();
      if (Array* items = place.value->if_array()) {
        const auto index = array_index(names_[at]);
        if (names_[at] == "-")
          next.push_back(place);
        else if (index && *index < items->size())
          take((*items)[*index], *place.value, place.depth + 1);
      } else if (Object* members = place.value->if_object()) {
        if (Value* member = members->find(names_[at]))
          take(*member, *place.value, place.depth + 1);
      }
    }
    places = std::move(next);
  }
  return places;
}

Result<std::vector<Place>> PatchPath::places(Value& document, Budget& budget) const {
  if (!path_)
    return walk(document, names_.size(), budget);
  const Nodes nodes = TRY(path_->select({&document, &document}, budget));
  std::vector<Place> places;
  std::unordered_set<const Value*> seen;
  for (std::size_t at = 0; at < nodes.size(); ++at) {
    if (!seen.insert(&nodes[at]).second)
      continue;
    places.push_back({const_cast<Value*>(&nodes[at]), const_cast<Value*>(nodes.holder_of(at)),
                      nodes.depth_of(at)});
  }
  return places;
}

std::string_view PatchPath::last_name() const {
  if (!path_)
    return names_.empty() ? std::string_view() : std::string_view(names_.back());
  const auto& segments = path_->query().segments;
  if (segments.empty() || segments.back().reach != path::Reach::child ||
      segments.back().selectors.size() != 1 ||
      segments.back().selectors[0].kind != path::SelectorKind::name)
    return {};
  return segments.back().selectors[0].name;
}

Result<std::vector<Place>> PatchPath::holders(Value& document, Budget& budget) const {
  if (last_name().empty())
    return std::vector<Place>();
  if (path_) {
    path::Query before = path_->query();
    before.segments.pop_back();
    return PatchPath(JsonPath(std::move(before))).places(document, budget);
  }
  // What is demanded of what is not there is not met.
  if (std::any_of(demands_.begin(), demands_.end(),
                  [this](const Demand& one) { return one.at == names_.size(); }))
    return std::vector<Place>();
  return walk(document, names_.size() - 1, budget);
}

} // namespace diffo::json

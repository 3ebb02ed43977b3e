#include "mapping/shape.h"

namespace diffo::mapping {
namespace {

Error at(Error error, const std::string& path) {
  if (error.path.empty())
    error.path = path;
  return error;
}

std::string child(const std::string& path, std::string_view token) {
  std::string pointer = path;
  json::append_token(pointer, token);
  return pointer;
}

Result<void> check(const Template& text, const Names& names) {
  for (const Hole* hole : text.holes()) {
    if (const std::string* parameter = hole->parameter())
      if (names.parameters == nullptr || !names.parameters->contains(*parameter))
        return Error{ErrorCode::invalid, "no parameter is called " + *parameter};
    for (const std::string& table : hole->tables())
      if (names.tables == nullptr || !names.tables->contains(table))
        return Error{ErrorCode::invalid, "no table is called " + table};
  }
  return {};
}

} // namespace

struct Shape::Each {
  JsonPath path;
  std::optional<PathCondition> when;
  Shape item;
};

Result<Shape> Shape::of(const json::Value& value, const std::string& path, const Names& names) {
  Shape shape;
  shape.path_ = path;
  if (const std::string* text = value.if_string(); text != nullptr && Template::has_holes(*text)) {
    auto parsed = Template::parse(*text);
    if (!parsed)
      return at(parsed.error(), path);
    if (const auto known = check(*parsed, names); !known)
      return at(known.error(), path);
    shape.content_ = std::move(*parsed);
  } else if (const json::Object* object = value.if_object()) {
    Members members;
    for (const auto& [name, member] : *object)
      members.emplace_back(name, TRY(of(member, child(path, name), names)));
    shape.content_ = std::move(members);
  } else if (const json::Array* list = value.if_array()) {
    Items items;
    for (const json::Value& item : *list) {
      const std::string place = child(path, std::to_string(items.size()));
      const bool is_each = item.find("item") != nullptr &&
                           (item.find("each") != nullptr || item.find("when") != nullptr);
      items.push_back(is_each ? TRY(each_of(item, place, names)) : TRY(of(item, place, names)));
    }
    shape.content_ = std::move(items);
  } else {
    shape.content_ = value;
  }
  return shape;
}

Result<Shape> Shape::each_of(const json::Value& value, const std::string& path,
                             const Names& names) {
  for (const auto& [name, member] : value.object())
    if (name != "item" && ((name != "each" && name != "when") || !member.is_string()))
      return Error{ErrorCode::invalid, "beside item stand the texts each and when alone",
                   child(path, name)};
  const bool is_all = value.find("each") != nullptr;
  auto parsed = JsonPath::parse(is_all ? value.text_of("each") : "@");
  if (!parsed)
    return at(parsed.error(), child(path, "each"));
  std::optional<PathCondition> when;
  if (value.find("when") != nullptr) {
    auto condition = PathCondition::parse(value.text_of("when"));
    if (!condition)
      return at(condition.error(), child(path, "when"));
    when = std::move(*condition);
  }
  Shape shape;
  shape.path_ = path;
  shape.content_ =
      std::make_shared<const Each>(Each{std::move(*parsed), std::move(when),
                                        TRY(of(*value.find("item"), child(path, "item"), names))});
  return shape;
}

Result<Filled> Shape::fill(const Scope& scope, Budget& budget, std::string& lacking) const {
  if (const json::Value* value = std::get_if<json::Value>(&content_))
    return Filled(*value);
  if (const Members* members = std::get_if<Members>(&content_))
    return fill_object(*members, scope, budget, lacking);
  if (const Items* items = std::get_if<Items>(&content_))
    return fill_list(*items, scope, budget);
  auto filled = std::get<Template>(content_).fill(scope, budget);
  if (!filled)
    return at(filled.error(), path_);
  return filled;
}

Result<Filled> Shape::fill_object(const Members& members, const Scope& scope, Budget& budget,
                                  std::string& lacking) const {
  json::Object object;
  for (const auto& [name, shape] : members) {
    Filled value = TRY(shape.fill(scope, budget, lacking));
    if (value)
      object.append(name, std::move(*value));
    else if (lacking.empty())
      lacking = shape.path_;
  }
  if (object.empty() && !members.empty())
    return Filled();
  return Filled(std::move(object));
}

Result<Filled> Shape::fill_list(const Items& items, const Scope& scope, Budget& budget) const {
  json::Array list;
  for (const Shape& item : items) {
    if (const auto* each = std::get_if<std::shared_ptr<const Each>>(&item.content_))
      TRY(add_each(**each, scope, budget, list));
    else
      TRY(item.add_item(scope, budget, list));
  }
  if (list.empty() && !items.empty())
    return Filled();
  return Filled(std::move(list));
}

Result<void> Shape::add_item(const Scope& scope, Budget& budget, json::Array& list) const {
  std::string lacking;
  Filled value = TRY(fill(scope, budget, lacking));
  if (value && lacking.empty())
    list.push_back(std::move(*value));
  return {};
}

Result<void> Shape::add_each(const Each& each, const Scope& scope, Budget& budget,
                             json::Array& list) const {
  const Nodes nodes = TRY(each.path.select(scope.roots, budget));
  for (std::size_t found = 0; found < nodes.size(); ++found) {
    Scope inner = scope;
    inner.roots.current = &nodes[found];
    if (each.when && !TRY(each.when->holds(inner.roots, budget)))
      continue;
    const auto way = nodes.way_to(found);
    if (!way.empty())
      inner.key = way.back().name != nullptr
                      ? json::Value(*way.back().name)
                      : json::Value(static_cast<std::int64_t>(way.back().index));
    TRY(each.item.add_item(inner, budget, list));
  }
  return {};
}

} // namespace diffo::mapping

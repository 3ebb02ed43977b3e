#include "json/number.h"

#include <algorithm>

namespace diffo::json {
namespace {

/// Up to so many members, looking at all of them beats any index.
constexpr std::size_t few_members = 16;

bool equal_objects(const Object& left, const Object& right) {
  if (left.size() != right.size())
    return false;
  if (left.size() <= few_members) {
    return std::all_of(left.begin(), left.end(), [&](const Member& member) {
      const Value* other = right.find(member.name);
      return other != nullptr && member.value == *other;
    });
  }
  const auto sorted = [](const Object& object) {
    std::vector<const Member*> members;
    members.reserve(object.size());
    for (const Member& member : object)
      members.push_back(&member);
    std::sort(members.begin(), members.end(),
              [](const Member* a, const Member* b) { return a->name < b->name; });
    return members;
  };
  const std::vector<const Member*> left_members = sorted(left);
  const std::vector<const Member*> right_members = sorted(right);
  return std::equal(
      left_members.begin(), left_members.end(), right_members.begin(),
      [](const Member* a, const Member* b) { return a->name == b->name && a->value == b->value; });
}

} // namespace

Object::Object(std::initializer_list<Member> members) {
  reserve(members.size());
  for (const Member& member : members)
    set(member.name, member.value);
}

const Value* Object::find(std::string_view name) const {
  for (const Member& member : members_) {
    if (member.name == name)
      return &member.value;
  }
  return nullptr;
}

Value* Object::find(std::string_view name) {
  return const_cast<Value*>(std::as_const(*this).find(name));
}

Value& Object::set(std::string_view name, Value value) {
  if (Value* present = find(name)) {
    *present = std::move(value);
    return *present;
  }
  return append(std::string(name), std::move(value));
}

Value& Object::append(std::string name, Value value) {
  return members_.emplace_back(std::move(name), std::move(value)).value;
}

bool Object::erase(std::string_view name) {
  const auto found = std::find_if(members_.begin(), members_.end(),
                                  [&](const Member& member) { return member.name == name; });
  if (found == members_.end())
    return false;
  members_.erase(found);
  return true;
}

void Object::reserve(std::size_t count) {
  members_.reserve(count);
}

bool Value::is_number() const {
  return kind() == Kind::integer || kind() == Kind::real || kind() == Kind::number;
}

bool Value::boolean() const {
  DIFFO_ASSERT(kind() == Kind::boolean);
  return *std::get_if<bool>(&state_);
}

std::int64_t Value::integer() const {
  DIFFO_ASSERT(kind() == Kind::integer);
  return *std::get_if<std::int64_t>(&state_);
}

double Value::real() const {
  DIFFO_ASSERT(kind() == Kind::real);
  return *std::get_if<double>(&state_);
}

const std::string& Value::number_text() const {
  DIFFO_ASSERT(kind() == Kind::number);
  return std::get_if<Number>(&state_)->text;
}

const std::string& Value::string() const {
  DIFFO_ASSERT(kind() == Kind::string);
  return *std::get_if<std::string>(&state_);
}

const Array& Value::array() const {
  DIFFO_ASSERT(kind() == Kind::array);
  return *std::get_if<Array>(&state_);
}

Array& Value::array() {
  return const_cast<Array&>(std::as_const(*this).array());
}

const Object& Value::object() const {
  DIFFO_ASSERT(kind() == Kind::object);
  return *std::get_if<Object>(&state_);
}

Object& Value::object() {
  return const_cast<Object&>(std::as_const(*this).object());
}

const Value* Value::find(std::string_view name) const {
  const Object* object = if_object();
  return object == nullptr ? nullptr : object->find(name);
}

std::string_view Value::text_of(std::string_view name) const {
  const Value* value = find(name);
  const std::string* text = value == nullptr ? nullptr : value->if_string();
  return text == nullptr ? std::string_view{} : std::string_view{*text};
}

double Value::as_double() const {
  switch (kind()) {
  case Kind::integer:
    return static_cast<double>(integer());
  case Kind::real:
    return real();
  case Kind::number:
    return double_of_number(number_text());
  case Kind::null:
  case Kind::boolean:
  case Kind::string:
  case Kind::array:
  case Kind::object:
    break;
  }
  return 0;
}

bool operator==(const Value& left, const Value& right) {
  if (left.is_number() && right.is_number())
    return compare_numbers(left, right) == 0;
  if (left.kind() != right.kind())
    return false;
  switch (left.kind()) {
  case Kind::null:
    return true;
  case Kind::boolean:
    return left.boolean() == right.boolean();
  case Kind::string:
    return left.string() == right.string();
  case Kind::array:
    return left.array() == right.array();
  case Kind::object:
    return equal_objects(left.object(), right.object());
  case Kind::integer:
  case Kind::real:
  case Kind::number:
    break;
  }
  return false;
}

} // namespace diffo::json

#include "model/typed_value.h"

#include "base/ip_prefix.h"
#include "base/text.h"
#include "base/uuid.h"
#include "model/field_place.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace diffo::model {
namespace {

constexpr std::size_t most_problems = 100;

std::string join(const std::string& path, std::string_view token) {
  std::string joined = path;
  json::append_token(joined, token);
  return joined;
}

std::size_t characters_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; // of UTF-8 the first byte
  }));
}

bool is_integral(const json::Value& value) {
  const double number = value.as_double();
  return value.if_integer() != nullptr || (std::isfinite(number) && std::floor(number) == number);
}

std::string_view demand_of(Scalar scalar) {
  switch (scalar) {
  case Scalar::symbol:
    return "must be a text without white space";
  case Scalar::string:
    return "must be a text";
  case Scalar::integer:
    return "must be an integer";
  case Scalar::number:
    return "must be a number";
  case Scalar::boolean:
    return "must be true or false";
  case Scalar::date_time:
    return "must be a date and time as in RFC 3339";
  case Scalar::uuid:
    return "must be a UUID";
  case Scalar::ip:
    return "must be an IPv4 or IPv6 address or prefix";
  case Scalar::kind:
    return "must be an object";
  case Scalar::any:
    break;
  }
  return {};
}

bool is_symbol(const std::string& text) {
  return !text.empty() && text.find_first_of(" \t\r\n\f\v") == std::string::npos;
}

bool is_date_time(const std::string& text) {
  const auto parts = parse_date_parts(text);
  return parts && parts->precision >= DatePrecision::minute;
}

bool fits(Scalar scalar, const json::Value& value) {
  const std::string* text = value.if_string();
  switch (scalar) {
  case Scalar::symbol:
    return text != nullptr && is_symbol(*text);
  case Scalar::string:
    return text != nullptr;
  case Scalar::integer:
    return value.is_number() && is_integral(value);
  case Scalar::number:
    return value.is_number();
  case Scalar::boolean:
    return value.is_boolean();
  case Scalar::date_time:
    return text != nullptr && is_date_time(*text);
  case Scalar::uuid:
    return text != nullptr && Uuid::parse(*text).has_value();
  case Scalar::ip:
    return text != nullptr && IpPrefix::parse(*text).has_value();
  case Scalar::kind:
    return value.is_object();
  case Scalar::any:
    break;
  }
  return true;
}

std::string listed(const std::vector<json::Value>& values) {
  std::string list;
  for (const json::Value& value : values) {
    const std::string* text = value.if_string();
    list += (list.empty() ? "" : ", ") + (text != nullptr ? *text : json::to_text(value));
  }
  return list;
}

std::string text_of_bound(double bound) {
  return std::floor(bound) == bound && std::abs(bound) < 1e15
             ? std::to_string(static_cast<std::int64_t>(bound))
             : json::to_text(json::Value(bound));
}

/// The first field that a question is answered with yes for.
template <typename Question>
const Field* field_where(const DeclaredKind& kind, const Question& question) {
  const auto found = std::find_if(kind.fields.begin(), kind.fields.end(), question);
  return found == kind.fields.end() ? nullptr : &*found;
}

/// In a document what the wire calls so counts before what is declared so.
const Field* field_named(const DeclaredKind& kind, std::string_view name) {
  if (const Field* field =
          field_where(kind, [name](const Field& one) { return one.wire_name() == name; }))
    return field;
  if (const Field* field = field_declared(kind, name))
    return field;
  return field_where(kind, [name](const Field& one) { return camel_case(one.name) == name; });
}

/// What is called by its name in the declaration moves to where the wire has it.
json::Object document_on_the_wire(const DeclaredKind& kind, const json::Object& given) {
  json::Object wire;
  for (const auto& [name, value] : given) {
    const bool is_group =
        std::any_of(kind.groups.begin(), kind.groups.end(),
                    [&wanted = name](const Group& group) { return group.name == wanted; });
    const Field* field = is_group ? nullptr : field_named(kind, name);
    if (field == nullptr) {
      wire.set(name, value);
      continue;
    }
    const auto [group, member] = group_of(kind, field->name);
    if (group == nullptr) {
      wire.set(field->wire_name(), value);
      continue;
    }
    json::Value* object = wire.find(group->name);
    if (object == nullptr || !object->is_object())
      object = &wire.set(group->name, json::Object());
    object->object().set(member, value);
  }
  return wire;
}

} // namespace

std::string camel_case(std::string_view name) {
  std::string made;
  for (std::size_t index = 0; index < name.size(); ++index)
    if (name[index] == '_' && index + 1 < name.size() && index > 0 && name[index + 1] >= 'a' &&
        name[index + 1] <= 'z')
      made += static_cast<char>(name[++index] - 'a' + 'A');
    else
      made += name[index];
  return made;
}

std::vector<WireMember> wire_members(const DeclaredKind& kind) {
  std::vector<WireMember> members;
  for (const Field& field : kind.fields) {
    if (group_of(kind, field.name).first == nullptr) {
      members.push_back({.name = field.wire_name(), .field = &field});
      continue;
    }
    for (const Group& group : kind.groups) {
      const bool has = std::any_of(group.members.begin(), group.members.end(),
                                   [&](const auto& one) { return one.second == field.name; });
      const bool known = std::any_of(members.begin(), members.end(),
                                     [&](const WireMember& one) { return one.group == &group; });
      if (has && !known)
        members.push_back({.name = group.name, .group = &group});
    }
  }
  return members;
}

void TypedReader::refuse(const std::string& path, std::string message) {
  if (problems_.size() < most_problems)
    problems_.push_back({ErrorCode::invalid, std::move(message), path});
}

void TypedReader::refuse_range(const Type& type, const std::string& path, std::string message) {
  if (out_of_range_ != nullptr && out_of_range_->size() < most_problems)
    out_of_range_->push_back({path, &type});
  if (ranges_ == Ranges::checked)
    refuse(path, std::move(message));
}

json::Value TypedReader::read(const Field& field, const json::Value& given,
                              const std::string& path) {
  if (!given.is_null())
    return read(field.type, given, path);
  if (field.otherwise)
    return default_of(kinds_, field);
  if (field.required)
    refuse_range(field.type, path, field.name + " is required");
  return {};
}

json::Value TypedReader::read(const Type& type, const json::Value& given, const std::string& path) {
  if (!type.array)
    return read_one(type, given, path);
  const json::Array* items = given.if_array();
  if (items == nullptr) {
    refuse(path, "must be an array");
    return given;
  }
  check_list(type, *items, path);
  json::Array read;
  read.reserve(items->size());
  for (std::size_t index = 0; index < items->size(); ++index)
    read.push_back(read_one(type, (*items)[index], path + '/' + std::to_string(index)));
  return read;
}

json::Value TypedReader::read_one(const Type& type, const json::Value& given,
                                  const std::string& path) {
  if (!fits(type.scalar, given)) {
    refuse(path, std::string(demand_of(type.scalar)));
    return given;
  }
  if (type.scalar == Scalar::kind) {
    const DeclaredKind* kind = kinds_.named(type.kind);
    return kind != nullptr ? read_object(*kind, given.object(), path) : given;
  }
  if (!type.one_of.empty() &&
      std::find(type.one_of.begin(), type.one_of.end(), given) == type.one_of.end())
    refuse_range(type, path, "must be one of " + listed(type.one_of));
  if (const std::string* text = given.if_string())
    check_text(type, *text, path);
  else if (given.is_number())
    check_number(type, given, path);
  return given;
}

void TypedReader::check_text(const Type& type, const std::string& text, const std::string& path) {
  if (!type.array) {
    const std::size_t length = characters_of(text);
    if (type.min_length && length < *type.min_length)
      refuse_range(type, path,
                   "must have at least " + std::to_string(*type.min_length) + " characters");
    if (type.max_length && length > *type.max_length)
      refuse_range(type, path,
                   "must have at most " + std::to_string(*type.max_length) + " characters");
  }
  const Pattern* pattern = kinds_.pattern_of(type);
  if (pattern != nullptr && !pattern->found_in(text))
    refuse_range(type, path, "must match the pattern " + type.pattern);
}

void TypedReader::check_number(const Type& type, const json::Value& number,
                               const std::string& path) {
  if (type.min && json::compare_numbers(number, json::Value(*type.min)) < 0)
    refuse_range(type, path, "must be greater than or equal to " + text_of_bound(*type.min));
  if (type.max && json::compare_numbers(number, json::Value(*type.max)) > 0)
    refuse_range(type, path, "must be less than or equal to " + text_of_bound(*type.max));
}

void TypedReader::check_list(const Type& type, const json::Array& items, const std::string& path) {
  if (type.min_length && items.size() < *type.min_length)
    refuse_range(type, path, "must have at least " + std::to_string(*type.min_length) + " items");
  if (type.max_length && items.size() > *type.max_length)
    refuse_range(type, path, "must have at most " + std::to_string(*type.max_length) + " items");
}

json::Value TypedReader::read_object(const DeclaredKind& kind, const json::Object& given,
                                     const std::string& path) {
  const json::Object wire = document_on_the_wire(kind, given);
  const std::vector<WireMember> members = wire_members(kind);
  for (const auto& [name, value] : wire) {
    const bool known =
        std::any_of(members.begin(), members.end(),
                    [&wanted = name](const auto& one) { return one.name == wanted; });
    if (known)
      continue;
    std::string all;
    for (const WireMember& member : members)
      all += (all.empty() ? "" : ", ") + std::string(member.name);
    refuse(join(path, name), "there is no " + shortened(name, 64) + "; there are " + all);
  }
  json::Object read_members;
  for (const WireMember& member : members) {
    const json::Value* value = wire.find(member.name);
    const std::string inner = join(path, member.name);
    if (member.field != nullptr) {
      if (json::Value one = read(*member.field, value != nullptr ? *value : json::Value(), inner);
          !one.is_null())
        read_members.append(std::string(member.name), std::move(one));
      continue;
    }
    if (value != nullptr && !value->is_null() && !value->is_object()) {
      refuse(inner, std::string(demand_of(Scalar::kind)));
      continue;
    }
    json::Object group;
    for (const auto& [name, of_field] : member.group->members) {
      const Field* field = field_declared(kind, of_field);
      const json::Value* part = value != nullptr ? value->find(name) : nullptr;
      if (field == nullptr)
        continue;
      if (json::Value one =
              read(*field, part != nullptr ? *part : json::Value(), join(inner, name));
          !one.is_null())
        group.append(name, std::move(one));
    }
    if (value != nullptr && value->is_object())
      for (const auto& part : value->object()) {
        const bool known = std::any_of(member.group->members.begin(), member.group->members.end(),
                                       [&part](const auto& one) { return one.first == part.name; });
        if (!known)
          refuse(join(inner, part.name), "there is no " + shortened(part.name, 64));
      }
    if (!group.empty())
      read_members.append(std::string(member.name), std::move(group));
  }
  return read_members;
}

json::Value default_of(const DeclaredKinds& kinds, const Field& field) {
  return field.otherwise ? on_the_wire(by_name(kinds), field.type, *field.otherwise)
                         : json::Value();
}

json::Value laid_over(const DeclaredKinds& kinds, const Type& type, const json::Value& base,
                      const json::Value& more) {
  const DeclaredKind* kind =
      type.scalar == Scalar::kind && !type.array ? kinds.named(type.kind) : nullptr;
  if (kind == nullptr || !base.is_object() || !more.is_object())
    return more;
  json::Value merged = base;
  // RFC 7396: objects are laid over each other, a null takes away.
  json::merge_patch(merged, document_on_the_wire(*kind, more.object()));
  return merged;
}

} // namespace diffo::model

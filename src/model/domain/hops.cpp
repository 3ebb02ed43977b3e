#include "model/domain/hops.h"

#include "base/text.h"

#include <optional>

namespace diffo::model {
namespace {

using Direction = Hop::Direction;
using Mechanism = Hop::Mechanism;

Error refused(std::string_view reason, const json::Value& what) {
  return Error{ErrorCode::invalid,
               std::string(reason) + ": " + shortened(json::to_text(what), 100)};
}

struct Arrow {
  std::string_view text;
  Direction direction;
  Mechanism mechanism;
};
constexpr Arrow arrows[] = {
    {"->", Direction::forward, Mechanism::relationship},
    {"<-", Direction::reverse, Mechanism::relationship},
    {"=>", Direction::forward, Mechanism::assignment},
    {"<=", Direction::reverse, Mechanism::assignment},
    {"=@", Direction::forward, Mechanism::place},
    {"<@", Direction::reverse, Mechanism::place},
};

Result<Hop> checked(Hop hop, const json::Value& written) {
  const bool relationship = hop.mechanism == Mechanism::relationship;
  if (relationship && hop.type.empty() && hop.alias.empty())
    return refused("relationship_requires_type_or_alias", written);
  if (hop.mechanism == Mechanism::assignment && hop.alias.empty())
    return refused("assignment_requires_alias", written);
  if (!relationship && hop.alias.empty())
    return refused("place_or_party_requires_role", written);
  return hop;
}

Result<Hop> parse_text(const json::Value& written) {
  std::string_view text = written.string();
  Hop hop;
  for (const Arrow& arrow : arrows) {
    if (!text.starts_with(arrow.text))
      continue;
    text.remove_prefix(arrow.text.size());
    hop.direction = arrow.direction;
    hop.mechanism = arrow.mechanism;
    break;
  }
  if (hop.mechanism == Mechanism::relationship) {
    const std::size_t colon = text.find(':');
    hop.type = text.substr(0, colon);
    text = colon == std::string_view::npos ? "" : text.substr(colon + 1);
  }
  hop.alias = text;
  return checked(std::move(hop), written);
}

/// `{"relationship": type}` or `{"relationship": {"type": …, "alias": …}}`.
Result<Hop> parse_relationship(Hop hop, const json::Value& value, const json::Value& written) {
  hop.mechanism = Mechanism::relationship;
  if (const std::string* type = value.if_string()) {
    hop.type = *type;
    return checked(std::move(hop), written);
  }
  if (!value.is_object())
    return refused("relationship_requires_type_or_alias", written);
  for (const auto& [name, member] : value.object()) {
    if ((name != "type" && name != "alias") || !member.is_string())
      return refused("invalid_hop", written);
    (name == "type" ? hop.type : hop.alias) = member.string();
  }
  return checked(std::move(hop), written);
}

Result<Hop> parse_object(const json::Value& written) {
  if (written.object().size() != 1)
    return refused("invalid_hop", written);
  const json::Member& outer = *written.object().begin();
  if (outer.name != "forward" && outer.name != "reverse")
    return refused("invalid_hop", written);
  Hop hop;
  hop.direction = outer.name == "forward" ? Direction::forward : Direction::reverse;
  // Of several mechanisms the assignment counts (domain.md §3).
  for (const auto& [name, mechanism] : {std::pair{"assignment", Mechanism::assignment},
                                        {"place", Mechanism::place},
                                        {"party", Mechanism::party}}) {
    const json::Value* value = outer.value.find(name);
    if (value == nullptr)
      continue;
    hop.mechanism = mechanism;
    hop.alias = value->is_string() ? value->string() : "";
    return checked(std::move(hop), written);
  }
  if (const json::Value* value = outer.value.find("relationship"))
    return parse_relationship(std::move(hop), *value, written);
  return refused("hop_missing_mechanism", written);
}

std::optional<json::Value> as_text(const Hop& hop) {
  std::string text;
  for (const Arrow& arrow : arrows)
    if (arrow.direction == hop.direction && arrow.mechanism == hop.mechanism)
      text = arrow.text;
  if (text.empty())
    return std::nullopt;
  if (text == "<=")
    text.clear();
  text += hop.type;
  if (hop.mechanism == Mechanism::relationship && !hop.alias.empty())
    text += ':';
  json::Value value(text + hop.alias);
  const auto read = parse_hop(value);
  return read && *read == hop ? std::optional(std::move(value)) : std::nullopt;
}

} // namespace

Result<Hop> parse_hop(const json::Value& value) {
  if (value.is_string())
    return parse_text(value);
  if (value.is_object())
    return parse_object(value);
  return refused("invalid_hop", value);
}

json::Value to_json(const Hop& hop) {
  if (auto text = as_text(hop))
    return std::move(*text);
  json::Object how;
  switch (hop.mechanism) {
  case Mechanism::assignment:
    how.set("assignment", hop.alias);
    break;
  case Mechanism::place:
    how.set("place", hop.alias);
    break;
  case Mechanism::party:
    how.set("party", hop.alias);
    break;
  case Mechanism::relationship: {
    json::Object selector;
    if (!hop.type.empty())
      selector.set("type", hop.type);
    if (!hop.alias.empty())
      selector.set("alias", hop.alias);
    how.set("relationship", std::move(selector));
  }
  }
  json::Object out;
  out.set(hop.direction == Direction::forward ? "forward" : "reverse", std::move(how));
  return out;
}

} // namespace diffo::model

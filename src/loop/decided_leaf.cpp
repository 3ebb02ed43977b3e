#include "loop/decided_leaf.h"

#include "base/dates.h"
#include "base/time.h"

#include <utility>

namespace diffo::loop {

using json::Value;

Value kept_moment(std::int64_t microseconds) {
  return text_of_microseconds(Timestamp{microseconds});
}

std::optional<std::int64_t> kept_moment_in(const Value& object, std::string_view member) {
  const auto instants = parse_instants(object.text_of(member));
  return instants ? std::optional(instants->from) : std::nullopt;
}

// Records keep numbers of families; a selector has none.
json::Object kept_key(const graph::Key& key) {
  return json::Object{{"family", static_cast<std::int64_t>(key.family)}, {"id", key.id}};
}

std::optional<graph::Key> kept_key_in(const Value& object, std::string_view member,
                                      graph::Tenant tenant) {
  const Value* key = object.find(member);
  const Value* family = key != nullptr ? key->find("family") : nullptr;
  const std::int64_t* number = family != nullptr ? family->if_integer() : nullptr;
  if (number == nullptr || *number < 0 || *number > UINT8_MAX)
    return std::nullopt;
  return graph::Key(tenant, static_cast<graph::Family>(*number), std::string(key->text_of("id")));
}

std::optional<DecidedLeaf> kept_leaf_in(const Value& value, graph::Tenant tenant) {
  const auto id = LeafId::parse(value.text_of("id"));
  const auto fingerprint = fingerprint_of(value.text_of("fingerprint"));
  auto expectation = kept_key_in(value, "expectation", tenant);
  auto target = kept_key_in(value, "target", tenant);
  if (!id || !fingerprint || !expectation || !target)
    return std::nullopt;
  return DecidedLeaf{*id, *fingerprint, *std::move(expectation), *std::move(target),
                     std::string(value.text_of("address"))};
}

Value kept_leaf(const DecidedLeaf& leaf) {
  return json::Object{{"id", leaf.id.text()},
                      {"fingerprint", text_of(leaf.fingerprint)},
                      {"expectation", kept_key(leaf.expectation)},
                      {"target", kept_key(leaf.target)},
                      {"address", leaf.address}};
}

json::Object shown_leaf(const DecidedLeaf& leaf, const graph::Schema& schema) {
  const auto shown_key = [&schema](const graph::Key& key) {
    const graph::FamilyDefinition* family = schema.family(key.family);
    return json::Object{{"family", family != nullptr ? family->name : std::string()},
                        {"id", key.id}};
  };
  json::Object shown{{"id", leaf.id.text()},
                     {"fingerprint", text_of(leaf.fingerprint)},
                     {"expectation", shown_key(leaf.expectation)}};
  if (!is_selector(leaf.target))
    shown.append("target", shown_key(leaf.target));
  shown.append("address", leaf.address);
  return shown;
}

} // namespace diffo::loop

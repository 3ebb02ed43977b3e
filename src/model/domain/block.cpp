#include "model/domain/block.h"

#include "base/text.h"
#include "base/time.h"
#include "model/domain/hops.h"

#include <algorithm>

namespace diffo::model {
namespace {

constexpr std::string_view scalar_words =
    "symbol string integer number boolean date_time uuid ip any";

std::string words_for_people(std::string_view words) {
  std::string out;
  for (const char c : words)
    out += c == ' ' ? std::string(", ") : std::string(1, c);
  return out;
}

} // namespace

Spot Spot::child(const yaml::Node& node, std::string_view name) const {
  std::string path = path_;
  if (!path.empty())
    path += '.';
  return {node, path += shortened(name, 255), *file_, *problems_};
}

void Spot::problem_at(Position at, std::string message) const {
  problems_->push_back({std::move(at), path_, std::move(message)});
}

void Spot::read(std::string& text) const {
  if (!node_->is_scalar() || node_->is_null())
    return problem("must be a text");
  text = node_->text;
}

void Spot::read(bool& flag) const {
  const json::Value value = node_->is_scalar() ? yaml::value_of(*node_) : json::Value();
  if (!value.is_boolean())
    return problem("must be true or false");
  flag = value.boolean();
}

void Spot::read(double& number) const {
  const json::Value value = node_->is_scalar() ? yaml::value_of(*node_) : json::Value();
  // What is beyond a double would not read back the same.
  if (!value.is_number() || value.as_double() > std::numeric_limits<double>::max() ||
      value.as_double() < std::numeric_limits<double>::lowest())
    return problem("must be a number");
  number = value.as_double();
}

void Spot::read(std::int64_t& number) const {
  const json::Value value = node_->is_scalar() ? yaml::value_of(*node_) : json::Value();
  if (value.if_integer() == nullptr)
    return problem("must be a whole number of at most 64 bits");
  number = value.integer();
}

void Spot::read_count(std::uint64_t most, std::uint64_t& number) const {
  const json::Value value = node_->is_scalar() ? yaml::value_of(*node_) : json::Value();
  most = std::min<std::uint64_t>(most, std::numeric_limits<std::int64_t>::max());
  if (value.if_integer() == nullptr || value.integer() < 0 ||
      static_cast<std::uint64_t>(value.integer()) > most)
    return problem("must be a whole number from 0 to " + std::to_string(most));
  number = static_cast<std::uint64_t>(value.integer());
}

void Spot::read_seconds(std::uint64_t& seconds) const {
  const auto found = node_->is_scalar() ? parse_period(node_->text) : std::nullopt;
  if (!found)
    return problem("must be a duration of at most a century: seconds, or such as 30s, 5m, 1h, 1d");
  seconds = *found;
}

void Spot::read(std::vector<std::string>& texts) const {
  each_item([&texts](const Spot& item) {
    std::string text;
    item.read(text);
    if (!text.empty())
      texts.push_back(std::move(text));
    else if (item.node().quoted)
      item.problem("must not be empty");
  });
}

void Spot::read_one_or_list(std::vector<std::string>& texts) const {
  if (node_->is_sequence())
    return read(texts);
  std::string text;
  read(text);
  if (!text.empty())
    texts.push_back(std::move(text));
}

void Spot::read(Type& type) const {
  const yaml::Node* name = node_;
  if (name->is_sequence() && name->items.size() == 1) {
    type.array = true;
    name = &name->items.front();
  }
  if (!name->is_scalar() || name->is_null() || name->text.empty())
    return problem("must be the name of a type, in brackets for a list of it");
  const int index = grammar::index_of(name->text, scalar_words);
  type.scalar = index < 0 ? Scalar::kind : static_cast<Scalar>(index);
  if (index < 0)
    type.kind = name->text;
}

void Spot::read(Permission& permission) const {
  if (node_->is_scalar() && (node_->text == "all" || node_->text == "none")) {
    permission.of = node_->text == "all" ? Permission::Of::all : Permission::Of::none;
    return;
  }
  if (!node_->is_sequence() || node_->items.empty())
    return problem("relationships: " + path_.substr(path_.rfind('.') + 1) +
                   " roles must be :all, :none, or a non-empty list of atoms, got: " +
                   shortened(json::to_text(yaml::value_of(*node_)), 100));
  permission.of = Permission::Of::listed;
  read(permission.aliases);
}

void Spot::read_hops(std::string_view whose, std::vector<Hop>& hops) const {
  const std::string invalid = std::string(whose) + ": invalid via — ";
  if (!node_->is_sequence())
    return problem(invalid + "invalid_via: must be a list of hops");
  if (node_->items.size() > most_hops)
    return problem(invalid + "invalid_via: has more than " + std::to_string(most_hops) + " hops");
  each_item([&hops, &invalid](const Spot& item) {
    auto hop = parse_hop(yaml::value_of(item.node()));
    if (hop)
      hops.push_back(std::move(*hop));
    else
      item.problem(invalid + hop.error().message);
  });
}

void Spot::read(std::vector<Span>& spans) const {
  each_item([&spans](const Spot& item) {
    Span span;
    const yaml::Node& node = item.node();
    if (node.is_sequence() && node.items.size() == 2) {
      item.child(node.items[0], "0").read(span.first);
      item.child(node.items[1], "1").read(span.last);
    } else {
      item.read(span.first);
      span.last = span.first;
    }
    spans.push_back(span);
  });
}

void Spot::read(std::vector<std::pair<std::string, std::string>>& texts) const {
  each([&texts](const Spot& spot, const std::string& name, const Position&) {
    std::string text;
    spot.read(text);
    texts.emplace_back(name, std::move(text));
  });
}

void Spot::read(std::vector<std::pair<std::string, json::Value>>& values) const {
  each([&values](const Spot& spot, const std::string& name, const Position&) {
    values.emplace_back(name, yaml::value_of(spot.node()));
  });
}

void Spot::each(
    const std::function<void(const Spot&, const std::string& name, Position)>& take) const {
  if (node_->is_null())
    return;
  if (!node_->is_map())
    return problem("must be a map");
  for (const yaml::Entry& entry : node_->entries)
    take(child(entry.value, entry.key), entry.key, position(entry.at));
}

void Spot::each_item(const std::function<void(const Spot&)>& take) const {
  if (!node_->is_sequence())
    return problem("must be a list");
  for (std::size_t index = 0; index < node_->items.size(); ++index)
    take(child(node_->items[index], std::to_string(index)));
}

Block::Block(const Spot& spot, std::string_view section)
    : spot_(spot), rows_(grammar::rows_of(section)) {
  const yaml::Node& node = spot.node();
  if (!node.is_map() && !node.is_null()) {
    spot.problem("must be a map");
    return;
  }
  std::vector<std::string_view> known;
  for (const grammar::Row& row : rows_) {
    known.push_back(row.key);
    if (row.mandatory && node.find(row.key) == nullptr)
      spot.problem(std::string(row.key) + " is mandatory");
  }
  for (const yaml::Entry& entry : node.entries)
    if (std::find(known.begin(), known.end(), entry.key) == known.end())
      spot.problem_at(spot.position(entry.at), "there is no key " + shortened(entry.key, 60) +
                                                   " here" + grammar::suggestion(entry.key, known));
}

const grammar::Row& Block::row(std::string_view key) const {
  const auto found = std::find_if(rows_.begin(), rows_.end(),
                                  [key](const grammar::Row& row) { return row.key == key; });
  DIFFO_ASSERT(found != rows_.end());
  return *found;
}

std::optional<Spot> Block::find(std::string_view key) const {
  const yaml::Node* node = spot_.node().find(row(key).key);
  return node == nullptr ? std::nullopt : std::optional(spot_.child(*node, key));
}

std::optional<std::size_t> Block::word(std::string_view key) const {
  const auto found = find(key);
  if (!found)
    return std::nullopt;
  const std::string_view words = row(key).of;
  const yaml::Node& node = found->node();
  const int index = node.is_scalar() ? grammar::index_of(node.text, words) : -1;
  if (index < 0) {
    found->problem("must be one of " + words_for_people(words) +
                   ", got: " + shortened(json::to_text(yaml::value_of(node)), 100));
    return std::nullopt;
  }
  return static_cast<std::size_t>(index);
}

void Block::read_any(std::string_view key, std::optional<json::Value>& target) const {
  if (const auto found = find(key))
    target = yaml::value_of(found->node());
}

} // namespace diffo::model

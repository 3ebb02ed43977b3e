#pragma once

#include "model/domain/grammar.h"
#include "model/domain/yaml.h"

#include <diffo/domain_model.h>

#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace diffo::model {

/// A node of a model file with its path, and where problems go. The nodes and the list outlive it.
class Spot {
public:
  Spot(const yaml::Node& node, std::string path, const std::string& file,
       std::vector<ModelProblem>& problems)
      : node_(&node), path_(std::move(path)), file_(&file), problems_(&problems) {}

  [[nodiscard]] const yaml::Node& node() const { return *node_; }
  [[nodiscard]] Position at() const { return position(node_->at); }
  [[nodiscard]] Position position(yaml::Mark mark) const {
    return {*file_, mark.line, mark.column};
  }
  [[nodiscard]] Spot child(const yaml::Node& node, std::string_view name) const;
  void problem(std::string message) const { problem_at(at(), std::move(message)); }
  void problem_at(Position at, std::string message) const;

  // What the node is; anything else is a problem, and the target stays as it is.
  void read(std::string& text) const;
  void read(bool& flag) const;
  void read(double& number) const;
  void read(std::int64_t& number) const;
  /// A whole number from 0 to `most`.
  void read_count(std::uint64_t most, std::uint64_t& number) const;
  void read_seconds(std::uint64_t& seconds) const;
  void read(std::vector<std::string>& texts) const;
  void read_one_or_list(std::vector<std::string>& texts) const;
  void read(Type& type) const;
  void read(Permission& permission) const;
  /// `whose` begins the messages.
  void read_hops(std::string_view whose, std::vector<Hop>& hops) const;
  void read(std::vector<Span>& spans) const;
  void read(std::vector<std::pair<std::string, std::string>>& texts) const;
  void read(std::vector<std::pair<std::string, json::Value>>& values) const;
  /// Each of a map's entries with its name; the position given is that of the key.
  void each(const std::function<void(const Spot&, const std::string& name, Position)>& take) const;
  /// Each of a list's items.
  void each_item(const std::function<void(const Spot&)>& take) const;

private:
  const yaml::Node* node_;
  std::string path_;
  const std::string* file_;
  std::vector<ModelProblem>* problems_;
};

/// A map whose keys are those of a section of the grammar: others, missing ones and everything that
/// is no map are problems.
class Block {
public:
  Block(const Spot& spot, std::string_view section);

  [[nodiscard]] const Spot& spot() const { return spot_; }
  /// What stands behind a key of the section.
  [[nodiscard]] std::optional<Spot> find(std::string_view key) const;

  template <typename Target> void read(std::string_view key, Target& target) const {
    if (const auto found = find(key))
      found->read(target);
  }
  template <typename Target> void read(std::string_view key, std::optional<Target>& target) const {
    if (const auto found = find(key))
      found->read(target.emplace());
  }
  /// Whole numbers that are not negative, as large as the target can be or `most`.
  template <typename Number>
  void read_count(std::string_view key, Number& target,
                  std::uint64_t most = std::numeric_limits<Number>::max()) const {
    std::uint64_t number = target;
    if (const auto found = find(key))
      found->read_count(most, number);
    target = static_cast<Number>(number);
  }
  void read_count(std::string_view key, std::optional<std::uint32_t>& target,
                  std::uint64_t most = std::numeric_limits<std::uint32_t>::max()) const {
    if (find(key))
      read_count(key, target.emplace(0), most);
  }
  /// A word of the row's list, whose enumerators stand in the same order.
  template <typename Enumeration> void read_word(std::string_view key, Enumeration& target) const {
    if (const auto index = word(key))
      target = static_cast<Enumeration>(*index);
  }
  /// The word's place in the row's list.
  [[nodiscard]] std::optional<std::size_t> word(std::string_view key) const;
  void read_any(std::string_view key, std::optional<json::Value>& target) const;
  /// Each of the blocks of a map, made and read by `take`.
  template <typename Item, typename Take>
  void read_blocks(std::string_view key, std::vector<Item>& items, Take take) const {
    if (const auto found = find(key))
      found->each([&items, &take](const Spot& spot, const std::string& name, Position at) {
        Item item = take(spot, name);
        item.at = std::move(at);
        items.push_back(std::move(item));
      });
  }

private:
  [[nodiscard]] const grammar::Row& row(std::string_view key) const;

  Spot spot_;
  std::span<const grammar::Row> rows_;
};

} // namespace diffo::model

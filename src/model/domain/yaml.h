#pragma once

#include <diffo/json.h>
#include <diffo/result.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// YAML 1.2 as a tree that remembers where everything stood. JSON is a part of it. Thread rule:
/// plain values.
namespace diffo::model::yaml {

/// Both from 1, as editors count.
struct Mark {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

enum class NodeKind : std::uint8_t { scalar, sequence, map };

struct Entry;

struct Node {
  NodeKind kind = NodeKind::scalar;
  /// Of a scalar: it is a text whatever it looks like (quoted, a block, or tagged `!!str`).
  bool quoted = false;
  std::string text{};
  // No initializers: those of a list of an incomplete type would not compile.
  std::vector<Node> items;    ///< of a sequence
  std::vector<Entry> entries; ///< of a map, without those whose key was there before
  Mark at{};

  [[nodiscard]] bool is_scalar() const { return kind == NodeKind::scalar; }
  [[nodiscard]] bool is_sequence() const { return kind == NodeKind::sequence; }
  [[nodiscard]] bool is_map() const { return kind == NodeKind::map; }
  /// Nothing was written, or `null` or `~`.
  [[nodiscard]] bool is_null() const;
  [[nodiscard]] const Node* find(std::string_view key) const;
};

struct Entry {
  std::string key;
  Mark at{};
  Node value{};
};

struct Problem {
  Mark at{};
  std::string message;
};

/// Bounds of one file.
struct Limits {
  std::size_t max_bytes = std::size_t{1} << 20;
  std::size_t max_depth = 64;
  /// What aliases stand for counts every time.
  std::size_t max_nodes = 200'000;
  std::size_t max_text_bytes = std::size_t{8} << 20;
};

struct Documents {
  std::vector<Node> documents;
  /// A key that came twice leaves the rest readable; everything else ends the reading.
  std::vector<Problem> problems;
};

/// All documents of a text. Time and memory are linear in its length and the bounds.
Documents read(std::string_view text, const Limits& limits = {});

/// The same of a text that must have no problem. Errors: invalid, with the first one, beginning
/// with `name` and its place.
Result<Documents> read_sound(std::string_view name, std::string_view text);

/// The value of a text that must be one sound document, as settings are. Errors: invalid, beginning
/// with `name`.
Result<json::Value> read_one(std::string_view name, std::string_view text);

/// What the node is under the core schema (YAML 1.2 chapter 10.3): null, booleans, numbers, texts,
/// arrays and objects. What is no number JSON could write (`.inf`) is its text.
json::Value value_of(const Node& node);

/// YAML in blocks for people, that reads back as the same value.
std::string to_text(const json::Value& value);

} // namespace diffo::model::yaml

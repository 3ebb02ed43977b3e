#pragma once

#include "outstanding/compiled.h"

#include <string>
#include <string_view>

namespace diffo::outstanding {

/// Where in a document a part stands: decides which lists are keyed.
struct Position {
  const ListShape* list = nullptr;  ///< a list here has this shape
  const ListShape* item = nullptr;  ///< an object here is an item of such a list
  std::string_view family{};        ///< an object here refers to one of this family
  bool free = false;                ///< inside a characteristic's value: lists are positional
  bool keyed_item = false;          ///< an object here is an item of a list by key
  bool root = false;                ///< an object here is a whole document
  Reading reading = Reading::value; ///< of a text here
};

/// Turns a document into nodes. Thread rule: one thread, one document.
class Compiler {
public:
  explicit Compiler(const CompileOptions& options) : options_(options) {}

  Result<Node> compile(const json::Value& value, const Position& position);

private:
  class Inside;
  Result<Node> compile_part(const json::Value& value, const Position& position);
  Result<Node> compile_object(const json::Value& value, const Position& position);
  Result<void> add_expectation(Node& node, const json::Value& expect, const Position& position);
  static void find_keys(Node& node, const ListShape& shape);
  Result<Node> compile_no_item(const json::Value& value, const Position& position);
  [[nodiscard]] Result<void> check_key_member(const json::Member& member,
                                              const ListShape& shape) const;
  void read_as_date(Node& node, const json::Value& literal, const Position& position) const;
  Result<Node> compile_list(const json::Value& value, const json::Array& items,
                            const Position& position, Rule rule);
  Result<Node> compile_matcher(const json::Value& value, const json::Member& member,
                               const Position& position);
  Result<void> fill_matcher(Node& node, const json::Value& argument, const Position& position);
  Result<void> fill_children(Node& node, const json::Value& argument, const Position& position);
  Result<void> fill_function(Node& node, const json::Value& argument) const;
  Result<void> fill_any(Node& node, const json::Value& argument) const;
  Result<void> fill_range(Node& node, const json::Value& argument, const Position& position) const;
  Result<void> fill_compare(Node& node, const json::Value& argument,
                            const Position& position) const;
  Result<void> fill_regex(Node& node, const json::Value& argument);
  Result<void> fill_temporal(Node& node, const json::Value& argument) const;
  Result<void> fill_durations(Node& node, const json::Value& argument) const;
  Result<void> fill_keyword(Node& node, const json::Value& argument);
  Result<void> fill_keyed(Node& node, const json::Value& argument, const Position& position);
  Result<void> fill_items(Node& node, const json::Value& items, const Position& position);
  [[nodiscard]] Error refuse(std::string message, ErrorCode code = ErrorCode::invalid) const;
  /// Where the items of a list at that position stand.
  [[nodiscard]] Position item_position(const Position& position, Rule rule) const;
  [[nodiscard]] Position member_position(std::string_view name, const Position& position) const;

  [[nodiscard]] bool is_keyed_by_place(const Position& position) const {
    return !is_reference() && position.list != nullptr && !position.free;
  }
  /// A document that was shown is expected of its thing wherever that is served; and so is a
  /// reference with an address that says no more than whom its id names.
  [[nodiscard]] bool is_ignored(const json::Object& object, const json::Member& member,
                                const Position& position) const;
  [[nodiscard]] bool is_reference() const { return options_.profile == Profile::reference; }

  const CompileOptions& options_;
  std::size_t parts_ = 0;
  std::size_t patterns_ = 0;
  std::size_t depth_ = 0;
  std::string pointer_;
};

/// Keeps the pointer and the depth true while a part is compiled.
class Compiler::Inside {
public:
  Inside(Compiler& compiler, std::string_view token)
      : compiler_(compiler), length_(compiler.pointer_.size()) {
    json::append_token(compiler_.pointer_, token);
    ++compiler_.depth_;
  }
  ~Inside() {
    compiler_.pointer_.resize(length_);
    --compiler_.depth_;
  }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;

private:
  Compiler& compiler_;
  std::size_t length_;
};

} // namespace diffo::outstanding

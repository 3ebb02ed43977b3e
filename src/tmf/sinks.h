#pragma once

#include "base/text_builder.h"
#include "graph/record.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Where emitting goes: the text of an answer, or the tree of values that patches, filters and
/// expectations look at. Both take the same calls, so that what they show cannot differ and nothing
/// that we wrote must be read back.
namespace diffo::tmf {

/// Appends JSON text. Every value is followed by a comma, which the bracket that closes what is
/// around it replaces; finish() takes away the last. Thread rule: one thread.
class TextSink {
public:
  TextSink(TextBuilder& json, const graph::Dictionary& dictionary)
      : json_(json), dictionary_(dictionary) {}

  void begin_object() { json_ += '{'; }
  void end_object() { close('}'); }
  void begin_array() { json_ += '['; }
  void end_array() { close(']'); }

  void name(graph::Word word) { json_ += dictionary_.member_prefix(word); }
  void name(const graph::Name& name) { graph::emit_name(name, dictionary_, json_); }
  /// A name that needs no escape.
  void plain_name(std::string_view name) {
    json_ += '"';
    json_ += name;
    json_ += "\":";
  }

  void value(const graph::ValueView& view) {
    view.emit(json_);
    json_ += ',';
  }
  /// The value of the field that the cursor is at.
  void value(graph::FieldCursor& fields) {
    fields.emit(json_);
    json_ += ',';
  }
  void value(const json::Value& value) {
    json_.extend([&](std::string& json) { json::write(value, json); });
    json_ += ',';
  }
  void text(std::string_view text) {
    json_.extend([&](std::string& json) { json::write_quoted(text, json); });
    json_ += ',';
  }
  /// A text that needs no escape.
  void plain_text(std::string_view text) {
    json_ += '"';
    json_ += text;
    json_ += "\",";
  }
  /// A text that needs no escape, appended by a function.
  template <typename Append> void made_text(Append append) {
    json_ += '"';
    json_.extend(append);
    json_ += "\",";
  }

  void finish() { json_.pop_back(); }

private:
  void close(char bracket) {
    if (json_.back() == ',')
      json_.back() = bracket;
    else
      json_ += bracket;
    json_ += ',';
  }

  TextBuilder& json_;
  const graph::Dictionary& dictionary_;
};

/// Builds a json::Value. Thread rule: one thread.
class ValueSink {
public:
  explicit ValueSink(const graph::Dictionary& dictionary) : dictionary_(dictionary) {}

  void begin_object() { open_.push_back({std::exchange(name_, {}), json::Object{}}); }
  void end_object() { close(); }
  void begin_array() { open_.push_back({std::exchange(name_, {}), json::Array{}}); }
  void end_array() { close(); }

  void name(graph::Word word) { name_ = dictionary_.text(word); }
  void name(const graph::Name& name) { name_ = name.text; }
  void plain_name(std::string_view name) { name_ = name; }

  void value(const graph::ValueView& view) { add(view.to_json()); }
  void value(graph::FieldCursor& fields) { add(fields.take().to_json()); }
  void value(const json::Value& value) { add(value); }
  void text(std::string_view text) { add(text); }
  void plain_text(std::string_view text) { add(text); }

  template <typename Append> void made_text(Append append) {
    std::string text;
    append(text);
    add(std::move(text));
  }

  void finish() {}
  [[nodiscard]] json::Value take() { return std::move(result_); }

private:
  struct Open {
    std::string name; ///< in what is around it
    json::Value container;
  };

  void close() {
    Open closed = std::move(open_.back());
    open_.pop_back();
    name_ = std::move(closed.name);
    add(std::move(closed.container));
  }

  void add(json::Value value) {
    if (open_.empty())
      result_ = std::move(value);
    else if (json::Object* object = open_.back().container.if_object())
      object->append(std::move(name_), std::move(value));
    else
      open_.back().container.array().push_back(std::move(value));
    name_.clear();
  }

  const graph::Dictionary& dictionary_;
  std::vector<Open> open_;
  std::string name_;
  json::Value result_;
};

} // namespace diffo::tmf

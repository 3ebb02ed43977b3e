#include "graph/packed.h"

#include "graph/packed_layout.h"

#include <charconv>

/// From packed values to JSON text.
namespace diffo::graph {

using namespace layout;

namespace {

void emit_integer(std::int64_t number, TextBuilder& json) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  json += std::string_view(digits, static_cast<std::size_t>(end - digits));
}

void emit_quoted(std::string_view text, TextBuilder& json) {
  json.extend([&](std::string& out) { json::write_quoted(text, out); });
}

void emit_real(double number, TextBuilder& json) {
  json.extend([&](std::string& out) { json::write_real(number, out); });
}

void emit_at(PackedReader& in, const Dictionary& dictionary, TextBuilder& json);

void emit_container(PackedReader& in, bool with_names, const Dictionary& dictionary,
                    TextBuilder& json) {
  in.varint();
  const std::uint64_t count = in.varint();
  json += with_names ? '{' : '[';
  for (std::uint64_t index = 0; index < count && in.ok(); ++index) {
    if (index != 0)
      json += ',';
    if (with_names)
      emit_name(read_name(in, dictionary), dictionary, json);
    emit_at(in, dictionary, json);
  }
  json += with_names ? '}' : ']';
}

void emit_at(PackedReader& in, const Dictionary& dictionary, TextBuilder& json) {
  const std::uint8_t tag = in.byte();
  if (tag >= tag_small_integer) {
    emit_integer(tag - tag_small_integer, json);
    return;
  }
  switch (tag) {
  case tag_null:
    json += "null";
    return;
  case tag_false:
    json += "false";
    return;
  case tag_true:
    json += "true";
    return;
  case tag_integer:
    emit_integer(unzigzag(in.varint()), json);
    return;
  case tag_real:
    emit_real(real_of(in.bytes(8)), json);
    return;
  case tag_number:
    json += in.bytes(in.varint());
    return;
  case tag_escaped_text:
    emit_quoted(in.bytes(in.varint()), json);
    return;
  case tag_array:
  case tag_object:
    emit_container(in, tag == tag_object, dictionary, json);
    return;
  default:
    json += '"';
    append_letters(tag, in, dictionary, json);
    json += '"';
    return;
  }
}

} // namespace

void emit_name(const Name& name, const Dictionary& dictionary, TextBuilder& json) {
  if (name.word != Name::no_word) {
    json += dictionary.member_prefix(name.word);
    return;
  }
  emit_quoted(name.text, json);
  json += ':';
}

void emit_value(PackedReader& in, const Dictionary& dictionary, TextBuilder& json) {
  emit_at(in, dictionary, json);
}

void ValueView::emit(std::string& json) const {
  TextBuilder builder(json);
  emit(builder);
}

void ValueView::emit(TextBuilder& json) const {
  if (bytes_.empty()) {
    json += "null";
    return;
  }
  PackedReader in(bytes_);
  emit_at(in, *dictionary_, json);
}

} // namespace diffo::graph

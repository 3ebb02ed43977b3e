#include "graph/packed.h"

#include "graph/compact_text.h"
#include "graph/packed_layout.h"

#include <bit>

namespace diffo::graph {

using namespace layout;

namespace {

constexpr int max_value_depth = 128;
constexpr std::size_t longest_compressed_text = 1024;

/// Appends a date-time as a number where that says the same.
bool append_instant(std::string& out, std::string_view text) {
  const auto instant = compact_instant(text);
  if (!instant)
    return false;
  out += static_cast<char>(instant->with_milliseconds ? tag_instant_ms : tag_instant_s);
  append_varint(out, zigzag(instant->count));
  return true;
}

void append_plain(std::string& out, std::string_view text) {
  if (text.size() < 64) {
    out += static_cast<char>(tag_short_text + text.size());
  } else {
    out += static_cast<char>(tag_text);
    append_varint(out, text.size());
  }
  out += text;
}

void append_value_at(std::string& out, const json::Value& value, const Dictionary& dictionary,
                     int depth);

void append_sized(std::string& out, std::uint8_t tag, const std::string& content) {
  out += static_cast<char>(tag);
  append_varint(out, content.size());
  out += content;
}

void append_array(std::string& out, const json::Array& items, const Dictionary& dictionary,
                  int depth) {
  std::string content;
  append_varint(content, items.size());
  for (const json::Value& item : items)
    append_value_at(content, item, dictionary, depth + 1);
  append_sized(out, tag_array, content);
}

void append_object(std::string& out, const json::Object& members, const Dictionary& dictionary,
                   int depth) {
  std::string content;
  append_varint(content, members.size());
  for (const auto& [name, value] : members) {
    append_name(content, name, dictionary);
    append_value_at(content, value, dictionary, depth + 1);
  }
  append_sized(out, tag_object, content);
}

void append_value_at(std::string& out, const json::Value& value, const Dictionary& dictionary,
                     int depth) {
  DIFFO_ASSERT(depth <= max_value_depth);
  switch (value.kind()) {
  case json::Kind::null:
    out += static_cast<char>(tag_null);
    return;
  case json::Kind::boolean:
    out += static_cast<char>(value.boolean() ? tag_true : tag_false);
    return;
  case json::Kind::integer:
    if (const std::int64_t number = value.integer(); number >= 0 && number < 128) {
      out += static_cast<char>(tag_small_integer + number);
    } else {
      out += static_cast<char>(tag_integer);
      append_varint(out, zigzag(number));
    }
    return;
  case json::Kind::real:
    out += static_cast<char>(tag_real);
    append_little_endian(out, std::bit_cast<std::uint64_t>(value.real()));
    return;
  case json::Kind::number:
    out += static_cast<char>(tag_number);
    append_varint(out, value.number_text().size());
    out += value.number_text();
    return;
  case json::Kind::string:
    append_text(out, value.string(), dictionary);
    return;
  case json::Kind::array:
    append_array(out, value.array(), dictionary, depth);
    return;
  case json::Kind::object:
    append_object(out, value.object(), dictionary, depth);
    return;
  }
}

bool skip_at(PackedReader& in, int depth);

bool skip_container(PackedReader& in, bool with_names, int depth) {
  PackedReader content = in.sub(in.varint());
  const std::uint64_t count = content.varint();
  for (std::uint64_t index = 0; index < count; ++index) {
    if (with_names) {
      const std::uint64_t name = content.varint();
      if (name & 1)
        content.bytes(name >> 1);
    }
    if (!content.ok() || !skip_at(content, depth + 1))
      return false;
  }
  return in.ok() && content.ok() && content.at_end();
}

bool skip_at(PackedReader& in, int depth) {
  if (depth > max_value_depth)
    return false;
  const std::uint8_t tag = in.byte();
  if (tag >= tag_small_integer)
    return in.ok();
  if (tag >= tag_short_text) {
    in.bytes(tag - tag_short_text);
    return in.ok();
  }
  switch (tag) {
  case tag_null:
  case tag_false:
  case tag_true:
    break;
  case tag_integer:
  case tag_word:
  case tag_instant_ms:
  case tag_instant_s:
    in.varint();
    break;
  case tag_real:
    in.bytes(8);
    break;
  case tag_number:
  case tag_text:
  case tag_escaped_text:
    in.bytes(in.varint());
    break;
  case tag_uuid:
    in.bytes(uuid_bytes);
    break;
  case tag_uuid_inside:
    in.bytes(in.varint());
    in.bytes(uuid_bytes);
    in.bytes(in.varint());
    break;
  case tag_array:
    return skip_container(in, false, depth);
  case tag_object:
    return skip_container(in, true, depth);
  default:
    return false;
  }
  return in.ok();
}

json::Value value_at(PackedReader& in, const Dictionary& dictionary) {
  const std::uint8_t tag = in.byte();
  if (tag >= tag_small_integer)
    return std::int64_t{tag - tag_small_integer};
  switch (tag) {
  case tag_null:
    return nullptr;
  case tag_false:
    return false;
  case tag_true:
    return true;
  case tag_integer:
    return unzigzag(in.varint());
  case tag_real:
    return real_of(in.bytes(8));
  case tag_number:
    return json::Number{std::string(in.bytes(in.varint()))};
  case tag_array: {
    in.varint();
    json::Array items;
    for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left)
      items.push_back(value_at(in, dictionary));
    return items;
  }
  case tag_object: {
    in.varint();
    json::Object members;
    for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
      const Name name = read_name(in, dictionary);
      members.append(std::string(name.text), value_at(in, dictionary));
    }
    return members;
  }
  default: {
    std::string text;
    append_letters(tag, in, dictionary, text);
    return text;
  }
  }
}

} // namespace

std::uint64_t PackedReader::long_varint() {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    const std::uint8_t next = byte();
    if (!ok_)
      return 0;
    value |= static_cast<std::uint64_t>(next & 0x7f) << shift;
    if (next < 0x80)
      return value;
  }
  return fail();
}

void append_long_varint(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    out += static_cast<char>(value | 0x80);
    value >>= 7;
  }
  out += static_cast<char>(value);
}

void append_name(std::string& out, std::string_view name, const Dictionary& dictionary) {
  if (const auto word = dictionary.find(name)) {
    append_varint(out, std::uint64_t{*word} << 1);
    return;
  }
  append_varint(out, name.size() << 1 | 1);
  out += name;
}

Name read_name(PackedReader& in, const Dictionary& dictionary) {
  const std::uint64_t head = in.varint();
  if (head & 1)
    return {in.bytes(head >> 1)};
  return {dictionary.text(head >> 1), head >> 1};
}

void append_value(std::string& out, const json::Value& value, const Dictionary& dictionary) {
  append_value_at(out, value, dictionary, 0);
}

void append_text(std::string& out, std::string_view text, const Dictionary& dictionary) {
  if (const auto word = dictionary.find(text)) {
    out += static_cast<char>(tag_word);
    append_varint(out, *word);
    return;
  }
  if (!json::needs_no_escape(text)) {
    out += static_cast<char>(tag_escaped_text);
    append_varint(out, text.size());
    out += text;
    return;
  }
  if (append_instant(out, text))
    return;
  Uuid uuid;
  const std::size_t at =
      text.size() <= longest_compressed_text ? find_uuid(text, uuid) : std::string_view::npos;
  if (at == std::string_view::npos) {
    append_plain(out, text);
    return;
  }
  const std::string_view raw(reinterpret_cast<const char*>(uuid.bytes.data()), uuid_bytes);
  if (text.size() == Uuid::text_length) {
    out += static_cast<char>(tag_uuid);
    out += raw;
    return;
  }
  out += static_cast<char>(tag_uuid_inside);
  append_varint(out, at);
  out += text.substr(0, at);
  out += raw;
  append_varint(out, text.size() - at - Uuid::text_length);
  out += text.substr(at + Uuid::text_length);
}

bool skip_value(PackedReader& in) {
  return skip_at(in, 0);
}

namespace {

/// Steps over a value of a record that load() has checked: a container is its length.
void step_over(PackedReader& in) {
  const std::uint8_t tag = in.byte();
  if (tag >= tag_small_integer)
    return;
  if (tag >= tag_short_text) {
    in.bytes(tag - tag_short_text);
    return;
  }
  switch (tag) {
  case tag_integer:
  case tag_word:
  case tag_instant_ms:
  case tag_instant_s:
    in.varint();
    return;
  case tag_real:
    in.bytes(8);
    return;
  case tag_number:
  case tag_text:
  case tag_escaped_text:
  case tag_array:
  case tag_object:
    in.bytes(in.varint());
    return;
  case tag_uuid:
    in.bytes(uuid_bytes);
    return;
  case tag_uuid_inside:
    in.bytes(in.varint());
    in.bytes(uuid_bytes);
    in.bytes(in.varint());
    return;
  default: // null, false, true
    return;
  }
}

} // namespace

ValueView::ValueView(PackedReader& in, const Dictionary& dictionary) : dictionary_(&dictionary) {
  const auto* begin = in.position();
  step_over(in);
  if (in.ok())
    bytes_ = {reinterpret_cast<const char*>(begin),
              static_cast<std::size_t>(in.position() - begin)};
}

json::Kind ValueView::kind() const {
  const std::uint8_t tag = bytes_.empty() ? 0 : static_cast<std::uint8_t>(bytes_.front());
  if (tag >= tag_small_integer || tag == tag_integer)
    return json::Kind::integer;
  switch (tag) {
  case tag_null:
    return json::Kind::null;
  case tag_false:
  case tag_true:
    return json::Kind::boolean;
  case tag_real:
    return json::Kind::real;
  case tag_number:
    return json::Kind::number;
  case tag_array:
    return json::Kind::array;
  case tag_object:
    return json::Kind::object;
  default:
    return json::Kind::string;
  }
}

json::Value ValueView::to_json() const {
  if (bytes_.empty())
    return nullptr;
  PackedReader in(bytes_);
  return value_at(in, *dictionary_);
}

std::string ValueView::text() const {
  std::string out;
  if (!bytes_.empty()) {
    PackedReader in(bytes_);
    const std::uint8_t tag = in.byte();
    append_letters(tag, in, *dictionary_, out);
  }
  return out;
}

std::string_view ValueView::direct_text() const {
  if (bytes_.empty())
    return {};
  PackedReader in(bytes_);
  const std::uint8_t tag = in.byte();
  if (tag >= tag_short_text && tag < tag_small_integer)
    return in.bytes(tag - tag_short_text);
  if (tag == tag_text || tag == tag_escaped_text)
    return in.bytes(in.varint());
  if (tag == tag_word)
    return dictionary_->text(in.varint());
  return {};
}

bool ValueView::equals(std::string_view wanted) const {
  if (const std::string_view direct = direct_text(); !direct.empty())
    return direct == wanted;
  return kind() == json::Kind::string && !bytes_.empty() && text() == wanted;
}

} // namespace diffo::graph

#pragma once

#include "bolt/messages.h"

#include <string>
#include <string_view>

namespace diffo::bolt::fake {

/// Reads a value in the notation of the fake server's scripts (docs/formats/bolt-script.md): JSON,
/// and structures by name, `Date(0)`, `Node(1, ["A"], {}, "4:1")`. `*` stands for any value, and in
/// a map `"*": *` for any other entries. Moves `text` behind the value.
Outcome<Value> read_value(std::string_view& text);

/// Reads the values that follow a message's name, to the end of the line.
Outcome<List> read_values(std::string_view text);

/// True when the value is what the pattern describes.
bool matches(const Value& pattern, const Value& value);
bool matches(const List& patterns, const List& values);

/// The signature of that name.
Outcome<Signature> read_signature(std::string_view name);

/// Bytes of "00 01 ff"; white space between them is free.
Outcome<std::string> read_hex(std::string_view text);

} // namespace diffo::bolt::fake

#include "json/pointer.h"

#include <algorithm>
#include <charconv>

namespace diffo::json {

std::optional<std::size_t> array_index(std::string_view token) {
  if (token.empty() || (token.size() > 1 && token.front() == '0') || token.front() == '-')
    return std::nullopt;
  std::size_t index = 0;
  const char* const begin = token.data();
  const char* const end = begin + token.size();
  const auto [stop, failure] = std::from_chars(begin, end, index);
  if (failure != std::errc() || stop != end)
    return std::nullopt;
  return index;
}

const Value* step_into(const Value& value, std::string_view token) {
  if (const Object* object = value.if_object())
    return object->find(token);
  const Array* array = value.if_array();
  const std::optional<std::size_t> index = array == nullptr ? std::nullopt : array_index(token);
  return index && *index < array->size() ? &(*array)[*index] : nullptr;
}

Result<Pointer> Pointer::parse(std::string_view text) {
  std::vector<std::string> tokens;
  if (text.empty())
    return Pointer();
  // RFC 6901 §3: *( "/" reference-token )
  if (text.front() != '/')
    return Error{ErrorCode::malformed, "a JSON pointer begins with /"};
  tokens.reserve(static_cast<std::size_t>(std::count(text.begin(), text.end(), '/')));
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '/') {
      tokens.emplace_back();
    } else if (c != '~') {
      tokens.back() += c;
    } else {
      // §4: ~1 is /, ~0 is ~; anything else is no escape.
      const char code = ++at < text.size() ? text[at] : '\0';
      if (code != '0' && code != '1')
        return Error{ErrorCode::malformed, "~ is followed by neither 0 nor 1 in a JSON pointer"};
      tokens.back() += code == '0' ? '~' : '/';
    }
  }
  return Pointer(std::move(tokens));
}

std::string Pointer::text() const {
  std::string out;
  for (const std::string& token : tokens_)
    append_token(out, token);
  return out;
}

const Value* Pointer::find_in(const Value& document) const {
  const Value* value = &document;
  for (const std::string& token : tokens_) {
    value = step_into(*value, token);
    if (value == nullptr)
      return nullptr;
  }
  return value;
}

Pointer Pointer::child(std::string_view token) const {
  Pointer pointer = *this;
  pointer.tokens_.emplace_back(token);
  return pointer;
}

void append_token(std::string& pointer, std::string_view token) {
  pointer += '/';
  for (char c : token) {
    if (c == '~')
      pointer += "~0";
    else if (c == '/')
      pointer += "~1";
    else
      pointer += c;
  }
}

} // namespace diffo::json

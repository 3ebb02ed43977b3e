#include "neo4j/layout.h"

#include <algorithm>
#include <charconv>

namespace diffo::neo4j {
namespace {

/// The number before the next '|', which is taken with it.
template <typename Number> bool take_number(std::string_view& text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end == text.data() + text.size() || *end != '|')
    return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  return true;
}

} // namespace

std::string key_text(const graph::KeyView& key) {
  std::string text = std::to_string(key.tenant) + '|' + std::to_string(key.family) + '|';
  text += key.id;
  return text;
}

Result<graph::Key> read_key_text(std::string_view text) {
  graph::Key key;
  std::string_view rest = text;
  if (!take_number(rest, key.tenant) || !take_number(rest, key.family) || rest.empty())
    return Error{ErrorCode::corrupt, "\"" + std::string(text) + "\" is no key of a record"};
  key.id = rest;
  return key;
}

std::string scope_text(graph::Tenant tenant, graph::Family family, graph::Which which) {
  return std::to_string(tenant) + '|' + std::to_string(family) +
         (which == graph::Which::actual ? "|a" : "|e");
}

std::string index_property(graph::IndexNumber number) {
  return 'k' + std::to_string(number);
}

bool ListIndexes::has(graph::IndexNumber number) const {
  return std::find(numbers.begin(), numbers.end(), number) != numbers.end();
}

ListIndexes list_indexes_of(const graph::Schema& schema) {
  ListIndexes lists;
  for (const graph::IndexDefinition& index : schema.indexes())
    if (!index.single_key)
      lists.numbers.push_back(index.number);
  return lists;
}

std::string word_text(std::string_view scope, graph::IndexNumber number, std::string_view hex) {
  std::string text(scope);
  text += '|' + std::to_string(number) + '|';
  text += hex;
  return text;
}

std::string hex_text(std::string_view bytes) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    text += digits[value >> 4];
    text += digits[value & 15];
  }
  return text;
}

std::string claim_text(std::string_view scope, std::string_view key) {
  std::string text = std::to_string(scope.size()) + '|';
  text += scope;
  text += '|';
  text += key;
  return text;
}

} // namespace diffo::neo4j

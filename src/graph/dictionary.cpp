#include "graph/dictionary.h"

#include <diffo/json.h>
#include <diffo/result.h>

#include <algorithm>

namespace diffo::graph {

Dictionary::Dictionary(std::span<const std::string_view> words) {
  for (const std::string_view word : words)
    add(word);
}

Dictionary::Dictionary(const Dictionary& first, const std::vector<std::string>& more) {
  for (const std::string_view word : first.words_)
    add(word);
  for (const std::string& word : more)
    add(word);
}

void Dictionary::add(std::string_view given) {
  DIFFO_ASSERT(json::needs_no_escape(given));
  const std::string& word = own_.emplace_back(given);
  const bool fresh = numbers_.emplace(word, static_cast<Word>(words_.size())).second;
  DIFFO_ASSERT(fresh);
  prefixes_.push_back('"' + word + "\":");
  words_.push_back(word);
}

std::optional<Word> Dictionary::find(std::string_view text) const {
  const auto found = numbers_.find(text);
  if (found == numbers_.end())
    return std::nullopt;
  return found->second;
}

bool Dictionary::continues(const Dictionary& other) const {
  return size() >= other.size() &&
         std::equal(other.words_.begin(), other.words_.end(), words_.begin());
}

} // namespace diffo::graph

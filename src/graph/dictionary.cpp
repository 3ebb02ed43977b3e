#include "graph/dictionary.h"

#include <diffo/json.h>
#include <diffo/result.h>

namespace diffo::graph {

Dictionary::Dictionary(std::span<const std::string_view> words)
    : words_(words.begin(), words.end()) {
  prefixes_.reserve(words_.size());
  numbers_.reserve(words_.size());
  for (std::size_t number = 0; number < words_.size(); ++number) {
    DIFFO_ASSERT(json::needs_no_escape(words_[number]));
    prefixes_.push_back('"' + std::string(words_[number]) + "\":");
    DIFFO_ASSERT(numbers_.emplace(words_[number], static_cast<Word>(number)).second);
  }
}

std::optional<Word> Dictionary::find(std::string_view text) const {
  const auto found = numbers_.find(text);
  if (found == numbers_.end())
    return std::nullopt;
  return found->second;
}

} // namespace diffo::graph

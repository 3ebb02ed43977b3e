#include "graph/dictionary.h"

#include <diffo/json.h>
#include <diffo/result.h>

#include <utility>

namespace diffo::graph {

Dictionary::Dictionary(std::span<const std::string_view> words) {
  for (const std::string_view word : words)
    add(word);
}

Dictionary::Dictionary(const Dictionary& program, std::vector<std::string> more)
    : own_(std::move(more)) {
  for (const std::string_view word : program.words_)
    add(word);
  for (const std::string& word : own_)
    add(word);
}

void Dictionary::add(std::string_view word) {
  DIFFO_ASSERT(json::needs_no_escape(word));
  const bool fresh = numbers_.emplace(word, static_cast<Word>(words_.size())).second;
  DIFFO_ASSERT(fresh);
  prefixes_.push_back('"' + std::string(word) + "\":");
  words_.push_back(word);
}

std::optional<Word> Dictionary::find(std::string_view text) const {
  const auto found = numbers_.find(text);
  if (found == numbers_.end())
    return std::nullopt;
  return found->second;
}

} // namespace diffo::graph

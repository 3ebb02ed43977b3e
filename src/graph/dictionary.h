#pragma once

#include "graph/key.h"

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace diffo::graph {

/// The words that records spell with a number instead of letters: attribute names and frequent
/// values. Numbers are positions in a list that only grows: first the program's, then those that a
/// store knows beside them. They are part of the stored format and never reused; a record may hold
/// any other text too, spelled out, so clients cannot make the dictionary grow. Thread rule:
/// immutable.
class Dictionary {
public:
  /// Words must be unique and need no JSON escape.
  explicit Dictionary(std::span<const std::string_view> words);
  /// The words of another dictionary, and more after them.
  Dictionary(const Dictionary& first, const std::vector<std::string>& more);
  Dictionary(const Dictionary&) = delete;
  Dictionary& operator=(const Dictionary&) = delete;

  [[nodiscard]] std::size_t size() const { return words_.size(); }
  /// The word of that number; empty when there is none (a record of a newer program).
  [[nodiscard]] std::string_view text(std::size_t word) const {
    return word < words_.size() ? words_[word] : std::string_view();
  }
  /// `"word":`, ready to be copied into JSON.
  [[nodiscard]] std::string_view member_prefix(std::size_t word) const {
    return word < prefixes_.size() ? std::string_view(prefixes_[word]) : std::string_view();
  }
  [[nodiscard]] std::optional<Word> find(std::string_view text) const;
  /// Whether this one has all words of the other under the same numbers, so that it reads whatever
  /// was written with that.
  [[nodiscard]] bool continues(const Dictionary& other) const;

private:
  /// Where a word may stand in the table of places: `number` is one more than its own, 0 for none.
  struct Place {
    std::uint32_t hash = 0;
    std::uint32_t number = 0;
  };
  void add(std::string_view word);
  void grow();
  void place(std::size_t number);
  std::deque<std::string> own_; ///< never moves
  std::vector<std::string_view> words_;
  std::vector<std::string> prefixes_;
  /// A power of two, at most half of them taken: a word is at the first free place from its hash
  /// on. The table is filled with our own words alone, and so needs no secret: whatever text a
  /// client looks up, no more than one run of it is walked.
  std::vector<Place> places_;
  std::size_t longest_ = 0;
};

} // namespace diffo::graph

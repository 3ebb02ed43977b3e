#include "graph/dictionary.h"

#include <diffo/json.h>
#include <diffo/result.h>

#include <algorithm>
#include <cstring>

namespace diffo::graph {
namespace {

constexpr std::size_t first_places = 64;

std::uint64_t eight_bytes(const char* at) {
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, at, sizeof bytes);
  return bytes;
}

/// Mixes all bytes; the last eight of a longer text may overlap those before them.
std::uint32_t hash_of(std::string_view text) {
  constexpr std::uint64_t odd = 0x9E3779B97F4A7C15U;
  std::uint64_t hash = text.size() * odd;
  const auto take = [&hash](std::uint64_t bytes) {
    hash = (hash ^ bytes) * odd;
    hash ^= hash >> 32U;
  };
  const char* at = text.data();
  if (text.size() >= 8) {
    for (const char* last = at + text.size() - 8; at < last; at += 8)
      take(eight_bytes(at));
    take(eight_bytes(text.data() + text.size() - 8));
  } else {
    std::uint64_t bytes = 0;
    for (const char c : text)
      bytes = bytes << 8U | static_cast<unsigned char>(c);
    take(bytes);
  }
  return static_cast<std::uint32_t>(hash);
}

} // namespace

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
  DIFFO_ASSERT(!find(given));
  const std::string& word = own_.emplace_back(given);
  prefixes_.push_back('"' + word + "\":");
  words_.push_back(word);
  longest_ = std::max(longest_, word.size());
  if (words_.size() * 2 > places_.size())
    grow();
  else
    place(words_.size());
}

void Dictionary::grow() {
  const std::size_t wanted = std::max(first_places, places_.size() * 2);
  places_.assign(wanted, {});
  for (std::size_t number = 1; number <= words_.size(); ++number)
    place(number);
}

void Dictionary::place(std::size_t number) {
  const std::uint32_t hash = hash_of(words_[number - 1]);
  std::size_t at = hash & (places_.size() - 1);
  while (places_[at].number != 0)
    at = (at + 1) & (places_.size() - 1);
  places_[at] = {hash, static_cast<std::uint32_t>(number)};
}

std::optional<Word> Dictionary::find(std::string_view text) const {
  if (text.size() > longest_ || places_.empty())
    return std::nullopt;
  const std::uint32_t hash = hash_of(text);
  for (std::size_t at = hash & (places_.size() - 1); places_[at].number != 0;
       at = (at + 1) & (places_.size() - 1))
    if (places_[at].hash == hash && words_[places_[at].number - 1] == text)
      return static_cast<Word>(places_[at].number - 1);
  return std::nullopt;
}

bool Dictionary::continues(const Dictionary& other) const {
  return size() >= other.size() &&
         std::equal(other.words_.begin(), other.words_.end(), words_.begin());
}

} // namespace diffo::graph

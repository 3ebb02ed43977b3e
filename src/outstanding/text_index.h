#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace diffo::outstanding {

/// A hash that differs from process to process: whoever chooses the texts cannot choose them to
/// collide.
std::uint64_t secret_hash(std::string_view text);

/// Finds positions by text. Built for one comparison of large lists or objects; one allocation a
/// table.
class TextIndex {
public:
  static constexpr std::size_t none = SIZE_MAX;

  /// `text_at(position)` gives the text of a position or nothing; positions without text are left
  /// out.
  template <typename TextAt> TextIndex(std::size_t count, const TextAt& text_at) : entries_(count) {
    std::size_t size = 16;
    while (size < count * 2)
      size *= 2;
    heads_.assign(size, none);
    // Backwards, so that positions with the same text are found in their order.
    for (std::size_t position = count; position-- > 0;)
      if (const auto text = text_at(position)) {
        Entry& entry = entries_[position];
        entry.text = *text;
        std::size_t& head = heads_[slot(*text)];
        entry.next = head;
        head = position;
      }
  }

  /// The first position with that text, or none.
  [[nodiscard]] std::size_t first(std::string_view text) const {
    return same(heads_[slot(text)], text);
  }
  /// The next position with the same text as this one, or none.
  [[nodiscard]] std::size_t after(std::size_t position) const {
    return same(entries_[position].next, entries_[position].text);
  }

private:
  struct Entry {
    std::string_view text;
    std::size_t next = none;
  };
  [[nodiscard]] std::size_t slot(std::string_view text) const {
    return secret_hash(text) & (heads_.size() - 1);
  }
  [[nodiscard]] std::size_t same(std::size_t position, std::string_view text) const {
    while (position != none && entries_[position].text != text)
      position = entries_[position].next;
    return position;
  }

  std::vector<Entry> entries_;
  std::vector<std::size_t> heads_;
};

} // namespace diffo::outstanding

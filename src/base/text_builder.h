#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace diffo {

/// Appends many small pieces to a text. It makes room in steps, so that a piece costs a comparison
/// and a copy; the text is whole when the builder is gone, and must not be touched before. Thread
/// rule: one thread.
class TextBuilder {
public:
  explicit TextBuilder(std::string& text) : text_(text) { look_at(text.size()); }
  TextBuilder(const TextBuilder&) = delete;
  TextBuilder& operator=(const TextBuilder&) = delete;
  ~TextBuilder() { text_.resize(size()); }

  TextBuilder& operator+=(char c) {
    if (at_ == end_)
      grow(1);
    *at_++ = c;
    return *this;
  }
  TextBuilder& operator+=(std::string_view piece) {
    if (static_cast<std::size_t>(end_ - at_) < piece.size())
      grow(piece.size());
    at_ += piece.copy(at_, piece.size());
    return *this;
  }

  /// Lets a function append that knows only texts.
  template <typename Append> void extend(const Append& append) {
    text_.resize(size());
    // Also when it throws.
    const Look again{*this};
    append(text_);
  }

  [[nodiscard]] std::size_t size() const { return static_cast<std::size_t>(at_ - text_.data()); }
  /// The last character; there must be one.
  [[nodiscard]] char& back() { return at_[-1]; }
  void pop_back() { --at_; }

private:
  struct Look {
    TextBuilder& builder;
    ~Look() { builder.look_at(builder.text_.size()); }
  };
  void look_at(std::size_t size) {
    at_ = text_.data() + size;
    end_ = text_.data() + text_.size();
  }
  void grow(std::size_t wanted);

  std::string& text_;
  char* at_ = nullptr;
  char* end_ = nullptr; ///< of the room that was made; what lies between is of no meaning
};

} // namespace diffo

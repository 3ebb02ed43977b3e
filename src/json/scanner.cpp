#include "json/scanner.h"

#include "json/number.h"

#include <vector>

namespace diffo::json {
namespace {

/// Walks over a text without recursion; `at_` stands at the byte that is judged. One thread, one
/// text.
class Scanner {
public:
  Scanner(std::string_view text, std::size_t max_depth) : text_(text), max_depth_(max_depth) {}

  std::optional<Fault> find() {
    if (text_.starts_with(byte_order_mark))
      at_ = byte_order_mark.size();
    skip_space();
    do {
      if (!value_or_close())
        return fault_;
      skip_space();
    } while (!closers_.empty());
    if (at_ != text_.size())
      fail("text after the end of the document");
    return fault_;
  }

private:
  /// One step: a scalar or an opening bracket, then what may follow it up to the next value.
  bool value_or_close() {
    const char c = peek();
    if (c == '{' || c == '[') {
      if (!open(c))
        return false;
    } else if (!scalar(c)) {
      return false;
    }
    return after_value();
  }

  bool open(char bracket) {
    if (closers_.size() >= max_depth_)
      return fail("nested too deeply");
    closers_.push_back(bracket == '{' ? '}' : ']');
    ++at_;
    skip_space();
    fresh_ = peek() != closers_.back();
    return true;
  }

  /// Closes what ends here, and goes past a comma and a member's name.
  bool after_value() {
    if (fresh_) {
      fresh_ = false;
      return name();
    }
    skip_space();
    while (!closers_.empty() && at_ < text_.size() && peek() == closers_.back()) {
      closers_.pop_back();
      ++at_;
      skip_space();
    }
    if (closers_.empty())
      return true;
    if (peek() != ',')
      return fail(closers_.back() == '}' ? "expected , or }" : "expected , or ]");
    ++at_;
    skip_space();
    return name();
  }

  /// In an object, the name and colon before a value; nothing in an array.
  bool name() {
    if (closers_.back() == ']')
      return true;
    if (peek() != '"')
      return fail("expected a member's name");
    if (!string())
      return false;
    skip_space();
    if (peek() != ':')
      return fail("expected : after a member's name");
    ++at_;
    skip_space();
    return true;
  }

  bool scalar(char c) {
    if (c == '"')
      return string();
    const std::size_t end = text_.find_first_of(" \t\r\n,:[]{}\"", at_);
    const std::string_view token = text_.substr(at_, end - at_);
    if (token.empty())
      return fail("expected a value");
    if (token != "true" && token != "false" && token != "null") {
      const NumberForm form = form_of_number(token);
      if (form == NumberForm::huge)
        return fail("an exponent of more than nine digits", ErrorCode::too_large);
      if (form == NumberForm::none)
        return fail(c == '-' || (c >= '0' && c <= '9') ? "not a number" : "expected a value");
    }
    at_ += token.size();
    return true;
  }

  bool string() {
    const std::size_t begin = at_++;
    while (at_ < text_.size()) {
      const auto c = static_cast<unsigned char>(text_[at_]);
      if (c == '"') {
        ++at_;
        return true;
      }
      if (c < 0x20)
        return fail("a control character in a string");
      if (c == '\\' ? !escape() : !character(c))
        return false;
    }
    at_ = begin;
    return fail("a string without an end");
  }

  bool escape() {
    const std::size_t begin = at_;
    ++at_;
    const char c = peek();
    if (std::string_view("\"\\/bfnrt").find(c) != std::string_view::npos && at_ < text_.size()) {
      ++at_;
      return true;
    }
    const std::optional<unsigned> first = c == 'u' ? hexadecimal() : std::nullopt;
    if (!first) {
      at_ = begin;
      return fail("not an escape");
    }
    if (*first < 0xD800 || *first > 0xDFFF)
      return true;
    std::optional<unsigned> second;
    if (*first < 0xDC00 && text_.substr(at_).starts_with("\\u")) {
      ++at_;
      second = hexadecimal();
    }
    if (second && *second >= 0xDC00 && *second <= 0xDFFF)
      return true;
    at_ = begin;
    return fail("a lone surrogate");
  }

  /// The four digits after `u`, at which at_ stands.
  std::optional<unsigned> hexadecimal() {
    if (text_.size() - at_ < 5)
      return std::nullopt;
    unsigned value = 0;
    for (char c : text_.substr(at_ + 1, 4)) {
      const char lower = static_cast<char>(c | 0x20);
      if (c >= '0' && c <= '9')
        value = value * 16 + static_cast<unsigned>(c - '0');
      else if (lower >= 'a' && lower <= 'f')
        value = value * 16 + static_cast<unsigned>(lower - 'a' + 10);
      else
        return std::nullopt;
    }
    at_ += 5;
    return value;
  }

  /// One character of UTF-8, RFC 3629 §4.
  bool character(unsigned char first) {
    if (first < 0x80) {
      ++at_;
      return true;
    }
    const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    const auto byte = [&](std::size_t index) {
      return at_ + index < text_.size() ? static_cast<unsigned char>(text_[at_ + index]) : 0U;
    };
    const unsigned lowest = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    const unsigned highest = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    bool good = first >= 0xC2 && first <= 0xF4 && byte(1) >= lowest && byte(1) <= highest;
    for (std::size_t index = 2; index < length; ++index)
      good = good && byte(index) >= 0x80 && byte(index) <= 0xBF;
    if (!good)
      return fail("invalid UTF-8");
    at_ += length;
    return true;
  }

  void skip_space() {
    while (at_ < text_.size() &&
           std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos)
      ++at_;
  }

  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  bool fail(std::string_view reason, ErrorCode code = ErrorCode::malformed) {
    if (code == ErrorCode::malformed && at_ >= text_.size())
      reason = "the text ends too early";
    fault_ = Fault{code, at_, reason};
    return false;
  }

  std::string_view text_;
  std::size_t max_depth_;
  std::size_t at_ = 0;
  bool fresh_ = false;        // just behind an opening bracket that is not closed at once
  std::vector<char> closers_; // the brackets that must close what is open
  std::optional<Fault> fault_;
};

} // namespace

std::optional<Fault> find_fault(std::string_view text, std::size_t max_depth) {
  return Scanner(text, max_depth).find();
}

} // namespace diffo::json

#pragma once

#include "mapping/json_path_tree.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace diffo::mapping::path {

/// Reads queries from a text. Errors: invalid, with the byte; too_large. Thread rule: one thread.
class Reader {
public:
  explicit Reader(std::string_view text, std::size_t at = 0) : text_(text), at_(at) {}

  Result<Query> query();
  Result<Logical> logical();
  /// A text in quotes of either kind (RFC 9535 §2.3.1).
  Result<std::string> quoted();
  /// A number, a text, true, false or null.
  Result<json::Value> literal();
  void skip_blank();
  [[nodiscard]] std::size_t at() const { return at_; }
  [[nodiscard]] bool at_end() const { return at_ >= text_.size(); }
  [[nodiscard]] char next() const { return at_end() ? '\0' : text_[at_]; }
  [[nodiscard]] bool begins(std::string_view word) const {
    return text_.substr(at_).starts_with(word);
  }
  /// Goes on behind the word when it stands here.
  bool take(std::string_view word);
  /// A name without quotes; empty: there is none.
  std::string_view plain_name();
  [[nodiscard]] Error wrong(std::string_view wanted) const;

private:
  class Deeper;
  Result<Segment> bracket(Reach reach);
  Result<Selector> selector();
  Result<Selector> index_or_slice();
  Result<std::int64_t> integer();
  Result<void> escape(char quote, std::string& out);
  Result<std::uint32_t> hexadecimal();
  Result<Logical> conjunction();
  Result<Logical> basic();
  Result<Logical> comparison();
  Result<Operand> operand();
  Result<std::shared_ptr<const Call>> call(Function function);
  bool take_comparison(Comparison& found);

  std::string_view text_;
  std::size_t at_;
  int depth_ = 0;
};

} // namespace diffo::mapping::path

#pragma once

#include "json/json_path.h"
#include "json/json_path_tree.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace diffo::json::path {

/// Reads queries from a text. Errors: invalid, with the byte; too_large. Thread rule: one thread.
class Reader {
public:
  explicit Reader(std::string_view text, std::size_t at = 0, Dialect dialect = Dialect::rfc9535,
                  PathReading reading = {})
      : text_(text), at_(at), dialect_(dialect), reading_(std::move(reading)) {}

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
  /// On which side of a comparison an operand stands.
  enum class Side : std::uint8_t { left, right };

  [[nodiscard]] bool is_tmf630() const { return dialect_ == Dialect::tmf630; }
  /// What a query begins with; true: a name follows, without a dot before it.
  Result<bool> beginning(Query& query);
  /// Whether another segment stands here, and reads it.
  Result<bool> segment(Query& query);
  Result<Segment> bracket(Reach reach);
  Result<Segment> filtering_bracket(const Query& before, Reach reach);
  Result<Selector> selector();
  Result<Selector> name_behind_dot();
  Result<Selector> index_or_slice();
  Result<std::int64_t> integer();
  Result<void> escape(char quote, std::string& out);
  Result<std::uint32_t> hexadecimal();
  Result<Logical> conjunction();
  Result<Logical> basic();
  Result<Logical> comparison();
  Result<Logical> strict_comparison(Logical logical);
  Result<Operand> operand(Side side);
  Result<std::shared_ptr<const Call>> call(Function function);
  bool take_comparison(Comparison& found);

  // Of TMF630's dialect alone (json_path_dialect.cpp).
  /// A name as it stands, without its backtick; empty: there is none.
  std::string loose_name();
  [[nodiscard]] bool is_loose_name_here() const;
  /// Whether `@type` and the like stand here, which are names by themselves.
  [[nodiscard]] bool is_named_with_at() const;
  [[nodiscard]] bool calls_behind_dot() const;
  Result<Operand> called_behind(Query query);
  Result<Operand> loose_operand(Side side);
  Result<Logical> loose_comparison(Logical logical);
  Result<Logical> match(Logical logical);
  Result<std::string> pattern_source();
  Result<std::string> pattern_between_slashes();
  Result<void> count_pattern();
  /// How texts are read that the query leads to from within a filter.
  [[nodiscard]] Reading reading_at(const Operand& operand) const;

  std::string_view text_;
  std::size_t at_;
  Dialect dialect_;
  PathReading reading_;
  std::vector<std::string> within_{}; ///< the names that lead to what filters are asked of
  int depth_ = 0;
  int patterns_ = 0;
};

/// The function of that name (without the bracket); nothing: there is none in the dialect.
std::optional<Function> function_named(std::string_view name, Dialect dialect);

/// Whether a function is true or false by itself.
bool gives_truth(const Operand& operand);

} // namespace diffo::json::path

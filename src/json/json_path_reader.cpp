#include "json/json_path_reader.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace diffo::json::path {
namespace {

constexpr int deepest = 32;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool begins_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         (static_cast<unsigned char>(c) & 0x80U) != 0;
}

/// What can be compared has one value at most (RFC 9535 §2.4.3).
bool is_comparable(const Operand& operand) {
  if (const Query* query = std::get_if<Query>(&operand))
    return query->is_singular();
  return !gives_truth(operand);
}

} // namespace

std::optional<Function> function_named(std::string_view name, Dialect dialect) {
  struct Named {
    std::string_view name;
    Function function;
  };
  constexpr std::array<Named, 9> functions{{{"length", Function::length},
                                            {"count", Function::count},
                                            {"match", Function::match},
                                            {"search", Function::search},
                                            {"value", Function::value},
                                            {"min", Function::minimum},
                                            {"max", Function::maximum},
                                            {"avg", Function::average},
                                            {"stddev", Function::deviation}}};
  const auto* found = std::find_if(functions.begin(), functions.end(),
                                   [name](const Named& one) { return one.name == name; });
  if (found == functions.end() ||
      (dialect == Dialect::rfc9535 && found->function >= Function::minimum))
    return std::nullopt;
  return found->function;
}

bool gives_truth(const Operand& operand) {
  const auto* call = std::get_if<std::shared_ptr<const Call>>(&operand);
  return call != nullptr &&
         ((*call)->function == Function::match || (*call)->function == Function::search);
}

bool Query::is_singular() const {
  return std::all_of(segments.begin(), segments.end(), [](const Segment& segment) {
    return segment.reach == Reach::child && segment.selectors.size() == 1 &&
           (segment.selectors[0].kind == SelectorKind::name ||
            segment.selectors[0].kind == SelectorKind::index);
  });
}

/// One level of nesting, for as long as it lives.
class Reader::Deeper {
public:
  explicit Deeper(Reader& reader) : reader_(reader) { ++reader_.depth_; }
  ~Deeper() { --reader_.depth_; }
  Deeper(const Deeper&) = delete;
  Deeper& operator=(const Deeper&) = delete;
  [[nodiscard]] Result<void> check() const {
    if (reader_.depth_ > deepest)
      return Error{ErrorCode::too_large, "a path may have 32 levels of brackets at most"};
    return {};
  }

private:
  Reader& reader_;
};

Error Reader::wrong(std::string_view wanted) const {
  const std::string found =
      at_end() ? "it ends" : "there is " + shortened(text_.substr(at_, 12), 12);
  return {ErrorCode::invalid, "at byte " + std::to_string(at_ + 1) + " of the path " +
                                  shortened(text_, 80) + ": " + std::string(wanted) +
                                  " is expected, and " + found};
}

void Reader::skip_blank() {
  while (next() == ' ' || next() == '\t' || next() == '\n' || next() == '\r')
    ++at_;
}

bool Reader::take(std::string_view word) {
  if (!begins(word))
    return false;
  at_ += word.size();
  return true;
}

std::string_view Reader::plain_name() {
  const std::size_t begin = at_;
  if (begins_name(next()))
    while (!at_end() && (begins_name(next()) || is_digit(next())))
      ++at_;
  return text_.substr(begin, at_ - begin);
}

Result<bool> Reader::beginning(Query& query) {
  if (is_tmf630() && is_named_with_at()) {
    query.beginning = depth_ == 0 ? Beginning::root : Beginning::current;
    return true;
  }
  if (take("@")) {
    query.beginning = Beginning::current;
    return is_tmf630() && is_loose_name_here();
  }
  if (take("$"))
    return false;
  if (!is_tmf630())
    return wrong("$ or @");
  query.beginning = depth_ == 0 ? Beginning::root : Beginning::current;
  if (is_loose_name_here())
    return true;
  if (depth_ == 0 && (next() == '[' || next() == '.'))
    return false;
  return wrong("a path");
}

Result<Query> Reader::query() {
  Query query;
  if (TRY(beginning(query))) {
    Selector selector;
    selector.kind = SelectorKind::name;
    selector.name = loose_name();
    query.segments.push_back({Reach::child, {std::move(selector)}});
  }
  while (TRY(segment(query))) {
  }
  return query;
}

Result<bool> Reader::segment(Query& query) {
  const std::size_t before = at_;
  skip_blank();
  if (is_tmf630() && take("^")) {
    query.segments.push_back({Reach::parent, {}});
    return true;
  }
  const Reach reach = begins("..") ? Reach::descendant : Reach::child;
  if (is_tmf630() && begins(".["))
    take(".");
  if (is_tmf630() && calls_behind_dot()) {
    at_ = before;
    return false;
  }
  if (take("..") ? next() == '[' : next() == '[') {
    query.segments.push_back(TRY(filtering_bracket(query, reach)));
    return true;
  }
  if (reach == Reach::child && !take(".")) {
    at_ = before;
    return false;
  }
  query.segments.push_back({reach, {TRY(name_behind_dot())}});
  return true;
}

Result<Selector> Reader::name_behind_dot() {
  Selector selector;
  if (take("*"))
    return selector;
  selector.kind = SelectorKind::name;
  selector.name = is_tmf630() ? loose_name() : std::string(plain_name());
  if (selector.name.empty())
    return wrong("a name or *");
  return selector;
}

/// Within its filters the names count from where it stands.
Result<Segment> Reader::filtering_bracket(const Query& before, Reach reach) {
  std::vector<std::string> names;
  if (before.beginning == Beginning::current)
    names = within_;
  for (const Segment& one : before.segments)
    if (one.selectors.size() == 1 && one.selectors[0].kind == SelectorKind::name)
      names.push_back(one.selectors[0].name);
  std::swap(names, within_);
  auto segment = bracket(reach);
  std::swap(names, within_);
  return segment;
}

Result<Segment> Reader::bracket(Reach reach) {
  Segment segment{reach, {}};
  take("[");
  do {
    skip_blank();
    segment.selectors.push_back(TRY(selector()));
    skip_blank();
  } while (take(","));
  if (!take("]"))
    return wrong("]");
  return segment;
}

Result<Selector> Reader::selector() {
  Selector selector;
  if (take("*"))
    return selector;
  if (take("?")) {
    selector.kind = SelectorKind::filter;
    skip_blank();
    selector.filter = std::make_shared<const Logical>(TRY(logical()));
    return selector;
  }
  if (next() == '\'' || next() == '"') {
    selector.kind = SelectorKind::name;
    selector.name = TRY(quoted());
    return selector;
  }
  if (is_tmf630() && !is_digit(next()) && is_loose_name_here()) {
    selector.kind = SelectorKind::name;
    selector.name = loose_name();
    return selector;
  }
  return index_or_slice();
}

Result<Selector> Reader::index_or_slice() {
  const auto here = [this] { return next() == '-' || is_digit(next()); };
  Selector selector;
  selector.kind = SelectorKind::index;
  if (here()) {
    selector.index = TRY(integer());
    const std::size_t behind = at_;
    skip_blank();
    if (next() != ':') {
      at_ = behind;
      return selector;
    }
    selector.start = selector.index;
  }
  if (!take(":"))
    return wrong("a name in quotes, a number, *, : or ?");
  selector.kind = SelectorKind::slice;
  skip_blank();
  if (here()) {
    selector.end = TRY(integer());
    skip_blank();
  }
  if (take(":")) {
    skip_blank();
    if (here())
      selector.step = TRY(integer());
  }
  return selector;
}

Result<std::int64_t> Reader::integer() {
  const std::size_t begin = at_;
  take("-");
  const std::size_t digits = at_;
  while (is_digit(next()))
    ++at_;
  // RFC 9535 §2.1: what a double holds exactly.
  constexpr std::int64_t largest = (std::int64_t{1} << 53) - 1;
  std::int64_t value = 0;
  const std::string_view word = text_.substr(begin, at_ - begin);
  const auto [end, problem] = std::from_chars(word.data(), word.data() + word.size(), value);
  const bool is_padded = text_[digits] == '0' && (at_ - digits > 1 || digits > begin);
  if (problem == std::errc() && end == word.data() + word.size() && !is_padded &&
      value <= largest && value >= -largest)
    return value;
  at_ = begin;
  return wrong("an integer");
}

Result<json::Value> Reader::literal() {
  if (next() == '\'' || next() == '"')
    return json::Value(TRY(quoted()));
  const std::size_t begin = at_;
  while (!at_end() && (begins_name(next()) || is_digit(next()) || next() == '-' || next() == '+' ||
                       next() == '.'))
    ++at_;
  auto value = json::read(text_.substr(begin, at_ - begin));
  if (value && !value->is_array() && !value->is_object())
    return value;
  at_ = begin;
  return wrong("a number, a text in quotes, true, false or null");
}

Result<Logical> Reader::logical() {
  const Deeper level(*this);
  TRY(level.check());
  Logical any;
  any.kind = LogicalKind::any_of;
  do {
    skip_blank();
    any.parts.push_back(TRY(conjunction()));
    skip_blank();
  } while (take("||"));
  return any;
}

Result<Logical> Reader::conjunction() {
  Logical all;
  all.kind = LogicalKind::all_of;
  do {
    skip_blank();
    all.parts.push_back(TRY(basic()));
    skip_blank();
  } while (take("&&"));
  return all;
}

Result<Logical> Reader::basic() {
  if (next() == '!') {
    const Deeper level(*this);
    TRY(level.check());
    take("!");
    skip_blank();
    Logical none;
    none.kind = LogicalKind::none_of;
    none.parts.push_back(TRY(basic()));
    // RFC 9535 §2.3.5.1: a comparison is negated in parentheses alone.
    if (none.parts[0].kind == LogicalKind::compares)
      return wrong("parentheses around a comparison behind !");
    return none;
  }
  if (!take("("))
    return comparison();
  auto inner = TRY(logical());
  skip_blank();
  if (!take(")"))
    return wrong(")");
  return inner;
}

bool Reader::take_comparison(Comparison& found) {
  // What begins with another one stands before it.
  constexpr std::array<std::pair<std::string_view, Comparison>, 6> words{
      {{"==", Comparison::equal},
       {"!=", Comparison::unequal},
       {"<=", Comparison::less_or_equal},
       {">=", Comparison::more_or_equal},
       {"<", Comparison::less},
       {">", Comparison::more}}};
  const auto* word = std::find_if(words.begin(), words.end(),
                                  [this](const auto& one) { return begins(one.first); });
  if (word == words.end())
    return false;
  take(word->first);
  found = word->second;
  return true;
}

Result<Logical> Reader::comparison() {
  Logical logical;
  logical.left = TRY(operand(Side::left));
  const std::size_t behind = at_;
  skip_blank();
  if (is_tmf630() && take("=~"))
    return match(std::move(logical));
  if (take_comparison(logical.comparison)) {
    skip_blank();
    logical.right = TRY(operand(Side::right));
    return is_tmf630() ? loose_comparison(std::move(logical))
                       : strict_comparison(std::move(logical));
  }
  at_ = behind;
  if (std::holds_alternative<Query>(logical.left))
    return logical;
  if (!gives_truth(logical.left))
    return wrong("a comparison");
  logical.kind = LogicalKind::calls;
  return logical;
}

Result<Logical> Reader::strict_comparison(Logical logical) {
  logical.kind = LogicalKind::compares;
  if (!is_comparable(logical.left) || !is_comparable(logical.right))
    return wrong("a comparison of single values");
  return logical;
}

Result<Operand> Reader::operand(Side side) {
  if (is_tmf630())
    return loose_operand(side);
  if (next() == '$' || next() == '@')
    return Operand(TRY(query()));
  const std::size_t bracket = text_.find('(', at_);
  if (bracket != std::string_view::npos)
    if (const auto function = function_named(text_.substr(at_, bracket - at_), dialect_)) {
      at_ = bracket + 1;
      return Operand(TRY(call(*function)));
    }
  return Operand(TRY(literal()));
}

Result<std::shared_ptr<const Call>> Reader::call(Function function) {
  const Deeper level(*this);
  TRY(level.check());
  Call made;
  made.function = function;
  skip_blank();
  made.argument = TRY(operand(Side::left));
  const bool takes_nodes = function == Function::count || function == Function::value;
  const bool takes_any =
      is_tmf630() && (function == Function::length || function >= Function::minimum);
  if (takes_any     ? !std::holds_alternative<Query>(made.argument)
      : takes_nodes ? !std::holds_alternative<Query>(made.argument)
                    : !is_comparable(made.argument))
    return wrong(takes_nodes || takes_any ? "a query as argument" : "a single value as argument");
  skip_blank();
  if (function == Function::match || function == Function::search) {
    if (!take(","))
      return wrong("a second argument");
    skip_blank();
    if (next() != '\'' && next() != '"')
      return wrong("a pattern in quotes");
    TRY(count_pattern());
    const std::string source = TRY(quoted());
    made.pattern = TRY(
        Pattern::compile(function == Function::match ? "\\A(?:" + source + ")\\z" : source, "u"));
    skip_blank();
  }
  if (!take(")"))
    return wrong(")");
  return std::make_shared<const Call>(std::move(made));
}

} // namespace diffo::json::path

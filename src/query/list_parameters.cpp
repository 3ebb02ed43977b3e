#include "query/list_parameters.h"

#include "base/text.h"
#include "base/url_text.h"
#include "query/entity_path.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace diffo::query {
namespace {

/// What a parameter asks for that this server does not do, or nothing.
std::string_view why_unsupported(std::string_view name) {
  if (name == "expand" || name == "depth")
    return "references are expanded in GET of what TM Forum's collections hold, alone or in lists";
  return {};
}

constexpr std::array<std::string_view, 9> parameter_names = {
    "fields", "sort", "offset", "limit", "filter", "before", "after", "expand", "depth"};

/// Whether two letters stand the other way round, or one of the words has one letter more.
bool is_slip(std::string_view word, std::string_view meant) {
  if (word.size() == meant.size()) {
    const auto [at, there] = std::mismatch(word.begin(), word.end(), meant.begin());
    std::string turned(word);
    const auto first = static_cast<std::size_t>(at - word.begin());
    if (first + 1 >= word.size())
      return false;
    std::swap(turned[first], turned[first + 1]);
    return turned == meant;
  }
  const std::string_view longer = word.size() > meant.size() ? word : meant;
  const std::string_view shorter = word.size() > meant.size() ? meant : word;
  if (longer.size() != shorter.size() + 1)
    return false;
  for (std::size_t at = 0; at < longer.size(); ++at)
    if (longer.substr(0, at) == shorter.substr(0, at) &&
        longer.substr(at + 1) == shorter.substr(at))
      return true;
  return false;
}

/// NOTE: taken as a condition, a parameter with a slip of the pen would find nothing, and nobody
/// would know why. An attribute of such a name is asked for with an operator.
Result<void> refuse_slip(const QueryText& parameter) {
  if (parameter.name.size() < 4 || parameter.name.size() > 8)
    return {};
  const std::string small = small_letters(parameter.name);
  for (const std::string_view meant : parameter_names)
    if (small == meant ? parameter.name != meant : is_slip(small, meant))
      return Error{ErrorCode::invalid,
                   "is no parameter; " + std::string(meant) +
                       " is. An attribute of this name is asked for as " + parameter.name + ".eq=…",
                   parameter.name};
  return {};
}

/// `name:desc` and the like, which other services take.
bool is_foreign_direction(std::string_view item) {
  const std::string small = small_letters(item);
  return std::any_of(small.begin(), small.end(),
                     [](char c) { return c == ':' || c == ' ' || c == '\t'; }) ||
         small == "asc" || small == "desc" || small.ends_with(".asc") || small.ends_with(".desc");
}

/// A whole number, or the largest one when it has more digits than fit.
Result<std::uint64_t> parse_count(std::string_view name, std::string_view text) {
  if (text.empty() ||
      !std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }))
    return Error{ErrorCode::invalid, "must be a whole number that is not negative",
                 std::string(name)};
  constexpr auto largest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  std::uint64_t number = 0;
  for (const char c : text) {
    const auto digit = static_cast<std::uint64_t>(c - '0');
    number = number > (largest - digit) / 10 ? largest : number * 10 + digit;
  }
  return number;
}

Result<void> parse_sort(std::string_view text, std::vector<SortTerm>& terms) {
  for (std::string_view item : split_paths(text)) {
    SortTerm term;
    if (!item.empty() && (item.front() == '-' || item.front() == '+' || item.front() == ' ')) {
      term.descending = item.front() == '-'; // a "+" arrives as a space
      item.remove_prefix(1);
    }
    if (!is_json_path(item) &&
        (is_foreign_direction(item) || item.starts_with('-') || item.starts_with('+')))
      return Error{ErrorCode::invalid,
                   "must be a list of attributes, each with - before it for descending and + or "
                   "nothing for ascending, such as \"-startDate,name\"",
                   "sort"};
    auto path = is_json_path(item) ? Result<std::vector<std::string>>(std::vector<std::string>())
                                   : split_path(item);
    if (path && path->empty())
      term.json_path = item;
    if (!path)
      return Error{ErrorCode::invalid,
                   "must be a list of attributes such as \"-startDate,name\": " +
                       path.error().message,
                   "sort"};
    term.path = std::move(path).value();
    terms.push_back(std::move(term));
    if (terms.size() > max_sort_terms)
      return Error{ErrorCode::invalid, "at most 8 attributes can be sorted by", "sort"};
  }
  return {};
}

class ListReader {
public:
  Result<void> take(const QueryText& parameter) {
    if (parameter.name == "fields")
      parameters_.fields.push_back(parameter.value);
    else if (parameter.name == "sort")
      return parse_sort(parameter.value, parameters_.sort);
    else if (parameter.name == "offset")
      return take_offset(parameter);
    else if (parameter.name == "limit")
      return take_limit(parameter);
    else if (parameter.name == "after")
      return take_cursor(parameter, parameters_.paging.after);
    else if (parameter.name == "before")
      return take_cursor(parameter, parameters_.paging.before);
    else if (parameter.name == "filter" && parameter.has_value)
      return take_filter(parameter);
    else
      return take_condition(parameter);
    return {};
  }
  Result<ListParameters> finish() {
    TRY(parameters_.paging.check());
    return std::move(parameters_);
  }

private:
  static Error given_twice(const QueryText& parameter) {
    return Error{ErrorCode::invalid, "is given twice", parameter.name};
  }
  Result<void> take_offset(const QueryText& parameter) {
    if (std::exchange(parameters_.paging.has_offset, true))
      return given_twice(parameter);
    parameters_.paging.offset = TRY(parse_count(parameter.name, parameter.value));
    return {};
  }
  Result<void> take_limit(const QueryText& parameter) {
    if (std::exchange(parameters_.paging.has_limit, true))
      return given_twice(parameter);
    parameters_.paging.limit =
        std::min(TRY(parse_count(parameter.name, parameter.value)), max_page);
    return {};
  }
  static Result<void> take_cursor(const QueryText& parameter, std::optional<std::string>& cursor) {
    if (cursor)
      return given_twice(parameter);
    cursor = parameter.value;
    return {};
  }
  Result<void> take_filter(const QueryText& parameter) {
    parameters_.filters.push_back(parameter.value);
    if (parameters_.filters.size() > max_paths_of_a_kind)
      return Error{ErrorCode::invalid, "is given more than 8 times", parameter.name};
    return {};
  }
  Result<void> take_condition(const QueryText& parameter) {
    TRY(refuse_slip(parameter));
    if (const std::string_view reason = why_unsupported(parameter.name); !reason.empty())
      return Error{ErrorCode::unsupported, std::string(reason), parameter.name};
    parameters_.conditions.push_back(
        TRY(parse_condition(parameter.name, parameter.value, parameter.has_value)));
    return {};
  }
  ListParameters parameters_;
};

} // namespace

Result<void> Paging::check() const {
  if (after && before)
    return Error{ErrorCode::invalid, "cannot stand beside \"after\"", "before"};
  if (has_offset && by_cursor())
    return Error{ErrorCode::invalid, "cannot stand beside a cursor", "offset"};
  return {};
}

Result<ListParameters> parse_list_parameters(std::string_view raw_query) {
  const std::vector<QueryText> parameters = TRY(decode_query(raw_query, max_parameters));
  ListReader reader;
  for (const QueryText& parameter : parameters)
    TRY(reader.take(parameter));
  return reader.finish();
}

Result<std::vector<std::string>> parse_fields_parameters(std::string_view raw_query) {
  std::vector<QueryText> parameters = TRY(decode_query(raw_query, max_parameters));
  std::vector<std::string> values;
  for (QueryText& parameter : parameters) {
    if (const std::string_view reason = why_unsupported(parameter.name); !reason.empty())
      return Error{ErrorCode::unsupported, std::string(reason), parameter.name};
    if (parameter.name == "filter")
      return Error{ErrorCode::unsupported, "is of lists and of GET of one service or resource",
                   parameter.name};
    if (parameter.name != "fields")
      return Error{ErrorCode::invalid, "there is no such parameter here", parameter.name};
    values.push_back(std::move(parameter.value));
  }
  return values;
}

} // namespace diffo::query

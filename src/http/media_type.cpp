#include "http/media_type.h"

#include "base/text.h"

#include <algorithm>

namespace diffo::http {
namespace {

constexpr std::size_t max_ranges = 32;
constexpr std::size_t max_parameters = 16;

bool is_token_byte(char c) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         marks.find(c) != std::string_view::npos;
}

/// Reads a header value from left to right.
class Cursor {
public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  void skip_space() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t'))
      rest_.remove_prefix(1);
  }
  bool take(char c) {
    if (rest_.empty() || rest_.front() != c)
      return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::string_view token() {
    std::size_t length = 0;
    while (length < rest_.size() && is_token_byte(rest_[length]))
      ++length;
    const std::string_view found = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return found;
  }
  /// A token or a quoted string; none when there is neither.
  std::optional<std::string> word() {
    if (!take('"')) {
      const std::string_view found = token();
      return found.empty() ? std::nullopt : std::optional<std::string>(found);
    }
    std::string text;
    while (!rest_.empty()) {
      if (take('"'))
        return text;
      if (take('\\') && rest_.empty())
        break;
      text += rest_.front();
      rest_.remove_prefix(1);
    }
    return std::nullopt;
  }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }

private:
  std::string_view rest_;
};

Error malformed(const char* message) {
  return Error{ErrorCode::malformed, message};
}

/// RFC 9110 §12.4.2: 0 to 1 with at most three digits after the point.
std::optional<int> parse_quality(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1') ||
      (text.size() > 1 && text[1] != '.'))
    return std::nullopt;
  int value = (text[0] - '0') * 1000;
  int unit = 100;
  for (const char c : text.substr(std::min<std::size_t>(2, text.size()))) {
    if (c < '0' || c > '9')
      return std::nullopt;
    value += (c - '0') * unit;
    unit /= 10;
  }
  return value > 1000 ? std::nullopt : std::optional<int>(value);
}

Result<void> read_parameters(Cursor& cursor, MediaType& media_type) {
  for (;;) {
    cursor.skip_space();
    if (!cursor.take(';'))
      return {};
    cursor.skip_space();
    const std::string name = small_letters(cursor.token());
    if (name.empty())
      continue; // RFC 9110 §5.6.6 allows empty parameters
    if (!cursor.take('='))
      return malformed("a media type's parameter has no value");
    auto value = cursor.word();
    if (!value)
      return malformed("a media type's parameter has no value");
    if (name == "q") {
      const auto quality = parse_quality(*value);
      if (!quality)
        return malformed("a q value is not a number from 0 to 1");
      media_type.quality = *quality;
    } else if (media_type.parameters.size() == max_parameters) {
      return Error{ErrorCode::too_large, "a media type has too many parameters"};
    } else {
      media_type.parameters.emplace_back(name, std::move(*value));
    }
  }
}

Result<MediaType> read_media_type(Cursor& cursor) {
  MediaType media_type;
  cursor.skip_space();
  media_type.type = small_letters(cursor.token());
  if (media_type.type.empty() || !cursor.take('/'))
    return malformed("a media type is written type/subtype");
  media_type.subtype = small_letters(cursor.token());
  if (media_type.subtype.empty())
    return malformed("a media type is written type/subtype");
  TRY(read_parameters(cursor, media_type));
  return media_type;
}

/// 0: no match; otherwise the more specific, the larger (RFC 9110 §12.5.1).
int specificity(const MediaType& range, const MediaType& offered) {
  if (range.type == "*" && range.subtype == "*")
    return 1;
  if (range.type != offered.type)
    return 0;
  if (range.subtype == "*")
    return 2;
  if (range.subtype != offered.subtype)
    return 0;
  // A parameter that we do not produce (charset, version) narrows nothing: JSON is UTF-8 either
  // way.
  int matching = 3;
  for (const auto& [name, value] : range.parameters)
    if (offered.parameter(name) == value)
      ++matching;
  return matching;
}

} // namespace

std::string_view MediaType::parameter(std::string_view name) const {
  for (const auto& [key, value] : parameters)
    if (key == name)
      return value;
  return {};
}

Result<MediaType> parse_media_type(std::string_view text) {
  Cursor cursor(text);
  MediaType media_type = TRY(read_media_type(cursor));
  cursor.skip_space();
  if (!cursor.at_end())
    return malformed("something follows the media type");
  return media_type;
}

Result<std::vector<MediaType>> parse_accept(std::string_view text) {
  std::vector<MediaType> ranges;
  Cursor cursor(text);
  for (;;) {
    cursor.skip_space();
    if (cursor.at_end())
      return ranges;
    if (cursor.take(','))
      continue;
    if (ranges.size() == max_ranges)
      return Error{ErrorCode::too_large, "Accept has too many ranges"};
    ranges.push_back(TRY(read_media_type(cursor)));
    if (!cursor.at_end() && !cursor.take(','))
      return malformed("a comma is missing in Accept");
  }
}

bool is_media_type(std::string_view content_type, std::string_view essence) {
  std::string_view found = content_type.substr(0, content_type.find(';'));
  while (!found.empty() && (found.back() == ' ' || found.back() == '\t'))
    found.remove_suffix(1);
  return std::equal(
      found.begin(), found.end(), essence.begin(), essence.end(),
      [](char left, char right) { return small_letter(left) == small_letter(right); });
}

std::optional<std::size_t> best_match(std::string_view accept,
                                      std::span<const std::string> offered) {
  const std::optional<std::size_t> first =
      offered.empty() ? std::nullopt : std::optional<std::size_t>(0);
  if (accept.empty() || accept == "*/*")
    return first;
  const auto ranges = parse_accept(accept);
  if (!ranges || ranges->empty())
    return first;
  std::optional<std::size_t> best;
  int best_quality = 0;
  for (std::size_t index = 0; index < offered.size(); ++index) {
    const auto candidate = parse_media_type(offered[index]);
    if (!candidate)
      continue;
    int decided = 0;
    int quality = 0;
    for (const MediaType& range : *ranges) {
      const int found = specificity(range, *candidate);
      if (found > decided) {
        decided = found;
        quality = range.quality;
      }
    }
    if (quality > best_quality) {
      best_quality = quality;
      best = index;
    }
  }
  return best;
}

} // namespace diffo::http

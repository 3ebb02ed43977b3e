#include "server/conditions.h"

#include "base/sha256.h"
#include "base/text.h"
#include "http/date.h"
#include "server/coding.h"

#include <algorithm>
#include <utility>

namespace diffo::server {
namespace {

/// The next element of a list of tags. A comma inside quotes is part of the tag.
std::string_view take_element(std::string_view& list) {
  bool quoted = false;
  std::size_t end = 0;
  for (; end < list.size() && (quoted || list[end] != ','); ++end)
    quoted ^= list[end] == '"';
  std::string_view element = list.substr(0, end);
  list.remove_prefix(std::min(end + 1, list.size()));
  return trimmed(element);
}

/// `"12"` and `"12.…"` are about version 12 of the record itself.
bool names_own(std::string_view tag, const std::string& own) {
  if (!tag.starts_with('"') || !tag.substr(1).starts_with(own))
    return false;
  const char after = tag.size() > own.size() + 1 ? tag[own.size() + 1] : '\0';
  return after == '"' || after == '.';
}

bool contains(const std::vector<std::string>& tags, const std::string& tag) {
  return std::find(tags.begin(), tags.end(), tag) != tags.end();
}

std::optional<std::int64_t> date_in(const http::Request& request, std::string_view name) {
  return http::parse_http_date(request.header(name));
}

/// The second that a moment lies in.
std::int64_t second_of(std::int64_t microseconds) {
  constexpr std::int64_t per_second = 1'000'000;
  return microseconds / per_second - (microseconds % per_second < 0 ? 1 : 0);
}

Error failed(std::string message) {
  return {ErrorCode::precondition_failed, std::move(message)};
}

} // namespace

std::string EntityTag::text() const {
  return '"' + std::to_string(own) + (derived.empty() ? "" : '.' + derived) + '"';
}

std::string last_modified(std::int64_t updated_at, std::int64_t now) {
  const std::int64_t second = second_of(updated_at);
  return http::http_date(second_of(now) > second ? second : second - 1);
}

Conditions::Conditions(const http::Request& request)
    : is_read_(request.method == http::Method::get || request.method == http::Method::head),
      if_match_(read(request, "If-Match")), if_none_match_(read(request, "If-None-Match")),
      if_modified_since_(date_in(request, "If-Modified-Since")),
      if_unmodified_since_(date_in(request, "If-Unmodified-Since")) {}

Conditions::Tags Conditions::read(const http::Request& request, std::string_view name) {
  Tags tags;
  tags.given = request.has_header(name);
  if (!tags.given)
    return tags;
  const std::string header = request.joined_header(name);
  for (std::string_view left = header; !left.empty();) {
    const std::string_view element = take_element(left);
    if (element == "*")
      tags.any = true;
    else if (element.starts_with("W/"))
      tags.weak.push_back(without_coding(element.substr(2)));
    else if (!element.empty())
      tags.strong.push_back(without_coding(element));
  }
  return tags;
}

std::string digest_of(std::string_view contributed) {
  constexpr std::size_t enough_digits = 16;
  return contributed.empty() ? std::string()
                             : hexadecimal(sha256(contributed)).substr(0, enough_digits);
}

Result<Conditions::Verdict> Conditions::found_match() const {
  if (is_read_)
    return Verdict::not_modified;
  return failed("If-None-Match names what is there");
}

Result<Conditions::Verdict> Conditions::judge(const EntityTag& present,
                                              std::optional<std::int64_t> updated_at) const {
  // RFC 9110 §13.2.2 steps 1 and 2
  if (if_match_.given && !if_match_.any) {
    const std::string own = std::to_string(present.own);
    const bool matches = std::any_of(if_match_.strong.begin(), if_match_.strong.end(),
                                     [&](const auto& tag) { return names_own(tag, own); });
    if (!matches && if_match_.strong.empty() && !if_match_.weak.empty())
      return failed("weak tags (W/…) never match If-Match; its version is " + present.text());
    if (!matches)
      return failed("it is not the version that If-Match names: its version is now " +
                    present.text());
  }
  if (!if_match_.given && updated_at && if_unmodified_since_ &&
      second_of(*updated_at) > *if_unmodified_since_)
    return failed("it has changed since If-Unmodified-Since");
  return judge_none_match(present.text(), updated_at);
}

Result<Conditions::Verdict>
Conditions::judge_none_match(const std::string& tag, std::optional<std::int64_t> updated_at) const {
  // the weak comparison of §8.8.3.2
  if (if_none_match_.given && (if_none_match_.any || contains(if_none_match_.strong, tag) ||
                               contains(if_none_match_.weak, tag)))
    return found_match();
  if (!if_none_match_.given && is_read_ && updated_at && if_modified_since_ &&
      second_of(*updated_at) <= *if_modified_since_)
    return Verdict::not_modified;
  return Verdict::proceed;
}

Result<Conditions::Verdict> Conditions::judge_list(const std::string& tag) const {
  if (if_match_.given && !if_match_.any && !contains(if_match_.strong, tag))
    return failed("the list is not what If-Match names: its tag is now " + tag);
  return judge_none_match(tag, {});
}

Result<Conditions::Verdict> Conditions::judge_unversioned() const {
  if (if_match_.given && !if_match_.any)
    return failed("this has no version that If-Match could name");
  if (if_none_match_.given && if_none_match_.any)
    return found_match();
  return Verdict::proceed;
}

rules::Precondition Conditions::precondition() const {
  if (!if_match_.given && !if_none_match_.given && !if_unmodified_since_)
    return {};
  return {[*this](const graph::Record& present) -> Result<void> {
    TRY(judge({present.sequence(), {}}, present.updated_at()));
    return {};
  }};
}

} // namespace diffo::server

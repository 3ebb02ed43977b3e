#include "server/surfaces/topics_api.h"

#include "base/dates.h"
#include "base/url_text.h"
#include "model/kinds.h"
#include "server/hub/event_history.h"
#include "server/hub/topic.h"
#include "server/next_page.h"
#include "server/on_reader.h"
#include "server/parameters.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace diffo::server {
namespace {

/// A page is smaller than one of records by itself: each event has a whole entity.
constexpr std::uint64_t usual_limit = 100;

EventAudience audience_of(const Call& call, const Mount& mount, const std::string& public_url) {
  return {.tenant = call.principal->tenant,
          .events = {tmf::EventScope::all, mount.version},
          .origin = origin_of(call.request, public_url)};
}

/// Takes a parameter out of the query string. Errors: invalid.
Result<std::optional<std::string>> take(std::string& query, std::string_view name) {
  TakenParameter taken = TRY(take_parameter(query, name));
  query = std::move(taken.rest);
  return std::move(taken.value);
}

Result<std::uint64_t> take_number(std::string& query, std::string_view name,
                                  std::uint64_t otherwise) {
  const auto text = TRY(take(query, name));
  return text ? number_of(*text, name) : otherwise;
}

Result<bool> take_order(std::string& query) {
  const auto sort = TRY(take(query, "sort"));
  if (!sort || *sort == "eventTime")
    return false;
  if (*sort == "-eventTime")
    return true;
  return Error{ErrorCode::invalid, "events are sorted by eventTime or -eventTime", "sort"};
}

Result<std::optional<EventPlace>> take_place(std::string& query) {
  const auto after = TRY(take(query, "after"));
  if (!after)
    return std::optional<EventPlace>();
  const auto cursor = TRY(CursorText<3>::parse(*after));
  if (!cursor.text.empty() || *std::min_element(cursor.numbers.begin(), cursor.numbers.end()) < 0)
    return Error{ErrorCode::invalid, "after: is none that a link gave"};
  return std::optional(EventPlace{static_cast<graph::Sequence>(cursor.numbers[0]),
                                  static_cast<std::size_t>(cursor.numbers[1]),
                                  static_cast<std::size_t>(cursor.numbers[2])});
}

std::string text_of(const EventPlace& place) {
  return CursorText<3>{{static_cast<std::int64_t>(place.sequence),
                        static_cast<std::int64_t>(place.change),
                        static_cast<std::int64_t>(place.event)}}
      .print();
}

/// Where to begin so that nothing is missed of what the conditions on eventTime take; 0: there is
/// nothing to be left out. What they take is looked at again.
Result<graph::Sequence> begin_of(std::string_view query, bool newest_first,
                                 const graph::Store& store) {
  const std::array<std::string_view, 2> names =
      newest_first ? std::array<std::string_view, 2>{"eventTime.lt", "eventTime.lte"}
                   : std::array<std::string_view, 2>{"eventTime.gt", "eventTime.gte"};
  for (const RawParameter& raw : split_query(query)) {
    const auto name = decode_query_text(raw.name);
    if (!name || (*name != names[0] && *name != names[1]))
      continue;
    const auto value = decode_query_text(raw.value);
    const auto moments = value ? parse_instants(*value) : std::nullopt;
    if (!moments)
      continue;
    // The last commit up to a moment, of which there may be several.
    const auto sequence = store.sequence_at((newest_first ? moments->until : moments->from) - 1);
    if (sequence)
      return *sequence + 1;
    if (sequence.error().code != ErrorCode::gone)
      return sequence.error();
  }
  return graph::Sequence{0};
}

Result<EventFilters> filters_of(const Topic& topic, std::string_view query,
                                const tmf::EventScope& scope) {
  auto filters = EventFilters::parse(query, {topic.header_query, topic.content_query}, scope);
  if (!filters && filters.error().path == "/query")
    return Error{filters.error().code, filters.error().message};
  return filters;
}

} // namespace

void TopicsApi::add_routes(http::Router& router) const {
  const http::RouteOptions options{.produces = {json_type}};
  for (const Mount& mount : interface_mounts()) {
    if (mount.api != model::Api::topic)
      continue;
    const auto add = [&](const std::string& path, auto member) {
      add_route(
          router, http::Method::get, mount.path() + path,
          [this, mount, member](const CallRef& call) {
            on_reader(services_, call,
                      [this, mount, member](Call& asked) { return (this->*member)(asked, mount); });
          },
          options);
    };
    add("/{topic}/event", &TopicsApi::answer_list);
    add("/{topic}/event/{id}", &TopicsApi::answer_one);
  }
}

Result<void> TopicsApi::answer_list(Call& call, const Mount& mount) const {
  const EventAudience audience = audience_of(call, mount, services_.public_url);
  std::string query(call.request.query);
  EventRequest request;
  request.newest_first = TRY(take_order(query));
  request.after = TRY(take_place(query));
  request.limit = std::min(TRY(take_number(query, "limit", usual_limit)), most_on_page);
  if (request.limit == 0)
    return Error{ErrorCode::invalid, "must be from 1 to " + std::to_string(most_on_page), "limit"};
  request.offset = TRY(take_number(query, "offset", 0));
  const Topic topic =
      TRY(find_topic(services_.store, {audience.tenant, model::family_topic,
                                       std::string(call.request.parameter("topic"))}));
  const EventFilters filters = TRY(filters_of(topic, query, audience.events));
  request.begin = TRY(begin_of(query, request.newest_first, services_.store));
  const EventPage page = TRY(read_history(services_.store, audience, filters, request));
  Headers headers{{"X-Result-Count", std::to_string(page.count)}};
  // How many there are is known where all of them were looked at.
  const bool counted = !request.after && !page.next;
  if (counted)
    headers.emplace_back("X-Total-Count", std::to_string(page.left_out + page.count));
  if (page.next)
    headers.emplace_back("Link", next_page(call, services_.public_url, text_of(*page.next)));
  answer(call, counted && page.left_out == 0 ? 200 : 206, page.events, std::move(headers));
  return {};
}

Result<void> TopicsApi::answer_one(Call& call, const Mount& mount) const {
  const EventAudience audience = audience_of(call, mount, services_.public_url);
  TRY(Parameters::parse(call.request, {"fields"}));
  const Topic topic =
      TRY(find_topic(services_.store, {audience.tenant, model::family_topic,
                                       std::string(call.request.parameter("topic"))}));
  const EventFilters filters = TRY(filters_of(topic, call.request.query, audience.events));
  const json::Value event =
      TRY(read_event(services_.store, audience, filters, call.request.parameter("id")));
  answer(call, 200, json::to_text(event));
  return {};
}

} // namespace diffo::server

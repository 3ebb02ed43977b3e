#pragma once

#include "query/json_filter.h"
#include "tmf/event.h"
#include "tmf/field_selection.h"

#include <diffo/json.h>
#include <diffo/result.h>

#include <cstdint>
#include <initializer_list>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace diffo::server {

/// The longest `query` of a subscription, in bytes.
inline constexpr std::size_t longest_event_query = 4096;

/// The `query` of a subscription: conditions on the event document as those of a list, and `fields`
/// (wire.md §10). Thread rule: immutable once made.
class EventFilter {
public:
  /// What becomes of a condition that no event of the scope meets: on an eventType that there is
  /// not, or on what no event has.
  enum class Strange : std::uint8_t {
    refused,
    of_others, ///< events of other systems have what the standard gives them, and types of their
               ///< own
    kept,      ///< it was good once
  };
  /// An empty query takes all there is; one that begins with `$` or a bracket is a JSONPath.
  /// Errors: those of JsonFilter and of fields; invalid for what is strange, and for parameters of
  /// lists.
  static Result<EventFilter> parse(std::string_view query, const tmf::EventScope& scope,
                                   Strange strange = Strange::refused);

  /// Whether an event of that kind may be taken: what is known before it is made.
  [[nodiscard]] bool takes(const tmf::EventKind& kind) const { return kinds_.contains(kind); }
  [[nodiscard]] bool takes(const json::Value& event) const { return filter_.matches(event); }
  [[nodiscard]] bool narrows() const { return !fields_.shows_all(); }
  /// Takes out of an event what `fields` does not name; what tells events apart and names the
  /// entity stays.
  void narrow(json::Value& event) const { fields_.narrow_document(event); }

private:
  std::set<tmf::EventKind> kinds_;
  query::JsonFilter filter_;
  tmf::FieldSelection fields_;
};

/// Several queries, all of which an event must pass: that of a subscription, and those of the topic
/// it is of, which were read when it was made. Thread rule: immutable once made.
class EventFilters {
public:
  /// Errors: those of EventFilter.
  static Result<EventFilters> parse(std::string_view query,
                                    std::initializer_list<std::string_view> of_topic,
                                    const tmf::EventScope& scope,
                                    EventFilter::Strange strange = EventFilter::Strange::refused);

  [[nodiscard]] bool take(const tmf::EventKind& kind, const json::Value& event) const;
  /// Whether one of them says what is to be shown.
  [[nodiscard]] bool narrows() const;
  void narrow(json::Value& event) const;

private:
  std::vector<EventFilter> filters_;
};

} // namespace diffo::server

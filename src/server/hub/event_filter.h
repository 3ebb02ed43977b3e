#pragma once

#include "query/json_filter.h"
#include "tmf/event.h"
#include "tmf/field_selection.h"

#include <diffo/json.h>
#include <diffo/result.h>

#include <set>
#include <string_view>

namespace diffo::server {

/// The longest `query` of a subscription, in bytes.
inline constexpr std::size_t longest_event_query = 4096;

/// The `query` of a subscription: conditions on the event document as those of a list, and `fields`
/// (wire.md §10). Thread rule: immutable once made.
class EventFilter {
public:
  /// An empty query takes all there is. Errors: those of JsonFilter and of fields; invalid for an
  /// eventType that the API does not have in that version.
  static Result<EventFilter> parse(std::string_view query, model::Api api, model::Version version);

  /// Whether an event of that type may be taken: what is known before it is made.
  [[nodiscard]] bool takes(tmf::EventType type) const { return types_.contains(type); }
  [[nodiscard]] bool takes(const json::Value& event) const { return filter_.matches(event); }
  [[nodiscard]] bool narrows() const { return !fields_.shows_all(); }
  /// Takes out of an event what `fields` does not name; what tells events apart and names the
  /// entity stays.
  void narrow(json::Value& event) const { fields_.narrow_document(event); }

private:
  std::set<tmf::EventType> types_;
  query::JsonFilter filter_;
  tmf::FieldSelection fields_;
};

} // namespace diffo::server

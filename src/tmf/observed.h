#pragma once

#include "graph/record.h"
#include "graph/schema.h"
#include "model/api.h"
#include "rules/precedence.h"

#include <diffo/json.h>
#include <diffo/result.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What somebody has seen of an instance, merged into what is kept of it (wire.md §8).
namespace diffo::tmf {

/// What is said of one instance: a partial document, and what is not there.
struct ObservedDocument {
  graph::Element said;
  std::vector<std::string> nulls; ///< first-level attributes that there are none of
  std::vector<std::string> gone;  ///< addresses or JSON pointers
};

/// Reads what is said in the form of v5. Only what cannot be read is refused: a state that no
/// enumeration has is kept, and nothing is mandatory. Errors: invalid with all problems, each with
/// a pointer into the document, or `/absent/n`.
Result<ObservedDocument> read_observed(const json::Value* set, const json::Value* absent,
                                       model::Api api, const graph::Schema& schema);

/// Who has seen it, and who is believed.
struct Observer {
  rules::Said said;
  const rules::Precedence& precedence;
  /// When a source saw the record last, whatever it saw; 0: never.
  std::function<std::int64_t(std::string_view source)> last_seen;
};

/// Something that was said and not taken.
struct NotTaken {
  std::string address; ///< empty: that it is there at all
  rules::Ruling ruling = rules::Ruling::stale;
  rules::Said held; ///< who said otherwise
};

struct ObservedChange {
  std::optional<graph::RecordDraft> draft; ///< nothing: nothing is to be written
  std::vector<NotTaken> not_taken;
};

/// Whether the record says all that already. Looks at the packed record and makes no draft.
bool is_as_observed(const graph::Record& present, const ObservedDocument& observed,
                    const graph::Schema& schema);

/// What becomes of the record. Lists are merged by their keys, members that are not mentioned stay,
/// and each is annotated with who said it. A mark that a source no longer sees it goes. Errors:
/// invalid for something gone that no address names.
Result<ObservedChange> merge_observed(const graph::Record& present,
                                      const ObservedDocument& observed, const Observer& observer,
                                      const graph::Schema& schema);

/// Who said what stands at a JSON pointer into the document of v5, and when it changed; nothing of
/// a record that nobody has observed.
std::optional<rules::Said> said_at(const graph::Record& record, std::string_view pointer,
                                   const graph::Schema& schema);

/// The root of a new record that says what was observed, annotated as a whole.
graph::Element fresh_observed(const ObservedDocument& observed, const rules::Said& said,
                              const graph::Schema& schema);

} // namespace diffo::tmf

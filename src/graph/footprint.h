#pragma once

#include "graph/fetch_plan.h"
#include "graph/field_path.h"
#include "graph/record.h"

#include <map>
#include <vector>

namespace diffo::graph {

/// What an evaluation has read, completely: also the records that queries, walks and referrers
/// handed out. It decides what must be evaluated again, whether a commit still rests on what it
/// saw, what a change would touch, and why a value is what it is. A plain value.
struct Footprint {
  struct RecordRead {
    Key key; ///< also that it is there, and whether it is an actual or an expected one, is read
    Sequence sequence = 0;         ///< 0: it was not there
    std::vector<FieldPath> fields; ///< empty: the whole record
  };
  struct ReferrersRead {
    Key key;
    std::vector<ElementKind> kinds; ///< empty: any
    friend bool operator==(const ReferrersRead&, const ReferrersRead&) = default;
  };
  /// All records that a query finds, whatever page of them was asked for.
  struct RangeRead {
    Query query; ///< without order and page
  };
  std::vector<RecordRead> records; ///< one for each key
  std::vector<ReferrersRead> referrers;
  std::vector<RangeRead> ranges;
  std::vector<ClaimName> claims;
};

/// Takes down what is read. Thread rule: one thread.
class Recorder {
public:
  /// A record, or that there is none. Fields: what of it was looked at; empty: all.
  void record(const KeyView& key, const RecordRef& found,
              const std::vector<FieldPath>& fields = {});
  void referrers(const KeyView& key, const std::vector<ElementKind>& kinds);
  void range(const Query& query);
  void claim(ClaimName name);
  /// What another evaluation at the same revision has read.
  void add(const Footprint& other);
  [[nodiscard]] const Footprint& footprint() const { return footprint_; }
  /// What was read so far; the recorder is empty then.
  [[nodiscard]] Footprint take();

private:
  void add_record(const KeyView& key, Sequence sequence, const std::vector<FieldPath>& fields);

  Footprint footprint_;
  std::map<Key, std::size_t, std::less<>> places_; ///< of records in the footprint
};

} // namespace diffo::graph

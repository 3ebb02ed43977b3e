#pragma once

#include "graph/field_path.h"
#include "graph/record.h"

#include <optional>
#include <string_view>

namespace diffo::graph {

/// Takes the values that a path leads to, one after the other. Each returns false when it needs no
/// more.
class ValueSink {
public:
  virtual bool take_text(std::string_view text) = 0;
  virtual bool take_moment(std::int64_t microseconds) = 0;
  /// Neither a text nor a list.
  virtual bool take_other(const json::Value& value) = 0;
  /// A packed text; without a copy where it is stored as such.
  virtual bool take_packed_text(const ValueView& text);

  /// Whether it is also told where the values stand, so that two readings are the same only when
  /// the same values stand in the same places. It gets each JSON value whole then, whatever part of
  /// it the path means, and what is kept verbatim on the way.
  [[nodiscard]] virtual bool wants_places() const { return false; }
  /// An element on the way begins or ends.
  virtual void begin_place() {}
  virtual void end_place() {}
  /// A whole element.
  virtual bool take_element(const ElementView& element);

protected:
  ~ValueSink() = default;
};

/// Follows a path in packed records without rendering them. Thread rule: immutable; the dictionary
/// must outlive it.
class FieldReader {
public:
  FieldReader(FieldPath path, const Dictionary& dictionary);

  [[nodiscard]] const FieldPath& path() const { return path_; }
  /// Gives the sink what stands at the path, seen from an element of the record.
  void read(const Record& record, const ElementView& from, ValueSink& sink) const;

private:
  class Walk;
  FieldPath path_;
  std::optional<Word> word_; ///< of the member
};

} // namespace diffo::graph

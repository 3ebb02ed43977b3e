#pragma once

#include "graph/field_reader.h"

#include "base/dates.h"

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace diffo::graph {

class KeyCollector;

/// An order that no path tells: a function of the record with a name and arguments that say the
/// same. Equal when these are.
struct ResidualOrder {
  std::string name;
  std::string arguments;
  std::function<void(const Record&, KeyCollector&)> collect; ///< pure; any thread

  friend bool operator==(const ResidualOrder& a, const ResidualOrder& b) {
    return a.name == b.name && a.arguments == b.arguments;
  }
};

/// One sort key, most significant first: numbers and booleans before dates before texts. Of several
/// values the smallest counts, or the greatest when descending; records without one come last in
/// both directions. A plain value.
struct SortKey {
  FieldPath path;
  Reading reading = Reading::value;
  /// Stored texts that are ordered as another: the words that a version shows.
  std::vector<std::pair<std::string, std::string>> shown;
  bool descending = false;
  std::optional<ResidualOrder> residual; ///< in place of the path
  friend bool operator==(const SortKey&, const SortKey&) = default;
};

/// Keeps the first of the values it is given, in the wanted direction, as order-preserving bytes.
class KeyCollector final : public ValueSink {
public:
  explicit KeyCollector(const SortKey& order) : order_(order) {}
  bool take_text(std::string_view text) override;
  bool take_moment(std::int64_t microseconds) override;
  bool take_other(const json::Value& value) override;
  [[nodiscard]] std::optional<std::string> take() { return std::move(kept_); }

private:
  void keep(std::string key);
  const SortKey& order_;
  std::optional<std::string> kept_;
};

/// Makes the keys of records for one sort key. Thread rule: immutable; key and dictionary must
/// outlive it.
class SortKeyReader {
public:
  SortKeyReader(const SortKey& order, const Dictionary& dictionary)
      : order_(order), fields_(order.path, dictionary), dictionary_(dictionary) {}
  [[nodiscard]] std::optional<std::string> key_of(const Record& record) const;

private:
  const SortKey& order_;
  FieldReader fields_;
  const Dictionary& dictionary_;
};

/// Which of two lists of keys comes first: less, greater, or equivalent when creation decides.
std::weak_ordering order_of_keys(const std::vector<std::optional<std::string>>& left,
                                 const std::vector<std::optional<std::string>>& right,
                                 const std::vector<SortKey>& order);

/// Appends the order-preserving bytes of a number, exact whatever its digits and exponent.
void append_exact_number_key(std::string& key, const json::Value& number);

} // namespace diffo::graph

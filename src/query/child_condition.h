#pragma once

#include "graph/record.h"
#include "model/api.h"
#include "query/condition.h"

#include <cstdint>
#include <optional>

namespace diffo::query {

/// A condition on parts or references of a record (`relatedParty.role`, `note.author`,
/// `serviceCharacteristic.value.x`), read from the packed children where these show plainly what a
/// version shows of them. Thread rule: immutable; the dictionary must outlive it.
class ChildCondition {
public:
  /// Whether it holds; unknown: the rendered record must be asked.
  enum class Answer : std::uint8_t { no, yes, unknown };

  /// Nothing for a path that leads elsewhere or is translated between the versions.
  static std::optional<ChildCondition> make(const Condition& condition, model::Api api,
                                            model::Version version,
                                            const graph::Dictionary& dictionary);

  [[nodiscard]] Answer ask(const graph::Record& record) const;
  [[nodiscard]] const Condition& condition() const { return condition_; }

private:
  /// Where in a child the value stands.
  enum class Place : std::uint8_t { member, role, relationship_type, target };

  ChildCondition(Condition condition, const graph::Dictionary& dictionary)
      : condition_(std::move(condition)), dictionary_(&dictionary) {}
  [[nodiscard]] bool is_flat(const graph::ElementView& child) const;
  [[nodiscard]] std::optional<Found> look_at(const graph::ElementView& child) const;
  [[nodiscard]] Found look_at_member(const graph::ElementView& child) const;

  Condition condition_;
  const graph::Dictionary* dictionary_;
  graph::ElementKind kind_ = 0;
  Place place_ = Place::member;
  bool flat_ = false;               ///< the target stands beside the role, as v4 shows it
  std::optional<graph::Word> word_; ///< of the member, when it can be a field
};

} // namespace diffo::query

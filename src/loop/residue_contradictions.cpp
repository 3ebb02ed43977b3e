// Who is right at one target where expectations contradict each other (wire.md §7.1).
#include "loop/residue_keeper.h"
#include "model/model.h"
#include "outstanding/leaf.h"

#include <algorithm>
#include <map>
#include <utility>

namespace diffo::loop {
namespace {

using json::Value;
using outstanding::Category;
using outstanding::lies_in;

/// Whether one address is the other or lies in it.
bool meet(std::string_view one, std::string_view other) {
  return lies_in(one, other) || lies_in(other, one);
}

/// Whether an item says something of what is at an address in its list. Of items that one attribute
/// alone tells apart, only the one with the same text does; of others nobody knows.
bool item_may_say(const Value& item, std::string_view list, const outstanding::ListShape& shape,
                  std::string_view address) {
  const bool has_one_key = shape.keys.size() == 1 && shape.keys.front().size() == 1;
  const std::string_view key =
      has_one_key ? item.text_of(shape.keys.front().front()) : std::string_view();
  if (key.empty() || address.size() <= list.size() + 1)
    return true;
  const char first = address[list.size() + 1];
  const bool is_text = (first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z');
  return !is_text ||
         meet(address, std::string(list) + '[' + outstanding::key_text(Value(key)) + ']');
}

/// Whether a partial document may say something of what is at an address: most say nothing of it,
/// and need not be evaluated to know that.
bool may_say(const outstanding::Expectation& expectation, std::string_view address,
             const outstanding::DocumentShapes& shapes) {
  const json::Object* members = expectation.document().if_object();
  if (members == nullptr || expectation.profile() == outstanding::Profile::reference)
    return true;
  for (const json::Member& member : *members) {
    if (member.name.starts_with('$'))
      return true;
    if (!lies_in(address, member.name))
      continue;
    const outstanding::AttributeShape* shape = shapes.find(member.name);
    const json::Array* items = member.value.if_array();
    if (items == nullptr || shape == nullptr || !shape->list)
      return true;
    return std::any_of(items->begin(), items->end(), [&](const Value& item) {
      return item_may_say(item, member.name, *shape->list, address);
    });
  }
  return false;
}

/// Whether what would be written in another document is refused there by what is expected of it.
bool is_refused_elsewhere(const outstanding::Leaf& refusing, const outstanding::Leaf& wanted,
                          outstanding::Profile profile) {
  if (refusing.address != wanted.address || refusing.expected == wanted.expected)
    return false;
  const auto compiled = [profile](const Value& expected) {
    return outstanding::Expectation::compile(Value(json::Object{{"there", expected}}),
                                             {.profile = profile});
  };
  const auto writes = compiled(wanted.expected);
  const auto expects = compiled(refusing.expected);
  if (!writes || !expects)
    return true;
  const Value written = writes->apply_to(json::Object());
  const auto evaluation = expects->evaluate(&written, {});
  return !evaluation || evaluation->outstanding();
}

} // namespace

/// Of two expectations the one with the higher priority holds where it refuses what would meet the
/// other, also while it is met itself: the other is overruled. Of two with the same priority
/// neither holds, and both are contradicted. Who is named is the one with the highest priority;
/// among very many contradictions those that would be found last are not looked for.
class ResidueKeeper::Contradictions {
public:
  Contradictions(const ResidueKeeper& keeper, TargetResidues& standing,
                 const std::vector<Pair>& pairs, const graph::RecordRef& record,
                 graph::Subgraph& subgraph)
      : keeper_(keeper), standing_(standing), record_(record), subgraph_(subgraph),
        shapes_(model::model_of(subgraph.schema()).document_shapes()) {
    for (const Pair& pair : pairs) {
      by_expectation_.emplace(pair.expectation, &pair);
      if (pair.expected.document && in_force(*pair.expected.document, keeper.now_).now)
        highest_first_.push_back(&pair);
    }
    std::stable_sort(
        highest_first_.begin(), highest_first_.end(),
        [](const Pair* a, const Pair* b) { return priority_of(*a) > priority_of(*b); });
  }

  Result<void> settle() {
    static_cast<void>(subgraph_.take_footprint()); // of what has been accounted for
    for (Residue& residue : standing_.residues)
      TRY(look_at(residue, Others::higher));
    // Only then is it known whom of equals somebody else overrules.
    for (Residue& residue : standing_.residues)
      TRY(look_at(residue, Others::equal));
    return {};
  }

  /// What was read beside the target.
  graph::Footprint take_read() { return read_.take(); }
  /// When the clock makes a difference.
  [[nodiscard]] std::optional<Timestamp> next_flip() const { return next_flip_; }

private:
  enum class Others : std::uint8_t { higher, equal };
  static constexpr std::size_t most_compared = 10'000;
  static constexpr std::size_t most_considered = 1'000'000;

  static std::int64_t priority_of(const Pair& pair) { return pair.expected.document->priority; }
  static const outstanding::Expectation& expect_of(const Pair& pair) {
    return pair.expected.document->expect;
  }
  static bool is_free(const StandingLeaf& leaf) {
    return leaf.closable && !leaf.overruled_by && !leaf.contradicted_by;
  }

  Result<void> look_at(Residue& residue, Others which) {
    const Pair& low = *by_expectation_.at(residue.expectation);
    if (!low.residue || !low.expected.document)
      return {};
    std::optional<Value> met; // the document in which it is
    for (const Pair* other : highest_first_) {
      const bool is_higher = priority_of(*other) > priority_of(low);
      if (priority_of(*other) < priority_of(low) || (which == Others::higher && !is_higher))
        break;
      if ((which == Others::equal && is_higher) || !may_refuse(*other, low, residue))
        continue;
      if (++compared_ > most_compared)
        break;
      if (!met)
        met = expect_of(low).apply_to(
            TRY(document_of(*record_, low.expected.document->profile, subgraph_)));
      mark(*other, low, residue, *met, which);
    }
    return {};
  }

  /// Cheap, and no where there is nothing to find.
  bool may_refuse(const Pair& other, const Pair& low, const Residue& residue) {
    if (&other == &low || ++considered_ > most_considered ||
        expect_of(other).profile() != expect_of(low).profile())
      return false;
    const bool touches =
        std::any_of(residue.leaves.begin(), residue.leaves.end(), [&](const StandingLeaf& leaf) {
          return is_free(leaf) && may_say(expect_of(other), leaf.address, shapes_);
        });
    return touches && expect_of(other).document() != expect_of(low).document();
  }

  /// Marks the leaves of the one that the other refuses to have met.
  void mark(const Pair& other, const Pair& low, Residue& residue, const Value& met, Others which) {
    std::optional<std::vector<outstanding::Leaf>> spoiled; // of `low`, once the other is met too
    for (const outstanding::Leaf& refusing : leaves_in(met, other))
      for (std::size_t at = 0; at < residue.leaves.size(); ++at) {
        StandingLeaf& leaf = residue.leaves[at];
        if (!is_free(leaf) || !meet(leaf.address, refusing.address) ||
            !refuses(refusing, low.leaves[at], other, low, met, spoiled))
          continue;
        if (which == Others::higher)
          leaf.overruled_by = std::make_shared<const graph::Key>(other.expectation);
        else if (!is_overruled_at(other, leaf.address))
          leaf.contradicted_by = std::make_shared<const graph::Key>(other.expectation);
      }
  }

  bool refuses(const outstanding::Leaf& refusing, const outstanding::Leaf& wanted,
               const Pair& other, const Pair& low, const Value& met,
               std::optional<std::vector<outstanding::Leaf>>& spoiled) {
    if (refusing.category == Category::unknown)
      return false;
    if (!refusing.place.id.empty()) // nothing was written there
      return is_refused_elsewhere(refusing, wanted, expect_of(low).profile());
    const bool lacks_more = refusing.category == Category::missing &&
                            refusing.address != wanted.address &&
                            lies_in(refusing.address, wanted.address);
    if (!lacks_more)
      return true;
    // The other wants something beside what was written: both, unless that spoils this.
    if (!spoiled)
      spoiled = leaves_in(expect_of(other).apply_to(met), low);
    return std::any_of(spoiled->begin(), spoiled->end(), [&](const outstanding::Leaf& leaf) {
      return leaf.place.id.empty() && meet(leaf.address, wanted.address);
    });
  }

  /// What of an expectation is not met in a document of the target.
  std::vector<outstanding::Leaf> leaves_in(const Value& document, const Pair& pair) {
    const auto residue =
        evaluate_document(*pair.expected.document, &document, subgraph_,
                          keeper_.options(pair.expectation, outstanding::Explain::yes));
    if (!residue)
      return {};
    read_.add(residue->footprint);
    if (residue->next_flip && (!next_flip_ || *residue->next_flip < *next_flip_))
      next_flip_ = residue->next_flip;
    return expect_of(pair).leaves_of(residue->targets.front().evaluation);
  }

  /// Whether somebody of a higher priority refuses what the expectation wants there, so that it
  /// does not count.
  [[nodiscard]] bool is_overruled_at(const Pair& pair, std::string_view address) const {
    bool is_open = false;
    if (const Residue* residue = standing_.find(pair.expectation))
      for (const StandingLeaf& leaf : residue->leaves)
        if (meet(leaf.address, address)) {
          if (leaf.overruled_by)
            return true;
          is_open = true;
        }
    if (is_open)
      return false;
    // It is met: whoever is not wants something else there.
    for (const Pair* higher : highest_first_) {
      if (priority_of(*higher) <= priority_of(pair))
        break;
      if (std::any_of(higher->leaves.begin(), higher->leaves.end(),
                      [&](const auto& leaf) { return meet(leaf.address, address); }))
        return true;
    }
    return false;
  }

  const ResidueKeeper& keeper_;
  TargetResidues& standing_;
  const graph::RecordRef& record_;
  graph::Subgraph& subgraph_;
  const outstanding::DocumentShapes& shapes_;
  std::map<graph::Key, const Pair*> by_expectation_;
  std::vector<const Pair*> highest_first_;
  graph::Recorder read_;
  std::optional<Timestamp> next_flip_;
  std::size_t considered_ = 0;
  std::size_t compared_ = 0;
};

Result<void> ResidueKeeper::settle_contradictions(TargetResidues& standing,
                                                  const std::vector<Pair>& pairs,
                                                  const graph::RecordRef& record,
                                                  graph::Subgraph& subgraph, graph::Footprint& read,
                                                  std::optional<Timestamp>& flip) const {
  if (!record || pairs.size() < 2 || standing.residues.empty())
    return {};
  Contradictions contradictions(*this, standing, pairs, record, subgraph);
  TRY(contradictions.settle());
  graph::Recorder all;
  all.add(read);
  all.add(contradictions.take_read());
  read = all.take();
  const auto next = contradictions.next_flip();
  if (next && (!flip || *next < *flip))
    flip = next;
  return {};
}

} // namespace diffo::loop

#pragma once

#include "outstanding/compiled.h"
#include "outstanding/text_index.h"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace diffo::outstanding {

/// What came of one part: nothing when it is met.
struct Outcome {
  std::optional<json::Value> residue{};
  std::size_t leaves = 0;
  [[nodiscard]] bool met() const { return !residue.has_value(); }
};

/// One evaluation of a compiled expectation. Thread rule: one thread, one use.
class Evaluator {
public:
  Evaluator(const Compiled& compiled, const EvaluationContext& context)
      : compiled_(compiled), context_(context) {}

  using Items = std::span<const json::Value>;

  Result<Evaluation> run(const json::Value* actual);
  Result<Evaluation> run(DocumentView& actual);
  /// The item of a keyed list that an expected item means, and whether it meets it; nothing when
  /// there is none.
  struct Meant {
    std::size_t position;
    bool met;
  };
  std::optional<Meant> meant_by(const Node& item, Items items, const ListShape* shape);
  /// Which actual item each item of $only took, and how many it could have.
  struct Taken {
    std::vector<std::optional<std::size_t>> of_item{};
    std::vector<std::size_t> choices{};
  };
  /// Nothing when that takes too long.
  std::optional<Taken> taken_by(const Node& node, Items items);
  /// Whether an actual item is one that must not be there.
  bool is_named_by(const Node& item, const json::Value& candidate);

private:
  class ExpectedStep;
  class ActualStep;
  class Quietly;

  Outcome evaluate(const Node& node, const json::Value* actual);
  Outcome evaluate(const Node& root, DocumentView& document);
  Outcome object(const Node& node, const json::Value* actual);
  template <typename Find> Outcome members(const Node& node, Find find);
  Result<Evaluation> concluded(Outcome outcome);
  Outcome nested(const Node& node, const json::Value& reference);
  Outcome resolved(const Node& expect, std::string_view family, const std::string& id);
  const Resolution* resolution(std::string_view family, const std::string& id);
  Outcome positional(const Node& node, const json::Value* actual);
  Outcome keyword(const Node& node, const json::Value* actual);
  Outcome set(const Node& node, const json::Value* actual);

  Outcome keyed(const Node& node, const json::Value* actual);
  Outcome only(const Node& node, const json::Value* actual);
  class Candidates;
  Outcome best_of(const Node& item, Items items, Candidates& candidates);
  std::optional<Taken> take_items(const Node& node, Items items, Candidates& candidates);
  bool keys_met(const Node& item, const json::Value& candidate);
  bool needs_whole_item(const Node& item, Items items, Candidates& candidates, std::size_t chosen,
                        const json::Value& residue);
  static json::Value with_keys(const Node& item, json::Value residue);
  /// An item that is not to be there; `named`: marks those that it names.
  Outcome no_item(const Node& item, Items items, Candidates& candidates, std::vector<bool>* named);
  /// The residue of an item of $only against the one it took, of so many possible ones.
  Outcome item_residue(const Node& item, Items items, std::size_t at, std::size_t choices);

  bool leaf_met(const Node& node, const json::Value* actual);
  bool any_of(const Node& node, const json::Value* actual);
  bool one_of(const Node& node, const json::Value* actual);
  bool all_of(const Node& node, const json::Value* actual);
  bool tuple(const Node& node, const json::Value* actual);
  bool function(const Node& node, const json::Value* actual);
  bool in_range(const Node& node, const json::Value& actual) const;
  bool compare(const Node& node, const json::Value& actual) const;
  bool regex(const Node& node, const json::Value* actual);
  bool temporal(const Node& node, const json::Value* actual);
  bool duration(const Node& node, const json::Value* actual);
  bool strictly_equal(const json::Value& left, const json::Value& right) const;

  /// The whole expectation of the node as residue.
  Outcome whole(const Node& node, const json::Value* actual);
  /// One entry a leaf; `instead`: the value that stands where the node should be.
  void explain_leaves(const Node& node, const json::Value* instead);
  /// Appends to the pointer the way from a node to its child.
  void append_child(const Node& node, std::size_t child);
  void explain(const Node& node, const json::Value* actual, std::string rule);
  void explain_value(const json::Value& expected, const json::Value* actual, std::string rule,
                     bool met = false);
  /// What the reference raises: an error in profile reference, else simply not met.
  bool raise(ErrorCode code, const std::string& message);
  bool fail(Error error);
  void look_at(const DocumentPlace& document, const Node& root);
  void flips_at(std::optional<Timestamp> flip);

  const Compiled& compiled_;
  const EvaluationContext& context_;
  Evaluation evaluation_;
  std::optional<Error> error_;
  std::size_t steps_ = 0;
  std::size_t quiet_ = 0;
  std::string pointer_;
  DocumentPlace place_;
  std::string unknown_;
  std::optional<std::string> missing_; ///< the pointer of the object that is missing as a whole
  std::optional<Timestamp> leaf_flip_;
  std::optional<std::size_t> chosen_; ///< by the last best_of
  // Ordered, so that references to what it holds stay valid.
  std::map<std::pair<std::string, std::string>, Resolution> resolutions_;
  std::set<std::pair<const Node*, std::string>> told_; ///< of the reads
};

/// Keeps the pointer into the expectation true; costs nothing when nobody asks for an explanation.
class Evaluator::ExpectedStep {
public:
  ExpectedStep(Evaluator& evaluator, std::string_view token)
      : evaluator_(evaluator), length_(evaluator.pointer_.size()) {
    if (evaluator_.context_.explain != Explain::no)
      json::append_token(evaluator_.pointer_, token);
  }
  /// To a child of a list, into the matcher's argument where it is one.
  ExpectedStep(Evaluator& evaluator, const Node& node, std::size_t child)
      : evaluator_(evaluator), length_(evaluator.pointer_.size()) {
    if (evaluator_.context_.explain != Explain::no)
      evaluator_.append_child(node, child);
  }
  ~ExpectedStep() { evaluator_.pointer_.resize(length_); }
  ExpectedStep(const ExpectedStep&) = delete;
  ExpectedStep& operator=(const ExpectedStep&) = delete;

private:
  Evaluator& evaluator_;
  std::size_t length_;
};

/// The same for the pointer into the actual.
class Evaluator::ActualStep {
public:
  ActualStep(Evaluator& evaluator, std::string_view token)
      : evaluator_(evaluator), length_(evaluator.place_.pointer.size()) {
    if (evaluator_.context_.explain != Explain::no)
      json::append_token(evaluator_.place_.pointer, token);
  }
  ActualStep(Evaluator& evaluator, std::size_t index)
      : evaluator_(evaluator), length_(evaluator.place_.pointer.size()) {
    if (evaluator_.context_.explain != Explain::no)
      json::append_token(evaluator_.place_.pointer, std::to_string(index));
  }
  ~ActualStep() { evaluator_.place_.pointer.resize(length_); }
  ActualStep(const ActualStep&) = delete;
  ActualStep& operator=(const ActualStep&) = delete;

private:
  Evaluator& evaluator_;
  std::size_t length_;
};

/// Nothing is explained while it lives: what is compared is only a possibility.
class Evaluator::Quietly {
public:
  explicit Quietly(Evaluator& evaluator) : evaluator_(evaluator) { ++evaluator_.quiet_; }
  ~Quietly() { --evaluator_.quiet_; }
  Quietly(const Quietly&) = delete;
  Quietly& operator=(const Quietly&) = delete;

private:
  Evaluator& evaluator_;
};

/// Gives the actual items that may be what an expected item means, through an index by key text
/// when lists are large.
class Evaluator::Candidates {
public:
  Candidates(Items items, const ListShape* shape, std::size_t expected)
      : items_(items), shape_(shape) {
    indexed_ = items.size() > 8 && items.size() * expected > 128;
  }

  /// Begins with the first candidate of the item; TextIndex::none when there is none.
  std::size_t first(const Node& item) {
    index_ = nullptr;
    if (indexed_ && !item.keys.empty()) {
      const Node& key = item.children[item.keys.front()];
      if (const std::string* text = literal_text(key)) {
        index_ = &index_by(key.name);
        return index_->first(*text);
      }
    }
    return items_.empty() ? TextIndex::none : 0;
  }
  [[nodiscard]] std::size_t after(std::size_t position) const {
    if (index_ != nullptr)
      return index_->after(position);
    return position + 1 < items_.size() ? position + 1 : TextIndex::none;
  }

private:
  /// The text of an expected key part that names one text only.
  static const std::string* literal_text(const Node& node) {
    return node.rule == Rule::literal ? node.source->if_string() : nullptr;
  }
  const TextIndex& index_by(const std::string& attribute) {
    const auto known = indexes_.find(attribute);
    if (known != indexes_.end())
      return known->second;
    return indexes_
        .try_emplace(
            attribute, items_.size(),
            [&](std::size_t position) -> std::optional<std::string_view> {
              const json::Value* value = item_attribute(items_[position], attribute, shape_);
              const std::string* text = value != nullptr ? value->if_string() : nullptr;
              return text != nullptr ? std::optional<std::string_view>(*text) : std::nullopt;
            })
        .first->second;
  }

  Items items_;
  const ListShape* shape_;
  bool indexed_ = false;
  const TextIndex* index_ = nullptr;
  std::map<std::string, TextIndex, std::less<>> indexes_;
};

/// Finds the members of an object when they are asked for mostly in their own order.
class MemberFinder {
public:
  explicit MemberFinder(const json::Object& object) : object_(object) {}
  const json::Value* find(std::string_view name);

private:
  static constexpr std::size_t few = 16;
  const json::Object& object_;
  std::size_t next_ = 0;
  std::optional<TextIndex> index_;
};

} // namespace diffo::outstanding

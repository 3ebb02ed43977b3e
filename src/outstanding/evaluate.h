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
  /// The item of a keyed list that an expected item means, and whether it meets it; nothing when
  /// there is none.
  struct Meant {
    std::size_t position;
    bool met;
  };
  std::optional<Meant> meant_by(const Node& item, Items items, const ListShape* shape);

private:
  class ExpectedStep;
  class ActualStep;
  class Quietly;

  Outcome evaluate(const Node& node, const json::Value* actual);
  Outcome object(const Node& node, const json::Value* actual);
  Outcome nested(const Node& node, const json::Value& reference);
  Outcome resolved(const Node& expect, std::string_view family, const std::string& id);
  const Resolution* resolution(std::string_view family, const std::string& id);
  Outcome positional(const Node& node, const json::Value* actual);
  Outcome keyword(const Node& node, const json::Value* actual);
  Outcome set(const Node& node, const json::Value* actual);

  Outcome keyed(const Node& node, const json::Value* actual);
  class Candidates;
  Outcome best_of(const Node& item, Items items, Candidates& candidates);
  bool keys_met(const Node& item, const json::Value& candidate);
  bool needs_whole_item(const Node& item, Items items, Candidates& candidates, std::size_t chosen,
                        const json::Value& residue);
  static json::Value with_keys(const Node& item, json::Value residue);

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
  void explain_leaves(const Node& node);
  /// Appends to the pointer the way from a node to its child.
  void append_child(const Node& node, std::size_t child);
  void explain(const Node& node, const json::Value* actual, std::string rule);
  /// What the reference raises: an error in profile reference, else simply not met.
  bool raise(ErrorCode code, const std::string& message);
  bool fail(Error error);
  void read_document(std::string family, std::string id, const Node& root);
  void flips_at(std::optional<Instant> flip);

  const Compiled& compiled_;
  const EvaluationContext& context_;
  Evaluation evaluation_;
  std::optional<Error> error_;
  std::size_t steps_ = 0;
  std::size_t quiet_ = 0;
  std::string pointer_;
  DocumentPlace place_;
  std::string unknown_;
  std::optional<Instant> leaf_flip_;
  std::optional<std::size_t> chosen_; ///< by the last best_of
  // Ordered, so that references to what it holds stay valid.
  std::map<std::pair<std::string, std::string>, Resolution> resolutions_;
  std::set<std::pair<const Node*, std::string>> read_; ///< what is in the footprint already
};

/// Keeps the pointer into the expectation true; costs nothing when nobody asks for an explanation.
class Evaluator::ExpectedStep {
public:
  ExpectedStep(Evaluator& evaluator, std::string_view token)
      : evaluator_(evaluator), length_(evaluator.pointer_.size()) {
    if (evaluator_.context_.explain == Explain::yes)
      json::append_token(evaluator_.pointer_, token);
  }
  /// To a child of a list, into the matcher's argument where it is one.
  ExpectedStep(Evaluator& evaluator, const Node& node, std::size_t child)
      : evaluator_(evaluator), length_(evaluator.pointer_.size()) {
    if (evaluator_.context_.explain == Explain::yes)
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
    if (evaluator_.context_.explain == Explain::yes)
      json::append_token(evaluator_.place_.pointer, token);
  }
  ActualStep(Evaluator& evaluator, std::size_t index)
      : evaluator_(evaluator), length_(evaluator.place_.pointer.size()) {
    if (evaluator_.context_.explain == Explain::yes)
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

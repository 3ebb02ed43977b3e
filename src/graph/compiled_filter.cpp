#include "graph/compiled_filter.h"

#include "base/text_hash.h"
#include "graph/field_reader.h"

#include <algorithm>
#include <utility>

namespace diffo::graph {

/// One condition, asked of an element of a record.
class CompiledFilter::Node {
public:
  Node() = default;
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
  virtual ~Node() = default;
  [[nodiscard]] virtual bool holds(const Record& record, const ElementView& element) const = 0;
};

namespace {

using Node = CompiledFilter::Node;
using NodeRef = std::shared_ptr<const Node>;

class AllNode final : public Node {
public:
  explicit AllNode(std::vector<NodeRef> children) : children_(std::move(children)) {}
  bool holds(const Record& record, const ElementView& element) const override {
    return std::all_of(children_.begin(), children_.end(),
                       [&](const NodeRef& child) { return child->holds(record, element); });
  }

private:
  std::vector<NodeRef> children_;
};

class AnyNode final : public Node {
public:
  explicit AnyNode(std::vector<NodeRef> children) : children_(std::move(children)) {}
  bool holds(const Record& record, const ElementView& element) const override {
    return std::any_of(children_.begin(), children_.end(),
                       [&](const NodeRef& child) { return child->holds(record, element); });
  }

private:
  std::vector<NodeRef> children_;
};

class NotNode final : public Node {
public:
  explicit NotNode(NodeRef child) : child_(std::move(child)) {}
  bool holds(const Record& record, const ElementView& element) const override {
    return !child_->holds(record, element);
  }

private:
  NodeRef child_;
};

/// Compares the values at a path.
class CompareNode final : public Node {
public:
  CompareNode(const Filter& filter, std::vector<Operand> operands, const Dictionary& dictionary)
      : reader_(filter.path, dictionary), comparison_(filter.comparison), shown_(filter.shown),
        operands_(std::move(operands)) {
    by_bytes_ = comparison_ == Compare::equal && filter.reading == Reading::text &&
                shown_.empty() &&
                std::all_of(filter.any_of.begin(), filter.any_of.end(),
                            [](const json::Value& operand) { return operand.is_string(); });
    if (by_bytes_ && operands_.size() > few)
      for (const Operand& operand : operands_)
        texts_.emplace(operand.text());
  }

  bool holds(const Record& record, const ElementView& element) const override {
    Matching matching(*this);
    reader_.read(record, element, matching);
    return matching.found;
  }

private:
  struct Matching final : public ValueSink {
    explicit Matching(const CompareNode& asked) : node(asked) {}
    bool take_text(std::string_view text) override {
      const auto word = std::find_if(node.shown_.begin(), node.shown_.end(),
                                     [text](const auto& pair) { return pair.first == text; });
      return look_for([&](const Operand& operand) {
        return operand.matches_text(
            word == node.shown_.end() ? text : std::string_view(word->second), node.comparison_);
      });
    }
    bool take_packed_text(const ValueView& text) override {
      if (!node.by_bytes_)
        return ValueSink::take_packed_text(text);
      if (node.texts_.empty())
        return look_for([&](const Operand& operand) { return text.equals(operand.text()); });
      found = node.texts_.contains(text.text());
      return !found;
    }
    bool take_moment(std::int64_t microseconds) override {
      if (node.comparison_ == Compare::matches)
        return take_text(text_of(Timestamp{microseconds}));
      return look_for([&](const Operand& operand) {
        return operand.matches_instant(microseconds, node.comparison_);
      });
    }
    bool take_other(const json::Value& value) override {
      if (value.is_null() || value.is_object())
        return true;
      return look_for(
          [&](const Operand& operand) { return operand.matches(value, node.comparison_); });
    }
    template <typename Matches> bool look_for(const Matches& matches) {
      found = node.comparison_ == Compare::exists ||
              std::any_of(node.operands_.begin(), node.operands_.end(), matches);
      return !found;
    }
    const CompareNode& node;
    bool found = false;
  };

  FieldReader reader_;
  Compare comparison_;
  std::vector<std::pair<std::string, std::string>> shown_;
  std::vector<Operand> operands_;
  static constexpr std::size_t few = 16;
  bool by_bytes_ = false; ///< texts are compared for equality, as they are
  TextSet texts_;         ///< then, those of the operands, where they are many
};

bool has_kind(const std::vector<ElementKind>& kinds, ElementKind kind) {
  return kinds.empty() || std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

class PartNode final : public Node {
public:
  PartNode(std::vector<ElementKind> kinds, NodeRef child)
      : kinds_(std::move(kinds)), child_(std::move(child)) {}
  bool holds(const Record& record, const ElementView& element) const override {
    ElementView part;
    for (ChildCursor parts = element.children(); parts.next(part);)
      if (has_kind(kinds_, part.kind()) && child_->holds(record, part))
        return true;
    return false;
  }

private:
  std::vector<ElementKind> kinds_;
  NodeRef child_;
};

class EdgeNode final : public Node {
public:
  EdgeNode(std::vector<ElementKind> kinds, std::vector<Target> targets, NodeRef child)
      : kinds_(std::move(kinds)), targets_(std::move(targets)), child_(std::move(child)) {}
  bool holds(const Record& record, const ElementView& element) const override {
    bool found = false;
    for_each_edge(element, [&](const ElementView& edge) {
      found = found || (has_kind(kinds_, edge.kind()) && leads_there(edge) &&
                        (!child_ || child_->holds(record, edge)));
    });
    return found;
  }

private:
  [[nodiscard]] bool leads_there(const ElementView& edge) const {
    return targets_.empty() ||
           std::any_of(targets_.begin(), targets_.end(), [&](const Target& target) {
             return target.family == edge.target_family() && edge.target_id().equals(target.id);
           });
  }
  std::vector<ElementKind> kinds_;
  std::vector<Target> targets_;
  NodeRef child_;
};

class IndexNode final : public Node {
public:
  /// Without a key: any.
  IndexNode(const IndexDefinition& index, std::optional<std::string> key,
            const Dictionary& dictionary)
      : index_(index), key_(std::move(key)), dictionary_(dictionary) {}
  bool holds(const Record& record, const ElementView&) const override {
    struct AnyKey final : public IndexSink {
      explicit AnyKey(const std::optional<std::string>& wanted) : key(wanted) {}
      void add(std::string_view one) override { found = found || !key || one == *key; }
      const std::optional<std::string>& key;
      bool found = false;
    } any(key_);
    if (covers(index_, record.family()))
      index_.keys(record, dictionary_, any);
    return any.found;
  }

private:
  const IndexDefinition& index_;
  std::optional<std::string> key_;
  const Dictionary& dictionary_;
};

class ResidualNode final : public Node {
public:
  explicit ResidualNode(std::function<bool(const Record&)> holds) : holds_(std::move(holds)) {}
  bool holds(const Record& record, const ElementView&) const override { return holds_(record); }

private:
  std::function<bool(const Record&)> holds_;
};

class Compiler {
public:
  explicit Compiler(const Schema& schema) : schema_(schema) {}

  Result<NodeRef> compile(const Filter& filter) const {
    switch (filter.kind) {
    case Filter::Kind::all:
      return NodeRef(std::make_shared<AllNode>(TRY(children_of(filter))));
    case Filter::Kind::any:
      return NodeRef(std::make_shared<AnyNode>(TRY(children_of(filter))));
    case Filter::Kind::none_of:
      return NodeRef(std::make_shared<NotNode>(TRY(only_child(filter))));
    case Filter::Kind::compare:
      return comparison(filter);
    case Filter::Kind::any_part:
      return NodeRef(std::make_shared<PartNode>(filter.kinds, TRY(only_child(filter))));
    case Filter::Kind::has_edge:
      return edge(filter);
    case Filter::Kind::in_index: {
      const IndexDefinition* index = schema_.index(filter.name);
      if (index == nullptr)
        return Error{ErrorCode::invalid, "there is no index " + filter.name};
      return NodeRef(std::make_shared<IndexNode>(*index, key_of(filter), schema_.dictionary()));
    }
    case Filter::Kind::residual:
      if (!filter.residual.holds)
        return Error{ErrorCode::unsupported, "nobody knows the condition " + filter.residual.name};
      return NodeRef(std::make_shared<ResidualNode>(filter.residual.holds));
    }
    return Error{ErrorCode::internal, "a filter of no kind"};
  }

private:
  Result<std::vector<NodeRef>> children_of(const Filter& filter) const {
    std::vector<NodeRef> children;
    children.reserve(filter.children.size());
    for (const Filter& child : filter.children)
      children.push_back(TRY(compile(child)));
    return children;
  }
  Result<NodeRef> only_child(const Filter& filter) const {
    if (filter.children.size() != 1)
      return Error{ErrorCode::invalid, "a condition is missing"};
    return compile(filter.children.front());
  }
  Result<NodeRef> comparison(const Filter& filter) const {
    std::vector<Operand> operands;
    operands.reserve(filter.any_of.size());
    for (const json::Value& operand : filter.any_of)
      operands.push_back(TRY(Operand::make(operand, filter.comparison, filter.reading)));
    return NodeRef(
        std::make_shared<CompareNode>(filter, std::move(operands), schema_.dictionary()));
  }
  Result<NodeRef> edge(const Filter& filter) const {
    if (filter.direction == Direction::in)
      return Error{ErrorCode::unsupported, "edges that lead here cannot be asked for in a filter"};
    NodeRef child;
    if (!filter.children.empty())
      child = TRY(only_child(filter));
    return NodeRef(std::make_shared<EdgeNode>(filter.kinds, filter.targets, std::move(child)));
  }

  const Schema& schema_;
};

} // namespace

Result<CompiledFilter> CompiledFilter::compile(const Filter& filter, const Schema& schema) {
  return CompiledFilter(TRY(Compiler(schema).compile(filter)), schema);
}

bool CompiledFilter::holds(const Record& record) const {
  return holds(record, record.root(schema_->dictionary()));
}

bool CompiledFilter::holds(const Record& record, const ElementView& element) const {
  return root_->holds(record, element);
}

} // namespace diffo::graph

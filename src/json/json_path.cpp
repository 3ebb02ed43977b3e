#include "json/json_path.h"

#include "base/text.h"
#include "json/json_path_compare.h"
#include "json/json_path_reader.h"

#include <algorithm>
#include <cmath>

namespace diffo::json {
namespace {

Error spent() {
  return {ErrorCode::too_large, "the paths look at more of the document than they may"};
}

/// RFC 9535 §2.4.4: of a text its characters.
std::optional<json::Value> length_of(const json::Value& value) {
  std::size_t length = 0;
  if (const std::string* text = value.if_string())
    length = static_cast<std::size_t>(std::count_if(text->begin(), text->end(), [](char c) {
      return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    }));
  else if (value.is_array())
    length = value.array().size();
  else if (value.is_object())
    length = value.object().size();
  else
    return std::nullopt;
  return json::Value(static_cast<std::int64_t>(length));
}

/// RFC 9535 §2.7.
void append_normal(std::string& text, char c) {
  constexpr std::string_view controls = "\b\t\n\f\r";
  constexpr std::string_view letters = "btnfr";
  constexpr std::string_view digits = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  if (const std::size_t known = controls.find(c); known != std::string_view::npos) {
    text += '\\';
    text += letters[known];
  } else if (byte < 0x20) {
    text += "\\u00";
    text += digits[byte >> 4U];
    text += digits[byte & 15U];
  } else {
    if (c == '\'' || c == '\\')
      text += '\\';
    text += c;
  }
}

} // namespace

/// One question to a document. When the budget is spent everything ends early, with no answer that
/// counts.
class Evaluation {
public:
  Evaluation(const Roots& roots, Budget& budget) : roots_(roots), budget_(budget) {}

  [[nodiscard]] bool is_spent() const { return is_spent_; }

  Nodes select(const path::Query& query, const json::Value* current) {
    Nodes nodes;
    const json::Value* begin = query.beginning == path::Beginning::root ? roots_.root : current;
    if (begin == nullptr)
      return nodes;
    nodes.origin_ = begin;
    nodes.found_.push_back({begin, Nodes::no_parent});
    for (const path::Segment& segment : query.segments) {
      const std::vector<Nodes::Node> before = std::exchange(nodes.found_, {});
      for (const Nodes::Node& node : before) {
        if (is_spent_)
          break;
        apply(segment, node, nodes);
      }
    }
    return nodes;
  }

  bool holds(const path::Logical& logical, const json::Value* current) {
    using enum path::LogicalKind;
    const auto part = [&](const path::Logical& one) { return holds(one, current); };
    switch (logical.kind) {
    case any_of:
      return std::any_of(logical.parts.begin(), logical.parts.end(), part);
    case all_of:
      return std::all_of(logical.parts.begin(), logical.parts.end(), part);
    case none_of:
      return std::none_of(logical.parts.begin(), logical.parts.end(), part);
    case exists:
      return !select(std::get<path::Query>(logical.left), current).empty();
    case compares: {
      Held left;
      Held right;
      return path::compares(value_of(logical.left, current, left), logical.comparison,
                            value_of(logical.right, current, right));
    }
    case compares_loose:
      return compares_some(logical, current);
    case matches: {
      Held held;
      const auto left = values_of(logical.left, current, held);
      return std::any_of(left.begin(), left.end(), [&](const json::Value* value) {
        const std::string* text = value->if_string();
        return spend(1 + (text != nullptr ? text->size() / 64 : 0)) &&
               logical.asked->matches(*value, Compare::matches);
      });
    }
    case calls:
      return has_match(*std::get<std::shared_ptr<const path::Call>>(logical.left), current);
    }
    return false;
  }

private:
  /// What an operand gives that stands nowhere in the document.
  using Held = std::optional<json::Value>;

  bool spend(std::size_t steps = 1) {
    if (!budget_.spend(steps))
      is_spent_ = true;
    return !is_spent_;
  }

  void apply(const path::Segment& segment, const Nodes::Node& node, Nodes& nodes) {
    if (!spend())
      return;
    if (segment.reach == path::Reach::parent)
      return add_parent(node, nodes);
    for (const path::Selector& selector : segment.selectors)
      choose(selector, node, nodes);
    if (segment.reach == path::Reach::child)
      return;
    // As deep as the document, which its reader has bounded.
    for_each_child(node, nodes, [&](const Nodes::Node& child) { apply(segment, child, nodes); });
  }

  static void add_parent(const Nodes::Node& node, Nodes& nodes) {
    if (node.way == Nodes::no_parent)
      return;
    const std::size_t up = nodes.ways_[node.way].parent;
    nodes.found_.push_back({up == Nodes::no_parent ? nodes.origin_ : nodes.ways_[up].value, up});
  }

  void choose(const path::Selector& selector, const Nodes::Node& node, Nodes& nodes) {
    using enum path::SelectorKind;
    switch (selector.kind) {
    case name:
      if (const json::Object* members = node.value->if_object())
        for (const auto& member : *members)
          if (member.name == selector.name)
            add(member.value, node, {&member.name, 0}, nodes);
      return;
    case wildcard:
      for_each_child(node, nodes, [&](const Nodes::Node& child) { nodes.found_.push_back(child); });
      return;
    case index:
      if (const json::Array* items = node.value->if_array())
        add_item(*items,
                 selector.index < 0 ? selector.index + static_cast<std::int64_t>(items->size())
                                    : selector.index,
                 node, nodes);
      return;
    case slice:
      if (const json::Array* items = node.value->if_array())
        add_slice(*items, selector, node, nodes);
      return;
    case filter:
      for_each_child(node, nodes, [&](const Nodes::Node& child) {
        if (holds(*selector.filter, child.value) && !is_spent_)
          nodes.found_.push_back(child);
      });
      return;
    }
  }

  template <typename Take>
  void for_each_child(const Nodes::Node& node, Nodes& nodes, const Take& take) {
    const auto child = [&](const json::Value& value, const Step& step) {
      if (!spend())
        return false;
      nodes.ways_.push_back({node.way, step, &value});
      take(Nodes::Node{&value, nodes.ways_.size() - 1});
      return true;
    };
    if (const json::Object* members = node.value->if_object()) {
      for (const auto& [member, value] : *members)
        if (!child(value, {&member, 0}))
          return;
    } else if (const json::Array* items = node.value->if_array()) {
      for (std::size_t at = 0; at < items->size(); ++at)
        if (!child((*items)[at], {nullptr, at}))
          return;
    }
  }

  void add(const json::Value& value, const Nodes::Node& from, const Step& step, Nodes& nodes) {
    if (!spend())
      return;
    nodes.ways_.push_back({from.way, step, &value});
    nodes.found_.push_back({&value, nodes.ways_.size() - 1});
  }

  void add_item(const json::Array& items, std::int64_t at, const Nodes::Node& from, Nodes& nodes) {
    if (at >= 0 && at < static_cast<std::int64_t>(items.size()))
      add(items[static_cast<std::size_t>(at)], from, {nullptr, static_cast<std::size_t>(at)},
          nodes);
  }

  /// RFC 9535 §2.3.4.2.2.
  void add_slice(const json::Array& items, const path::Selector& slice, const Nodes::Node& from,
                 Nodes& nodes) {
    const auto size = static_cast<std::int64_t>(items.size());
    const auto normal = [size](std::int64_t at) { return at >= 0 ? at : size + at; };
    if (slice.step > 0) {
      const std::int64_t first = std::clamp(normal(slice.start.value_or(0)), std::int64_t{0}, size);
      const std::int64_t end = std::clamp(normal(slice.end.value_or(size)), std::int64_t{0}, size);
      for (std::int64_t at = first; at < end && !is_spent_; at += slice.step)
        add_item(items, at, from, nodes);
    } else if (slice.step < 0) {
      const std::int64_t first =
          std::clamp(normal(slice.start.value_or(size - 1)), std::int64_t{-1}, size - 1);
      const std::int64_t end =
          std::clamp(slice.end ? normal(*slice.end) : std::int64_t{-1}, std::int64_t{-1}, size - 1);
      for (std::int64_t at = first; at > end && !is_spent_; at += slice.step)
        add_item(items, at, from, nodes);
    }
  }

  const json::Value* value_of(const path::Operand& operand, const json::Value* current,
                              Held& held) {
    if (const auto* literal = std::get_if<json::Value>(&operand))
      return literal;
    if (const auto* query = std::get_if<path::Query>(&operand))
      return only(select(*query, current));
    held = result_of(*std::get<std::shared_ptr<const path::Call>>(operand), current);
    return held ? &*held : nullptr;
  }

  static const json::Value* only(const Nodes& nodes) {
    return nodes.size() == 1 ? &nodes[0] : nullptr;
  }

  Held result_of(const path::Call& call, const json::Value* current) {
    using enum path::Function;
    const json::Value* found = nullptr;
    switch (call.function) {
    case length:
      return length_of_argument(call.argument, current);
    case count:
      return json::Value(
          static_cast<std::int64_t>(select(std::get<path::Query>(call.argument), current).size()));
    case value:
      found = only(select(std::get<path::Query>(call.argument), current));
      return found != nullptr ? Held(*found) : std::nullopt;
    case match:
    case search:
      return std::nullopt;
    case minimum:
    case maximum:
    case average:
    case deviation:
      return number_of(call, current);
    }
    return std::nullopt;
  }

  /// All that an operand gives.
  std::vector<const json::Value*> values_of(const path::Operand& operand,
                                            const json::Value* current, Held& held) {
    std::vector<const json::Value*> values;
    if (const auto* query = std::get_if<path::Query>(&operand)) {
      const Nodes nodes = select(*query, current);
      for (std::size_t at = 0; at < nodes.size(); ++at)
        values.push_back(&nodes[at]);
    } else if (const json::Value* value = value_of(operand, current, held)) {
      values.push_back(value);
    }
    return values;
  }

  bool compares_some(const path::Logical& logical, const json::Value* current) {
    Held held_left;
    Held held_right;
    auto left = values_of(logical.left, current, held_left);
    auto right = values_of(logical.right, current, held_right);
    if (left.empty())
      left.push_back(nullptr);
    if (right.empty())
      right.push_back(nullptr);
    for (const json::Value* one : left)
      for (const json::Value* other : right)
        if (!spend())
          return false;
        else if (path::compares_loosely(one, logical.comparison, other, logical.asked.get()))
          return true;
    return false;
  }

  /// The numbers that a function looks at: those found, the items of arrays, and texts that are
  /// numbers.
  std::vector<json::Value> numbers_of(const path::Operand& operand, const json::Value* current) {
    std::vector<json::Value> numbers;
    Held held;
    const auto take = [&](const json::Value& value) {
      if (!spend())
        return;
      if (value.is_number())
        numbers.push_back(value);
      else if (const std::string* text = value.if_string())
        if (auto number = number_in(*text))
          numbers.push_back(std::move(*number));
    };
    for (const json::Value* value : values_of(operand, current, held)) {
      if (const json::Array* items = value->if_array())
        std::for_each(items->begin(), items->end(), take);
      else
        take(*value);
    }
    return numbers;
  }

  Held number_of(const path::Call& call, const json::Value* current) {
    const std::vector<json::Value> numbers = numbers_of(call.argument, current);
    if (numbers.empty())
      return std::nullopt;
    const auto is_less = [](const json::Value& one, const json::Value& other) {
      return json::compare_numbers(one, other) < 0;
    };
    if (call.function == path::Function::minimum)
      return *std::min_element(numbers.begin(), numbers.end(), is_less);
    if (call.function == path::Function::maximum)
      return *std::max_element(numbers.begin(), numbers.end(), is_less);
    const auto count = static_cast<double>(numbers.size());
    double sum = 0;
    for (const json::Value& number : numbers)
      sum += number.as_double();
    const double mean = sum / count;
    if (call.function == path::Function::average)
      return json::Value(mean);
    double squares = 0;
    for (const json::Value& number : numbers)
      squares += (number.as_double() - mean) * (number.as_double() - mean);
    return json::Value(std::sqrt(squares / count));
  }

  Held length_of_argument(const path::Operand& argument, const json::Value* current) {
    const auto* query = std::get_if<path::Query>(&argument);
    if (query != nullptr && !query->is_singular())
      return json::Value(static_cast<std::int64_t>(select(*query, current).size()));
    Held inner;
    const json::Value* found = value_of(argument, current, inner);
    return found != nullptr ? length_of(*found) : std::nullopt;
  }

  bool has_match(const path::Call& call, const json::Value* current) {
    Held held;
    const json::Value* value = value_of(call.argument, current, held);
    const std::string* text = value != nullptr ? value->if_string() : nullptr;
    return text != nullptr && spend(1 + text->size() / 64) && call.pattern->found_in(*text);
  }

  const Roots& roots_;
  Budget& budget_;
  bool is_spent_ = false;
};

const json::Value* Nodes::holder_of(std::size_t at) const {
  const std::size_t way = found_[at].way;
  if (way == no_parent)
    return nullptr;
  const std::size_t up = ways_[way].parent;
  return up == no_parent ? origin_ : ways_[up].value;
}

std::size_t Nodes::depth_of(std::size_t at) const {
  std::size_t depth = 0;
  for (std::size_t way = found_[at].way; way != no_parent; way = ways_[way].parent)
    ++depth;
  return depth;
}

std::vector<Step> Nodes::way_to(std::size_t at) const {
  std::vector<Step> steps;
  for (std::size_t way = found_[at].way; way != no_parent; way = ways_[way].parent)
    steps.push_back(ways_[way].step);
  std::reverse(steps.begin(), steps.end());
  return steps;
}

std::string Nodes::path_to(std::size_t at) const {
  std::string text = "$";
  for (const Step& step : way_to(at)) {
    if (step.name == nullptr) {
      text += '[' + std::to_string(step.index) + ']';
      continue;
    }
    text += "['";
    for (const char c : *step.name)
      append_normal(text, c);
    text += "']";
  }
  return text;
}

Result<JsonPath> JsonPath::parse(std::string_view text) {
  std::size_t at = 0;
  JsonPath path = TRY(parse_at(text, at));
  if (at != text.size())
    return path::Reader(text, at).wrong("its end");
  return path;
}

Result<JsonPath> JsonPath::parse_tmf630(std::string_view text, const PathReading& reading) {
  if (text.size() > max_text_bytes)
    return Error{ErrorCode::too_large, "a path has 4096 bytes at most"};
  if (!is_utf8(text))
    return Error{ErrorCode::invalid, "a path must be UTF-8"};
  path::Reader reader(text, 0, Dialect::tmf630, reading);
  reader.skip_blank();
  path::Query query = TRY(reader.query());
  reader.skip_blank();
  if (!reader.at_end())
    return reader.wrong("its end");
  return JsonPath(std::move(query));
}

JsonPath::JsonPath(path::Query query)
    : query_(std::make_shared<const path::Query>(std::move(query))) {}

PathCondition::PathCondition(path::Logical logical)
    : logical_(std::make_shared<const path::Logical>(std::move(logical))) {}

Result<JsonPath> JsonPath::parse_at(std::string_view text, std::size_t& at) {
  if (text.size() > max_text_bytes)
    return Error{ErrorCode::too_large, "a path has 4096 bytes at most"};
  if (!is_utf8(text))
    return Error{ErrorCode::invalid, "a path must be UTF-8"};
  path::Reader reader(text, at);
  auto query = std::make_shared<const path::Query>(TRY(reader.query()));
  at = reader.at();
  return JsonPath(std::move(query));
}

Result<Nodes> JsonPath::select(const Roots& roots, Budget& budget) const {
  Evaluation evaluation(roots, budget);
  Nodes nodes = evaluation.select(*query_, roots.current);
  if (evaluation.is_spent())
    return spent();
  return nodes;
}

Result<PathCondition> PathCondition::parse(std::string_view text) {
  if (text.size() > JsonPath::max_text_bytes)
    return Error{ErrorCode::too_large, "a condition has 4096 bytes at most"};
  if (!is_utf8(text))
    return Error{ErrorCode::invalid, "a condition must be UTF-8"};
  path::Reader reader(text);
  auto logical = std::make_shared<const path::Logical>(TRY(reader.logical()));
  if (!reader.at_end())
    return reader.wrong("its end");
  return PathCondition(std::move(logical));
}

Result<bool> PathCondition::holds(const Roots& roots, Budget& budget) const {
  Evaluation evaluation(roots, budget);
  const bool holds = evaluation.holds(*logical_, roots.current);
  if (evaluation.is_spent())
    return spent();
  return holds;
}

} // namespace diffo::json

#include "query/entity_path.h"

#include <algorithm>
#include <set>
#include <utility>

namespace diffo::query {
namespace {

using json::path::Beginning;
using json::path::Logical;
using json::path::LogicalKind;
using json::path::Operand;
using json::path::Query;
using json::path::Reach;
using json::path::Segment;
using json::path::Selector;
using json::path::SelectorKind;

bool counts_entities(const Segment& segment) {
  return segment.reach == Reach::child &&
         std::any_of(segment.selectors.begin(), segment.selectors.end(), [](const Selector& one) {
           return one.kind == SelectorKind::index || one.kind == SelectorKind::slice;
         });
}

/// Collects the first-level attributes that a condition looks at.
class AttributeFinder {
public:
  enum class At : std::uint8_t { entity, below };

  void look(const Logical& logical, At at) {
    for (const Logical& part : logical.parts)
      look(part, at);
    look(logical.left, at);
    look(logical.right, at);
  }
  [[nodiscard]] std::optional<std::vector<std::string>> take() {
    if (is_everything_)
      return std::nullopt;
    return std::vector<std::string>(names_.begin(), names_.end());
  }

private:
  void look(const Operand& operand, At at) {
    if (const auto* query = std::get_if<Query>(&operand))
      return look(*query, at);
    if (const auto* call = std::get_if<std::shared_ptr<const json::path::Call>>(&operand))
      look((*call)->argument, at);
  }
  void look(const Query& query, At at) {
    if (query.beginning == Beginning::root || at == At::entity)
      begin(query);
    for (const Segment& segment : query.segments)
      for (const Selector& selector : segment.selectors)
        if (selector.filter)
          look(*selector.filter, At::below);
  }
  void begin(const Query& query) {
    const bool has_parent =
        std::any_of(query.segments.begin(), query.segments.end(),
                    [](const Segment& one) { return one.reach == Reach::parent; });
    if (query.segments.empty() || query.segments[0].reach != Reach::child || has_parent) {
      is_everything_ = true;
      return;
    }
    for (const Selector& selector : query.segments[0].selectors)
      if (selector.kind == SelectorKind::name)
        names_.insert(selector.name);
      else
        is_everything_ = true;
  }
  std::set<std::string> names_;
  bool is_everything_ = false;
};

} // namespace

Result<EntityPath> EntityPath::parse(std::string_view text, const json::PathReading& reading) {
  auto parsed = json::JsonPath::parse_tmf630(text, reading);
  if (!parsed) {
    Error error = std::move(parsed).error();
    error.code = ErrorCode::invalid;
    return error;
  }
  EntityPath path{std::nullopt, parsed->query()};
  path.rest.beginning = Beginning::root;
  if (path.rest.segments.empty())
    return path;
  const Segment& first = path.rest.segments.front();
  if (counts_entities(first))
    return Error{ErrorCode::unsupported,
                 "entities are not chosen by their position here; use offset and limit"};
  const Chooses choice = choice_of(path.rest);
  if (choice == Chooses::nothing)
    return path;
  if (choice == Chooses::some) {
    path.which = Logical{.kind = LogicalKind::any_of};
    for (const Selector& selector : first.selectors)
      path.which->parts.push_back(*selector.filter);
  }
  path.rest.segments.erase(path.rest.segments.begin());
  return path;
}

Chooses choice_of(const Query& query) {
  if (query.segments.empty() || query.segments.front().reach != Reach::child)
    return Chooses::nothing;
  Chooses choice = Chooses::some;
  for (const Selector& selector : query.segments.front().selectors)
    if (selector.kind == SelectorKind::wildcard)
      choice = Chooses::every;
    else if (selector.kind != SelectorKind::filter)
      return Chooses::nothing;
  return choice;
}

Logical EntityPath::condition() const {
  Logical all{.kind = LogicalKind::all_of};
  if (which)
    all.parts.push_back(*which);
  if (!rest.segments.empty()) {
    Logical exists{.kind = LogicalKind::exists};
    exists.left = rest;
    all.parts.push_back(std::move(exists));
  }
  return all;
}

std::optional<std::vector<std::string>> attributes_of(const Logical& condition) {
  AttributeFinder finder;
  finder.look(condition, AttributeFinder::At::entity);
  return finder.take();
}

std::vector<std::string> plain_names(const Query& query) {
  std::vector<std::string> names;
  for (const Segment& segment : query.segments) {
    if (segment.reach != Reach::child || segment.selectors.size() != 1 ||
        segment.selectors[0].kind != SelectorKind::name)
      return {};
    names.push_back(segment.selectors[0].name);
  }
  return names;
}

bool is_json_path(std::string_view text) {
  return text.find_first_of("[$?`^*(") != std::string_view::npos ||
         text.find("..") != std::string_view::npos || text.starts_with('.');
}

std::vector<std::string_view> split_paths(std::string_view text) {
  std::vector<std::string_view> paths;
  std::size_t begin = 0;
  int depth = 0;
  char quote = '\0';
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (quote != '\0') {
      if (c == '\\')
        ++at;
      else if (c == quote)
        quote = '\0';
    } else if (depth > 0 && (c == '"' || c == '\'')) {
      quote = c; // elsewhere it may stand in a name
    } else if (c == '[' || c == '(') {
      ++depth;
    } else if (c == ']' || c == ')') {
      --depth;
    } else if (c == ',' && depth <= 0) {
      paths.push_back(text.substr(begin, at - begin));
      begin = at + 1;
    }
  }
  paths.push_back(text.substr(begin));
  return paths;
}

Result<bool> holds(const json::PathCondition& condition, const json::Value& document) {
  json::Budget budget(max_path_steps);
  auto outcome = condition.holds({&document, &document}, budget);
  if (!outcome)
    return Error{ErrorCode::invalid, std::move(outcome).error().message, "filter"};
  return outcome;
}

} // namespace diffo::query

#include "base/calendar.h"
#include "base/pattern.h"

#include <diffo/term.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <variant>

namespace diffo::terms {

struct Term::Node {
  TermKind kind = TermKind::nil;
  RecordForm form = RecordForm::full;
  std::size_t depth = 0;
  std::variant<std::monostate, bool, std::int64_t, double, std::string, Range, Date, TimeOfDay,
               Moment, Duration, std::shared_ptr<const Pattern>>
      scalar{};
  std::vector<Term> items{};
  std::vector<std::string> names{};
};

namespace {

// Below this depth the compiler's own recursive destruction is harmless.
constexpr std::size_t shallow = 64;

std::strong_ordering order_reals(double left, double right) {
  if (left < right)
    return std::strong_ordering::less;
  if (left > right)
    return std::strong_ordering::greater;
  return std::signbit(right) <=> std::signbit(left);
}

} // namespace

Term::~Term() {
  release();
}

Term& Term::operator=(const Term& other) {
  Term copy(other);
  node_.swap(copy.node_);
  return *this;
}

Term& Term::operator=(Term&& other) noexcept {
  node_.swap(other.node_);
  return *this;
}

void Term::release() {
  if (!node_ || node_->depth < shallow)
    return;
  std::vector<std::shared_ptr<Node>> pending;
  pending.push_back(std::move(node_));
  while (!pending.empty()) {
    const std::shared_ptr<Node> node = std::move(pending.back());
    pending.pop_back();
    if (node.use_count() != 1)
      continue;
    for (Term& item : node->items)
      if (item.node_)
        pending.push_back(std::move(item.node_));
  }
}

Term Term::make(Node node) {
  for (const Term& item : node.items)
    node.depth = std::max(node.depth, item.depth() + 1);
  return Term(std::make_shared<Node>(std::move(node)));
}

Term Term::boolean(bool value) {
  return make({.kind = TermKind::boolean, .scalar = value});
}

Term Term::atom(std::string name) {
  if (name == "nil")
    return Term();
  if (name == "true" || name == "false")
    return boolean(name == "true");
  return make({.kind = TermKind::atom, .scalar = std::move(name)});
}

Term Term::text(std::string value) {
  return make({.kind = TermKind::text, .scalar = std::move(value)});
}
Term Term::integer(std::int64_t value) {
  return make({.kind = TermKind::integer, .scalar = value});
}
Term Term::real(double value) {
  return make({.kind = TermKind::real, .scalar = value});
}
Term Term::list(std::vector<Term> items) {
  return make({.kind = TermKind::list, .items = std::move(items)});
}
Term Term::tuple(std::vector<Term> items) {
  return make({.kind = TermKind::tuple, .items = std::move(items)});
}

Term Term::map(std::vector<Entry> entries) {
  std::vector<std::size_t> order(entries.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&entries](std::size_t left, std::size_t right) {
    const auto keys = compare(entries[left].first, entries[right].first);
    return keys == std::strong_ordering::equal ? left < right : keys < 0;
  });
  Node node{.kind = TermKind::map};
  node.items.reserve(entries.size() * 2);
  for (const std::size_t index : order) {
    auto& [key, value] = entries[index];
    if (!node.items.empty() && node.items[node.items.size() - 2] == key) {
      node.items.back() = std::move(value);
      continue;
    }
    node.items.push_back(std::move(key));
    node.items.push_back(std::move(value));
  }
  return make(std::move(node));
}

Term Term::set(std::vector<Term> members) {
  std::sort(members.begin(), members.end(),
            [](const Term& left, const Term& right) { return compare(left, right) < 0; });
  members.erase(std::unique(members.begin(), members.end()), members.end());
  return make({.kind = TermKind::set, .items = std::move(members)});
}

Term Term::range(Range value) {
  return make({.kind = TermKind::range, .scalar = value});
}

Result<Term> Term::regex(std::string_view source, std::string_view options) {
  auto pattern = TRY(Pattern::compile(source, options, PatternUnit::byte));
  return make({.kind = TermKind::regex, .scalar = std::move(pattern)});
}

Term Term::date(Date value) {
  return make({.kind = TermKind::date, .scalar = value});
}
Term Term::time(TimeOfDay value) {
  return make({.kind = TermKind::time, .scalar = value});
}
Term Term::naive(Moment value) {
  return make({.kind = TermKind::naive, .scalar = value});
}
Term Term::datetime(Moment value) {
  return make({.kind = TermKind::datetime, .scalar = value});
}
Term Term::duration(Duration value) {
  return make({.kind = TermKind::duration, .scalar = value});
}
Term Term::function(std::string name) {
  return make({.kind = TermKind::function, .scalar = std::move(name)});
}

Term Term::applied(std::string name, Term argument) {
  return tuple({function(std::move(name)), std::move(argument)});
}

Term Term::record(std::string type, std::vector<Field> fields, RecordForm form) {
  Node node{.kind = TermKind::record, .form = form, .scalar = std::move(type)};
  for (auto& [name, value] : fields) {
    node.names.push_back(std::move(name));
    node.items.push_back(std::move(value));
  }
  return make(std::move(node));
}

Term Term::not_loaded() {
  return make({.kind = TermKind::not_loaded});
}

TermKind Term::kind() const {
  return node_ ? node_->kind : TermKind::nil;
}
std::size_t Term::depth() const {
  return node_ ? node_->depth : 0;
}

bool Term::is_atom() const {
  return kind() == TermKind::nil || kind() == TermKind::boolean || kind() == TermKind::atom;
}

bool Term::is_atom(std::string_view wanted) const {
  return is_atom() && name() == wanted;
}

bool Term::is_record_like() const {
  switch (kind()) {
  case TermKind::set:
  case TermKind::range:
  case TermKind::regex:
  case TermKind::date:
  case TermKind::time:
  case TermKind::naive:
  case TermKind::datetime:
  case TermKind::duration:
  case TermKind::record:
  case TermKind::not_loaded:
    return true;
  case TermKind::nil:
  case TermKind::boolean:
  case TermKind::atom:
  case TermKind::text:
  case TermKind::integer:
  case TermKind::real:
  case TermKind::list:
  case TermKind::map:
  case TermKind::tuple:
  case TermKind::function:
    return false;
  }
  return false;
}

bool Term::is_keyword() const {
  if (kind() != TermKind::list || items().empty())
    return false;
  return std::all_of(items().begin(), items().end(), [](const Term& item) {
    return item.kind() == TermKind::tuple && item.items().size() == 2 &&
           item.items().front().is_atom();
  });
}

bool Term::boolean() const {
  DIFFO_ASSERT(kind() == TermKind::boolean);
  return std::get<bool>(node_->scalar);
}

std::string_view Term::name() const {
  if (is_nil())
    return "nil";
  if (kind() == TermKind::boolean)
    return boolean() ? "true" : "false";
  DIFFO_ASSERT(std::holds_alternative<std::string>(node_->scalar));
  return std::get<std::string>(node_->scalar);
}

std::int64_t Term::integer() const {
  DIFFO_ASSERT(kind() == TermKind::integer);
  return std::get<std::int64_t>(node_->scalar);
}

double Term::real() const {
  DIFFO_ASSERT(kind() == TermKind::real);
  return std::get<double>(node_->scalar);
}

const Range& Term::range() const {
  DIFFO_ASSERT(kind() == TermKind::range);
  return std::get<Range>(node_->scalar);
}

const Pattern& Term::pattern() const {
  DIFFO_ASSERT(kind() == TermKind::regex);
  return *std::get<std::shared_ptr<const Pattern>>(node_->scalar);
}

Date Term::date() const {
  DIFFO_ASSERT(kind() == TermKind::date);
  return std::get<Date>(node_->scalar);
}

TimeOfDay Term::time() const {
  DIFFO_ASSERT(kind() == TermKind::time);
  return std::get<TimeOfDay>(node_->scalar);
}

Moment Term::moment() const {
  DIFFO_ASSERT(kind() == TermKind::naive || kind() == TermKind::datetime);
  return std::get<Moment>(node_->scalar);
}

const Duration& Term::duration() const {
  DIFFO_ASSERT(kind() == TermKind::duration);
  return std::get<Duration>(node_->scalar);
}

const std::vector<Term>& Term::items() const {
  static const std::vector<Term> none;
  return node_ ? node_->items : none;
}

const std::vector<std::string>& Term::field_names() const {
  static const std::vector<std::string> none;
  return node_ ? node_->names : none;
}

RecordForm Term::form() const {
  return node_ ? node_->form : RecordForm::full;
}

const Term* Term::find(const Term& key) const {
  DIFFO_ASSERT(kind() == TermKind::map);
  const std::vector<Term>& entries = items();
  std::size_t low = 0;
  std::size_t high = entries.size() / 2;
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    const auto order = compare(entries[middle * 2], key);
    if (order == std::strong_ordering::equal)
      return &entries[middle * 2 + 1];
    if (order == std::strong_ordering::less)
      low = middle + 1;
    else
      high = middle;
  }
  return nullptr;
}

const Term* Term::field(std::string_view wanted) const {
  const std::vector<std::string>& names = field_names();
  const auto found = std::find(names.begin(), names.end(), wanted);
  return found == names.end() ? nullptr : &items()[static_cast<std::size_t>(found - names.begin())];
}

bool Term::contains(const Term& member) const {
  DIFFO_ASSERT(kind() == TermKind::set);
  return std::binary_search(
      items().begin(), items().end(), member,
      [](const Term& left, const Term& right) { return compare(left, right) < 0; });
}

std::strong_ordering Term::compare_shallow(const Term& left, const Term& right) {
  if (const auto order = left.kind() <=> right.kind(); order != std::strong_ordering::equal)
    return order;
  if (left.is_nil())
    return std::strong_ordering::equal;
  const Node& one = *left.node_;
  const Node& two = *right.node_;
  if (const auto order = one.items.size() <=> two.items.size();
      order != std::strong_ordering::equal)
    return order;
  if (const auto order = one.names <=> two.names; order != std::strong_ordering::equal)
    return order;
  if (left.kind() == TermKind::real)
    return order_reals(left.real(), right.real());
  if (left.kind() == TermKind::regex) {
    if (const auto order = left.pattern().source() <=> right.pattern().source();
        order != std::strong_ordering::equal)
      return order;
    return left.pattern().options() <=> right.pattern().options();
  }
  return std::visit(
      [&two]<typename Value>(const Value& value) -> std::strong_ordering {
        if constexpr (std::is_same_v<Value, double> ||
                      std::is_same_v<Value, std::shared_ptr<const Pattern>>)
          return std::strong_ordering::equal;
        else
          return value <=> std::get<Value>(two.scalar);
      },
      one.scalar);
}

std::strong_ordering Term::compare(const Term& left, const Term& right) {
  if (left.node_ == right.node_)
    return std::strong_ordering::equal;
  if (left.items().empty() || right.items().empty())
    return compare_shallow(left, right);
  std::vector<std::pair<const Term*, const Term*>> pending{{&left, &right}};
  while (!pending.empty()) {
    const auto [one, two] = pending.back();
    pending.pop_back();
    if (one->node_ == two->node_)
      continue;
    if (const auto order = compare_shallow(*one, *two); order != std::strong_ordering::equal)
      return order;
    for (std::size_t index = one->items().size(); index-- > 0;)
      pending.emplace_back(&one->items()[index], &two->items()[index]);
  }
  return std::strong_ordering::equal;
}

} // namespace diffo::terms

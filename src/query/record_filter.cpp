#include "query/record_filter.h"

#include "base/dates.h"
#include "model/vocabulary.h"
#include "model/words.h"
#include "query/attribute_access.h"
#include "query/child_condition.h"
#include "tmf/emit.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

namespace diffo::query {
namespace {

using graph::ElementView;
using graph::Record;
using graph::ValueView;

// First-level attributes that hold one text which is neither a date nor a number.
constexpr std::array<std::string_view, 20> text_attributes = {"id",
                                                              "href",
                                                              "name",
                                                              "category",
                                                              "description",
                                                              "serviceType",
                                                              "resourceVersion",
                                                              "state",
                                                              "operatingStatus",
                                                              "administrativeState",
                                                              "operationalState",
                                                              "usageState",
                                                              "resourceStatus",
                                                              "lifecycleState",
                                                              "startMode",
                                                              "@type",
                                                              "@baseType",
                                                              "@schemaLocation",
                                                              "internalState",
                                                              "internalOperatingStatus"};
constexpr std::array<std::string_view, 6> instant_attributes = {
    "serviceDate",        "startDate",        "endDate",
    "startOperatingDate", "endOperatingDate", "creationDate"};
constexpr std::array<std::string_view, 4> flag_attributes = {"isBundle", "isServiceEnabled",
                                                             "hasStarted", "isStateful"};
// Attributes that hold objects, and what in these is always a plain value.
constexpr std::array<std::string_view, 20> structured_attributes = {"serviceSpecification",
                                                                    "resourceSpecification",
                                                                    "serviceCharacteristic",
                                                                    "resourceCharacteristic",
                                                                    "feature",
                                                                    "activationFeature",
                                                                    "serviceRelationship",
                                                                    "resourceRelationship",
                                                                    "supportingService",
                                                                    "supportingResource",
                                                                    "place",
                                                                    "places",
                                                                    "relatedParty",
                                                                    "relatedEntity",
                                                                    "note",
                                                                    "externalIdentifier",
                                                                    "serviceOrderItem",
                                                                    "resourceOrderItem",
                                                                    "attachment",
                                                                    "processStatus"};
constexpr std::array<std::string_view, 12> scalar_members = {
    "id",     "href", "name", "role", "version", "@type", "@referredType", "relationshipType",
    "author", "date", "text", "owner"};

template <std::size_t Count>
bool contains(const std::array<std::string_view, Count>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// Whether a path ends at a member that is a plain value wherever it stands in published documents;
/// below the value of a characteristic anything may stand.
bool ends_in_member(std::span<const std::string> path) {
  return path.size() >= 2 && contains(structured_attributes, path.front()) &&
         contains(scalar_members, path.back()) &&
         std::find(path.begin(), path.end(), "value") == path.end();
}

bool any_operand(const Condition& condition, const auto& matches) {
  const bool found = std::any_of(condition.any_of.begin(), condition.any_of.end(), matches);
  return condition.comparison == Comparison::not_equal ? !found : found;
}

bool holds_for_text(const Condition& condition, std::string_view text) {
  return any_operand(condition, [&](const Operand& operand) {
    return operand.matches_text(text, condition.comparison);
  });
}

bool holds_for_instant(const Condition& condition, std::int64_t microseconds) {
  if (condition.comparison == Comparison::pattern)
    return holds_for_text(condition, text_of(Timestamp{microseconds}));
  return any_operand(condition, [&](const Operand& operand) {
    return operand.matches_instant(microseconds, condition.comparison);
  });
}

/// The text of a field without a copy where it is stored as such.
class FieldText {
public:
  explicit FieldText(const ValueView& value)
      : direct_(value ? value.direct_text() : std::string_view()) {
    if (value && direct_.empty())
      copy_ = value.text();
  }
  [[nodiscard]] std::string_view view() const {
    return direct_.empty() ? std::string_view(copy_) : direct_;
  }

private:
  std::string_view direct_;
  std::string copy_;
};

/// One condition on an attribute that can be read without rendering.
class DirectCondition {
public:
  DirectCondition(Condition condition, AttributeHome home, model::Api api, model::Version version,
                  const graph::Dictionary& dictionary)
      : condition_(std::move(condition)), home_(home), api_(api), version_(version),
        dictionary_(dictionary), word_(dictionary.find(condition_.path.front()).value_or(0)) {
    const bool equality = condition_.comparison == Comparison::equal ||
                          condition_.comparison == Comparison::not_equal;
    by_bytes_ = equality && reading_of_path(condition_.path) == Reading::text;
    if (home_ == AttributeHome::word)
      for (const Operand& operand : condition_.any_of)
        for (std::string& value :
             model::internal_values(condition_.path.front(), operand.text(), version_))
          internal_.push_back(std::move(value));
  }

  [[nodiscard]] bool holds(const Record& record) const {
    switch (home_) {
    case AttributeHome::id:
      return holds_for_text(condition_, FieldText(record.packed_id(dictionary_)).view());
    case AttributeHome::href:
      return holds_for_href(record);
    case AttributeHome::field:
      return holds_for_value(record.root(dictionary_).field(word_));
    case AttributeHome::word:
      return holds_for_word(record.root(dictionary_).field(word_));
    case AttributeHome::birth:
      return holds_for_birth(record);
    case AttributeHome::type:
      return holds_for_type(record.root(dictionary_));
    case AttributeHome::unmodelled:
      return holds_for_value(record.root(dictionary_).extra(condition_.path.front()));
    case AttributeHome::rendered:
      break;
    }
    return false;
  }

private:
  [[nodiscard]] bool holds_for_value(const ValueView& value) const {
    if (!value)
      return false;
    if (value.kind() == json::Kind::string && condition_.path.size() == 1)
      return by_bytes_ ? any_operand(condition_,
                                     [&value](const Operand& operand) {
                                       return value.equals(operand.text());
                                     })
                       : holds_for_text(condition_, FieldText(value).view());
    return condition_.holds_in(value.to_json());
  }

  [[nodiscard]] bool holds_for_word(const ValueView& value) const {
    if (!value || value.kind() != json::Kind::string)
      return false;
    const FieldText text(value);
    const bool by_internal = condition_.comparison == Comparison::equal ||
                             condition_.comparison == Comparison::not_equal;
    if (!by_internal)
      return holds_for_text(condition_,
                            model::wire_value(condition_.path.front(), text.view(), version_));
    const bool found =
        std::find(internal_.begin(), internal_.end(), text.view()) != internal_.end();
    return found == (condition_.comparison == Comparison::equal);
  }

  [[nodiscard]] bool holds_for_birth(const Record& record) const {
    if (const ValueView given = record.root(dictionary_).field(word_))
      return holds_for_value(given);
    return holds_for_instant(condition_, record.created_at());
  }

  [[nodiscard]] bool holds_for_type(const ElementView& root) const {
    const ValueView given = root.field(word_);
    const FieldText type(given);
    const std::string_view shown = given ? type.view() : root_class(api_);
    if (condition_.comparison != Comparison::equal &&
        condition_.comparison != Comparison::not_equal)
      return holds_for_text(condition_, shown);
    const FieldText base_type(root.field(model::words::number_of("@baseType")));
    return any_operand(condition_, [&](const Operand& operand) {
      return is_class(shown, base_type.view(), operand.text(), api_);
    });
  }

  /// The base URL is that of the request, so only the path below it counts.
  [[nodiscard]] bool holds_for_href(const Record& record) const {
    const std::string tail = tmf::href_of(record, {});
    if (condition_.comparison == Comparison::equal ||
        condition_.comparison == Comparison::not_equal)
      return any_operand(
          condition_, [&tail](const Operand& operand) { return operand.text().ends_with(tail); });
    return holds_for_text(condition_, tail);
  }

  Condition condition_;
  AttributeHome home_;
  model::Api api_;
  model::Version version_;
  const graph::Dictionary& dictionary_;
  graph::Word word_;
  bool by_bytes_ = false;             ///< texts are compared for equality, as they are
  std::vector<std::string> internal_; ///< what an equal vocabulary attribute may hold
};

/// The conditions of a filter, the cheap ones first. Thread rule: immutable.
class RecordFilter {
public:
  RecordFilter(std::vector<Condition> conditions, model::Api api, model::Version version,
               const graph::Schema& schema)
      : version_(version) {
    std::vector<std::string> attributes;
    for (Condition& condition : conditions) {
      const AttributeHome home = home_of(condition.path.front(), api, version, schema.dictionary());
      const bool scalar_home = home != AttributeHome::unmodelled && home != AttributeHome::field;
      if (home == AttributeHome::rendered) {
        attributes.push_back(condition.path.front());
        if (auto child = ChildCondition::make(condition, api, version, schema.dictionary()))
          children_.push_back(std::move(*child));
        else
          rendered_.push_back(std::move(condition));
      } else if (scalar_home && condition.path.size() > 1) {
        impossible_ = true; // a text has no members
      } else {
        direct_.emplace_back(std::move(condition), home, api, version, schema.dictionary());
      }
    }
    selection_ = selection_for(attributes);
  }

  [[nodiscard]] bool holds(const Record& record) const {
    if (impossible_ || !std::all_of(direct_.begin(), direct_.end(),
                                    [&](const auto& condition) { return condition.holds(record); }))
      return false;
    bool all_known = true;
    for (const ChildCondition& child : children_) {
      const ChildCondition::Answer answer = child.ask(record);
      if (answer == ChildCondition::Answer::no)
        return false;
      all_known = all_known && answer == ChildCondition::Answer::yes;
    }
    return (all_known && rendered_.empty()) || holds_when_rendered(record, all_known);
  }

private:
  [[nodiscard]] bool holds_when_rendered(const Record& record, bool children_known) const {
    const json::Value document = render_attributes(record, selection_, version_);
    const auto holds = [&document](const Condition& condition) {
      return condition.holds(document);
    };
    return std::all_of(rendered_.begin(), rendered_.end(), holds) &&
           (children_known ||
            std::all_of(children_.begin(), children_.end(),
                        [&](const auto& child) { return holds(child.condition()); }));
  }

  std::vector<DirectCondition> direct_;
  std::vector<ChildCondition> children_;
  std::vector<Condition> rendered_;
  tmf::FieldSelection selection_;
  model::Version version_;
  bool impossible_ = false;
};

/// The keys of all values a path leads to, of which the first in the wanted direction is kept.
class KeyCollector {
public:
  KeyCollector(Reading reading, bool greatest) : reading_(reading), greatest_(greatest) {}

  void add(const json::Value& value) {
    std::string key;
    if (const std::string* text = value.if_string())
      return add_text(*text);
    if (value.is_number())
      graph::append_number_key(key, value.as_double());
    else if (value.is_boolean())
      graph::append_number_key(key, value.boolean() ? 1 : 0);
    else
      return;
    keep(std::move(key));
  }
  void add_text(std::string_view text) {
    std::string key;
    if (const auto moment = moment_of(text, reading_))
      graph::append_instant_key(key, *moment);
    else
      graph::append_text_key(key, text);
    keep(std::move(key));
  }
  void add_instant(std::int64_t microseconds) {
    std::string key;
    graph::append_instant_key(key, microseconds);
    keep(std::move(key));
  }
  /// Follows the path; arrays stand for their elements.
  void add_below(const json::Value& value, std::span<const std::string> path) {
    if (const json::Array* items = value.if_array()) {
      for (const json::Value& item : *items)
        add_below(item, path);
      return;
    }
    if (path.empty())
      return add(value);
    if (const json::Value* member = value.find(path.front()))
      add_below(*member, path.subspan(1));
  }
  [[nodiscard]] std::optional<std::string> take() { return std::move(kept_); }

private:
  void keep(std::string key) {
    if (!kept_ || (greatest_ ? key > *kept_ : key < *kept_))
      kept_ = std::move(key);
  }
  Reading reading_;
  bool greatest_;
  std::optional<std::string> kept_;
};

/// What one sort term looks at. Thread rule: immutable.
struct SortAccess {
  std::vector<std::string> path;
  bool descending;
  model::Api api;
  model::Version version;
  const graph::Dictionary& dictionary;
  AttributeHome home;
  graph::Word word;
  tmf::FieldSelection selection;

  void add_value(KeyCollector& keys, const ValueView& value) const {
    if (!value)
      return;
    if (value.kind() == json::Kind::string && path.size() == 1)
      keys.add_text(FieldText(value).view());
    else
      keys.add_below(value.to_json(), std::span(path).subspan(1));
  }

  [[nodiscard]] std::optional<std::string> key(const Record& record) const {
    KeyCollector keys(reading_of_path(path), descending);
    const ElementView root = record.root(dictionary);
    switch (home) {
    case AttributeHome::id:
    case AttributeHome::href:
      if (path.size() == 1)
        keys.add_text(record.id());
      break;
    case AttributeHome::field:
      add_value(keys, root.field(word));
      break;
    case AttributeHome::unmodelled:
      add_value(keys, root.extra(path.front()));
      break;
    case AttributeHome::word:
      if (const ValueView value = root.field(word); value && path.size() == 1)
        keys.add_text(model::wire_value(path.front(), FieldText(value).view(), version));
      break;
    case AttributeHome::type:
      if (const ValueView given = root.field(word))
        add_value(keys, given);
      else if (path.size() == 1)
        keys.add_text(root_class(api));
      break;
    case AttributeHome::birth:
      if (const ValueView given = root.field(word))
        add_value(keys, given);
      else if (path.size() == 1)
        keys.add_instant(record.created_at());
      break;
    case AttributeHome::rendered:
      keys.add_below(render_attributes(record, selection, version), path);
      break;
    }
    return keys.take();
  }
};

} // namespace

Reading reading_of_path(std::span<const std::string> path) {
  const std::string_view first = path.front();
  if (path.size() == 1 && contains(instant_attributes, first))
    return Reading::instant;
  const bool is_text = path.size() == 1 ? contains(text_attributes, first)
                                        : ends_in_member(path) && path.back() != "date";
  return is_text ? Reading::text : Reading::value;
}

Result<void> check_operator(const ConditionText& condition) {
  const auto& path = condition.path;
  if (path.size() < 2)
    return {};
  const std::string_view first = path.front();
  const bool below_scalar = contains(text_attributes, first) ||
                            contains(instant_attributes, first) || contains(flag_attributes, first);
  if (!below_scalar && !ends_in_member(std::span(path).first(path.size() - 1)))
    return {};
  return Error{ErrorCode::invalid,
               "unknown operator \"" + path.back() +
                   "\"; there are eq, ne, gt, gte, lt, lte and regex",
               condition.name};
}

std::function<bool(const Record&)> record_predicate(std::vector<Condition> conditions,
                                                    model::Api api, model::Version version,
                                                    const graph::Schema& schema) {
  if (conditions.empty())
    return nullptr;
  // shared: std::function copies what it holds.
  auto filter = std::make_shared<const RecordFilter>(std::move(conditions), api, version, schema);
  return [filter](const Record& record) { return filter->holds(record); };
}

SortKeyOf record_sort_key(std::vector<std::string> path, bool descending, model::Api api,
                          model::Version version, const graph::Schema& schema) {
  const graph::Dictionary& dictionary = schema.dictionary();
  const AttributeHome home = home_of(path.front(), api, version, dictionary);
  const graph::Word word = dictionary.find(path.front()).value_or(0);
  tmf::FieldSelection selection = selection_for(std::span(path).first(1));
  // shared: std::function copies what it holds.
  auto access = std::make_shared<const SortAccess>(SortAccess{
      std::move(path), descending, api, version, dictionary, home, word, std::move(selection)});
  return [access](const Record& record) { return access->key(record); };
}

} // namespace diffo::query

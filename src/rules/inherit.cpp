#include "rules/inherit.h"

#include "base/time.h"
#include "model/declared.h"
#include "model/domain/expression.h"
#include "model/kinds.h"
#include "model/model.h"
#include "model/value_path.h"
#include "model/words.h"
#include "rules/enforce.h"
#include "rules/hook_calculation.h"
#include "rules/parts.h"
#include "rules/pools.h"
#include "rules/value_at.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

namespace diffo::rules {
namespace {

using graph::ElementKind;
using graph::ElementView;
using model::Calculation;
using model::Collapse;
using model::head_of;
using model::member_of;
using model::tail_of;
namespace words = model::words;

void note(std::string& contributed, const graph::Key& key, graph::Sequence sequence) {
  contributed += std::to_string(key.family) + '/' + key.id + '/' + std::to_string(sequence) + '/';
}

/// One declaration for one instance.
class Inheritance {
public:
  Inheritance(graph::Subgraph& subgraph, const model::Inherited& declared, Sort sort,
              InheritedSet& set)
      : subgraph_(subgraph), declared_(declared), sort_(sort), set_(set),
        model_(model::model_of(subgraph.schema())) {}

  void read(const graph::Key& reached) {
    const graph::RecordRef record = subgraph_.find(reached);
    if (!record)
      return; // gone: it contributes nothing
    note(set_.contributed, reached, record->sequence());
    if (sort_ == Sort::characteristic)
      read_characteristic(*record, reached);
    else
      read_references(*record, reached);
  }

private:
  void unknown(const graph::Key& reached, std::string reason) {
    InheritedValue& value = set_.values.emplace_back();
    value.unknown = Unknown{std::move(reason), reached.id, declared_.read};
    value.from = reached;
  }

  void read_characteristic(const graph::Record& record, const graph::Key& reached) {
    const model::DeclaredKind* kind = kind_of(model_, record);
    if (kind == nullptr)
      return unknown(reached, "no_concrete_world");
    const model::Field* field = kind->characteristic(declared_.read);
    if (field == nullptr && kind->pool(declared_.read) == nullptr)
      return unknown(reached, "role_not_declared");
    ElementView part;
    for (auto children = record.root(subgraph_.schema().dictionary()).children();
         children.next_of(model::kinds::characteristic, part);)
      if (text_of(part, words::name) == declared_.read) {
        InheritedValue& value = set_.values.emplace_back();
        value.from = reached;
        value.type = field != nullptr ? &field->type : nullptr;
        if (const graph::ValueView view = part.field(words::value))
          value.value = view.to_json();
      }
  }

  void read_references(const graph::Record& record, const graph::Key& reached) {
    const ElementKind kind =
        sort_ == Sort::place ? model::kinds::place_reference : model::kinds::party_reference;
    const std::size_t before = set_.values.size();
    ElementView edge;
    for (auto children = record.root(subgraph_.schema().dictionary()).children();
         children.next_of(kind, edge);)
      if (edge.has_target() && text_of(edge, words::role) == declared_.read) {
        InheritedValue& value = set_.values.emplace_back();
        value.from = reached;
        value.target = {edge.target_family(), edge.target_id().text()};
        for (const auto& [name, word] : {std::pair{"href", words::href},
                                         {"name", words::name},
                                         {"@type", words::type},
                                         {"@referredType", words::referred_type}})
          if (std::string text = text_of(edge, word); !text.empty())
            value.reference.set(name, std::move(text));
      }
    // The newest first, as references of one role are shown.
    std::reverse(set_.values.begin() + static_cast<std::ptrdiff_t>(before), set_.values.end());
    if (set_.values.size() == before)
      unknown(reached, "role_not_declared");
  }

  graph::Subgraph& subgraph_;
  const model::Inherited& declared_;
  Sort sort_;
  InheritedSet& set_;
  const model::Model& model_;
};

std::optional<double> number_in(const json::Value& value) {
  return value.is_number() ? std::optional(value.as_double()) : std::nullopt;
}

json::Value number_value(double number, const Calculation& calculation) {
  if (calculation.digits) {
    const double scale = std::pow(10.0, std::min<std::uint32_t>(*calculation.digits, 15));
    number = std::round(number * scale) / scale;
  }
  const bool whole = std::floor(number) == number && std::abs(number) < 9e15;
  const bool wanted = calculation.type.scalar == model::Scalar::integer ||
                      (whole && calculation.type.scalar != model::Scalar::number);
  if (whole && wanted)
    return static_cast<std::int64_t>(number);
  return number;
}

/// A number of as many digits as are wanted; what is none stays as it is.
json::Value rounded(json::Value value, const Calculation& calculation) {
  const auto number = calculation.digits ? number_in(value) : std::nullopt;
  return number ? number_value(*number, calculation) : std::move(value);
}

/// One calculation for one instance, with those that it rests on.
class Calculating {
public:
  Calculating(graph::Subgraph& subgraph, const graph::Key& instance,
              const model::DeclaredKind& kind, std::int64_t now, Calculated& result)
      : subgraph_(subgraph), instance_(instance), kind_(kind), now_(now), result_(result),
        hook_reads_(subgraph, instance, now) {}

  /// Each is worked out once, however many rest on it.
  Result<json::Value> run(const Calculation& calculation) {
    for (const auto& [known, value] : known_)
      if (known == &calculation)
        return value;
    if (std::find(running_.begin(), running_.end(), &calculation) != running_.end())
      return Error{ErrorCode::invalid, calculation.name + " is worked out from itself"};
    running_.push_back(&calculation);
    auto worked = worked_out(calculation);
    running_.pop_back();
    json::Value value = TRY(std::move(worked));
    if (value.is_null() && calculation.otherwise)
      value = *calculation.otherwise;
    known_.emplace_back(&calculation, value);
    return value;
  }

private:
  Result<json::Value> worked_out(const Calculation& calculation) {
    switch (calculation.by) {
    case Calculation::By::field_from_assignment:
      return from_assignments(calculation);
    case Calculation::By::field_via_assigned_relationship:
      return via_chain(calculation, calculation.via.empty() ? std::vector<model::Hop>{model::Hop{}}
                                                            : calculation.via);
    case Calculation::By::field_via_relationship:
      return via_chain(calculation, {model::Hop{model::Hop::Direction::forward,
                                                model::Hop::Mechanism::relationship,
                                                calculation.relationship_type, calculation.alias}});
    case Calculation::By::count:
    case Calculation::By::sum:
    case Calculation::By::min:
    case Calculation::By::max:
      return aggregate(calculation);
    case Calculation::By::lookup:
      return look_up(calculation);
    case Calculation::By::expression:
      return express(calculation);
    case Calculation::By::hook:
      return by_hook(calculation);
    }
    return json::Value();
  }

  json::Value by_hook(const Calculation& calculation) {
    const graph::RecordRef record = subgraph_.find(instance_);
    if (!record)
      return {};
    const graph::Schema& schema = subgraph_.schema();
    const model::Model& model = model::model_of(schema);
    HookValue made = calculate_by_hook(
        model, calculation, seen_by_hooks(record->to_draft(schema.dictionary()), model),
        hook_reads_, now_, [this](std::string_view path) { return values_at(path); });
    result_.contributed += hook_reads_.take_contributed();
    for (Step& step : hook_reads_.take_steps())
      result_.steps.push_back(std::move(step));
    result_.why = std::move(made.why);
    return rounded(std::move(made.value), calculation);
  }

  Result<json::Value> from_assignments(const Calculation& calculation) {
    subgraph_.announce(plan_for_assignments(instance_, model::kinds::assignee, most_edges));
    json::Array values;
    for (const Assigned& one : assignments_of(subgraph_, instance_, model::kinds::assignee, now_)) {
      if (!calculation.alias.empty() && one.alias != calculation.alias)
        continue;
      note(result_.contributed, one.key, one.sequence);
      result_.steps.push_back({0,
                               instance_,
                               one.key,
                               one.sequence,
                               {instance_.tenant, one.assigner.family, one.assigner.id}});
      values.push_back(field_of(one, calculation.field));
    }
    return json::Value(std::move(values));
  }

  static json::Value field_of(const Assigned& one, std::string_view field) {
    if (field == "value")
      return one.shown_value();
    if (field == "created_at")
      return diffo::text_of(Timestamp{one.created_at});
    for (const auto& [name, text] : {std::pair{"thing", &one.thing},
                                     {"pool", &one.pool},
                                     {"alias", &one.alias},
                                     {"type", &one.type},
                                     {"id", &one.key.id}})
      if (field == name && !text->empty())
        return *text;
    return {};
  }

  /// How much of a pool of the instance is left.
  Result<json::Value> use_of(const model::Pool& pool, const graph::Record& record,
                             std::string_view what) {
    const auto bounds = pool_bounds(pool, record.root(subgraph_.schema().dictionary()));
    if (!bounds)
      return json::Value();
    const graph::FreeQuery query = free_query(instance_, pool, *bounds);
    graph::FetchPlan plan;
    plan.free.push_back(query);
    subgraph_.announce(plan);
    const auto free = static_cast<std::int64_t>(TRY(subgraph_.count_free(query, now_)));
    // What is taken has no sequence of its own: the number stands for it.
    result_.contributed += std::to_string(free) + '/';
    return what == "free" ? json::Value(free) : json::Value(size_of(query) - free);
  }

  Result<json::Value> via_chain(const Calculation& calculation,
                                const std::vector<model::Hop>& via) {
    const Walked walked = TRY(walk(subgraph_, instance_, via, now_));
    graph::FetchPlan plan;
    plan.records = walked.reached;
    subgraph_.announce(plan);
    json::Array values;
    for (const graph::Key& key : walked.reached)
      if (const graph::RecordRef record = subgraph_.find(key)) {
        note(result_.contributed, key, record->sequence());
        values.push_back(value_at(*record, subgraph_.schema(), calculation.field));
      }
    take_steps(walked);
    return json::Value(std::move(values));
  }

  void take_steps(const Walked& walked) {
    for (const Step& step : walked.steps)
      note(result_.contributed, step.over, step.sequence);
    result_.steps.insert(result_.steps.end(), walked.steps.begin(), walked.steps.end());
  }

  /// All values at a path: of something inherited, of another calculation, or of the instance.
  Result<std::vector<json::Value>> values_at(std::string_view path) {
    const std::string_view head = head_of(path);
    const Derivation derivation = derivation_of(kind_, head);
    std::vector<json::Value> values;
    if (derivation.inherited != nullptr) {
      const InheritedSet set =
          TRY(inherit(subgraph_, instance_, *derivation.inherited, derivation.sort, now_));
      result_.contributed += set.contributed;
      result_.steps.insert(result_.steps.end(), set.walked.steps.begin(), set.walked.steps.end());
      for (const InheritedValue& one : set.values)
        if (!one.unknown && derivation.sort == Sort::characteristic)
          add_inherited(one, tail_of(path), values);
        else if (!one.unknown)
          values.emplace_back(one.target.id);
      return values;
    }
    json::Value value;
    if (derivation.calculation != nullptr) {
      value = member_of(TRY(run(*derivation.calculation)), tail_of(path));
    } else if (const graph::RecordRef record = subgraph_.find(instance_)) {
      const model::Pool* pool = kind_.pool(head);
      const std::string_view what = tail_of(path);
      if (pool != nullptr && (what == "free" || what == "used"))
        value = TRY(use_of(*pool, *record, what));
      else if (pool != nullptr && what == "thing")
        value = pool->thing;
      else
        value = value_at(*record, subgraph_.schema(), path);
    }
    if (const json::Array* items = value.if_array())
      values.assign(items->begin(), items->end());
    else if (!value.is_null())
      values.push_back(std::move(value));
    return values;
  }

  /// Each kind at the end of a chain has its own names on the wire. Whoever is reached counts, even
  /// where there is nothing at the path; a list on the way counts item by item.
  void add_inherited(const InheritedValue& one, std::string_view path,
                     std::vector<json::Value>& values) const {
    if (path.empty())
      return values.push_back(one.value);
    model::ValuesAt found =
        values_in(model::model_of(subgraph_.schema()), one.type, one.value, path);
    if (found.values.empty() && !found.in_list)
      found.values.emplace_back();
    std::move(found.values.begin(), found.values.end(), std::back_inserter(values));
  }

  Result<json::Value> aggregate(const Calculation& calculation) {
    const std::vector<json::Value> values = TRY(values_at(calculation.of));
    if (calculation.by == Calculation::By::count)
      return json::Value(static_cast<std::int64_t>(values.size()));
    std::optional<double> total;
    if (calculation.by == Calculation::By::sum)
      total = 0;
    for (const json::Value& value : values) {
      const auto number = number_in(value);
      if (!number)
        continue;
      if (calculation.by == Calculation::By::sum)
        total = *total + *number;
      else if (!total)
        total = number;
      else
        total = calculation.by == Calculation::By::min ? std::min(*total, *number)
                                                       : std::max(*total, *number);
    }
    if (!total)
      result_.why = "nothing at " + calculation.of;
    return total ? number_value(*total, calculation) : json::Value();
  }

  /// Of a list, each of its items.
  Result<json::Value> look_up(const Calculation& calculation) {
    const model::Domain& domain = model::model_of(subgraph_.schema()).declared().domain_of(kind_);
    const auto table =
        std::find_if(domain.tables.begin(), domain.tables.end(),
                     [&](const model::Table& one) { return one.name == calculation.table; });
    if (table == domain.tables.end())
      return json::Value();
    json::Array found;
    for (const json::Value& value : TRY(values_at(calculation.of))) {
      const std::string* text = value.if_string();
      const std::string key = text != nullptr ? *text : json::to_text(value);
      const auto entry = std::find_if(table->entries.begin(), table->entries.end(),
                                      [&key](const auto& one) { return one.first == key; });
      found.push_back(entry != table->entries.end()
                          ? entry->second
                          : calculation.otherwise.value_or(json::Value()));
    }
    const bool several = derivation_of(kind_, head_of(calculation.of)).inherited != nullptr;
    if (several)
      return json::Value(std::move(found));
    return found.empty() ? json::Value() : std::move(found.front());
  }

  Result<json::Value> express(const Calculation& calculation) {
    const model::Expression expression = TRY(model::Expression::parse(calculation.expression));
    std::vector<std::pair<std::string, std::optional<double>>> known;
    for (const std::string& name : expression.names()) {
      const std::vector<json::Value> values = TRY(values_at(name));
      known.emplace_back(name, values.size() == 1 ? number_in(values.front()) : std::nullopt);
    }
    const auto number = expression.evaluate([&](std::string_view name) -> std::optional<double> {
      for (const auto& [one, value] : known)
        if (one == name)
          return value;
      return std::nullopt;
    });
    if (!number)
      result_.why = "a number of " + calculation.expression + " is missing, or it divides by zero";
    return number ? number_value(*number, calculation) : json::Value();
  }

  graph::Subgraph& subgraph_;
  const graph::Key& instance_;
  const model::DeclaredKind& kind_;
  std::int64_t now_;
  Calculated& result_;
  HookReads hook_reads_; ///< of all that functions read for one value
  std::vector<std::pair<const Calculation*, json::Value>> known_;
  std::vector<const Calculation*> running_;
};

} // namespace

Result<InheritedSet> inherit(graph::Subgraph& subgraph, const graph::Key& instance,
                             const model::Inherited& declared, Sort sort, std::int64_t now) {
  InheritedSet set;
  set.sort = sort;
  // What is read is shown under its own name, unless `as` calls it otherwise; a place or party in
  // the role that is declared here.
  set.name = sort != Sort::characteristic ? declared.name
             : declared.as.empty()        ? declared.read
                                          : declared.as;
  set.collapsed = declared.collapse != Collapse::none;
  set.walked = TRY(walk(subgraph, instance, declared.via, now));
  for (const Step& step : set.walked.steps)
    note(set.contributed, step.over, step.sequence);
  graph::FetchPlan plan;
  plan.records = set.walked.reached;
  subgraph.announce(plan);
  Inheritance inheritance(subgraph, declared, sort, set);
  for (const graph::Key& key : set.walked.reached)
    inheritance.read(key);
  if (set.collapsed && set.values.size() > 1) {
    if (declared.collapse == Collapse::last)
      std::swap(set.values.front(), set.values.back());
    set.values.resize(1);
  }
  return set;
}

Result<Calculated> calculate(graph::Subgraph& subgraph, const graph::Key& instance,
                             const model::DeclaredKind& kind, const Calculation& calculation,
                             std::int64_t now) {
  Calculated result;
  result.name = calculation.name;
  graph::FetchPlan plan;
  plan.records.push_back(instance);
  subgraph.announce(plan);
  result.value = TRY(Calculating(subgraph, instance, kind, now, result).run(calculation));
  if (!result.value.is_null())
    result.why.clear();
  return result;
}

Derivation derivation_of(const model::DeclaredKind& kind, std::string_view name) {
  Derivation found;
  const auto look = [&](const std::vector<model::Inherited>& all, Sort sort) {
    for (const model::Inherited& one : all)
      if (one.name == name && !found.found())
        found = {&one, sort, nullptr};
  };
  look(kind.inherited_characteristics, Sort::characteristic);
  look(kind.inherited_places, Sort::place);
  look(kind.inherited_parties, Sort::party);
  for (const Calculation& calculation : kind.calculations)
    if (calculation.name == name && !found.found())
      found.calculation = &calculation;
  for (const auto* roles : {&kind.places, &kind.parties})
    for (const model::Role& role : *roles)
      if (role.role == name && role.calculate != name && !role.calculate.empty() && !found.found())
        return derivation_of(kind, role.calculate);
  return found;
}

std::string derivations_of(const model::DeclaredKind& kind) {
  std::string list;
  const auto add = [&list](const std::string& name) { list += (list.empty() ? "" : ", ") + name; };
  for (const auto* all :
       {&kind.inherited_characteristics, &kind.inherited_places, &kind.inherited_parties})
    for (const model::Inherited& one : *all)
      add(one.name);
  for (const Calculation& calculation : kind.calculations)
    add(calculation.name);
  for (const auto* roles : {&kind.places, &kind.parties})
    for (const model::Role& role : *roles)
      if (!role.calculate.empty())
        add(role.role);
  return list.empty() ? "none" : list;
}

} // namespace diffo::rules

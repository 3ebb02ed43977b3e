#include "server/tasks/planner.h"

#include "graph/unseen.h"
#include "loop/change_document.h"
#include "loop/task_order.h"
#include "model/model.h"
#include "model/schema.h"
#include "model/words.h"
#include "outstanding/leaf.h"
#include "server/surfaces/residue_patch.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

namespace diffo::server {
namespace {

using json::Value;
using outstanding::Category;
using Rows = std::vector<ResidueRows::Row>;

/// What makes the documents of several residues one task.
struct TaskKey {
  graph::Key target;
  outstanding::Profile profile = outstanding::Profile::v5;
  std::string executor;
  friend bool operator<(const TaskKey& a, const TaskKey& b) {
    return std::tie(a.target, a.profile, a.executor) < std::tie(b.target, b.profile, b.executor);
  }
};

/// A partial document without what its references expect of what they refer to.
Value without_nested(Value document, const outstanding::DocumentShapes& shapes) {
  const auto drop = [](Value* reference) {
    if (json::Object* members = reference != nullptr ? reference->if_object() : nullptr)
      members->erase("expect");
  };
  json::Object* root = document.if_object();
  if (root == nullptr)
    return document;
  for (json::Member& member : *root) {
    const outstanding::AttributeShape* shape = shapes.find(member.name);
    if (shape == nullptr)
      continue;
    if (!shape->family.empty())
      drop(&member.value);
    Value* items = &member.value;
    if (json::Object* matcher = items->if_object(); matcher != nullptr && matcher->size() == 1)
      items = &matcher->begin()->value; // `$only` and its like
    if (json::Object* named = items->if_object(); named != nullptr && named->find("items"))
      items = named->find("items");
    json::Array* list = shape->list ? items->if_array() : nullptr;
    if (list == nullptr)
      continue;
    for (Value& item : *list) {
      if (!shape->list->family.empty() && !shape->list->holds_values)
        drop(&item);
      if (json::Object* parts = item.if_object(); parts != nullptr && !shape->list->nested.empty())
        drop(parts->find(shape->list->nested));
    }
  }
  return document;
}

class Planner {
public:
  Planner(ResidueRows& rows, graph::Subgraph& subgraph, const loop::EvaluateOptions& options,
          const TaskSettings& settings)
      : rows_(rows), subgraph_(subgraph), options_(options), settings_(settings) {}

  Result<Plan> operator()(const Rows& chosen) {
    Rows reachable;
    for (const ResidueRows::Row& row : chosen)
      if (auto reason = why_not(row))
        plan_.unreachable.push_back({row, *std::move(reason)});
      else
        reachable.push_back(row);
    drop_contradictions(reachable);
    std::map<std::pair<TaskKey, const loop::Residue*>, Rows> closings;
    for (const ResidueRows::Row& row : reachable) {
      const auto* detail = rows_.detail_of(*row.residue, options_);
      graph::Key target = changed_by(row);
      std::string executor = executor_of(row, *detail, target);
      const TaskKey key{std::move(target), detail->document.profile, std::move(executor)};
      closings[{key, row.residue}].push_back(row);
    }
    for (const auto& [place, leaves] : closings)
      TRY(close(place.first, *place.second, leaves));
    finish_changes();
    put_in_order();
    return std::move(plan_);
  }

private:
  /// Why no task can close the leaf; nothing when one can.
  std::optional<std::string> why_not(const ResidueRows::Row& row) {
    const loop::StandingLeaf& leaf = *row.leaf;
    if (leaf.approval)
      return "it is approved";
    if (leaf.overruled_by)
      return "the expectation " + leaf.overruled_by->id + " overrules it";
    if (leaf.contradicted_by)
      return "the expectation " + leaf.contradicted_by->id + refused_by_equal;
    const ResidueRows::Detail* detail = rows_.detail_of(*row.residue, options_);
    const auto found = detail != nullptr
                           ? detail->leaves.find(leaf.id)
                           : std::map<loop::LeafId, outstanding::Leaf>::const_iterator();
    if (detail == nullptr || found == detail->leaves.end())
      return "it cannot be evaluated";
    if (leaf.category == Category::unknown)
      return "what is there is unknown: it must be observed";
    if (!is_changeable(detail->document.profile))
      return "its expectation is about documents of profile " +
             std::string(outstanding::name_of(detail->document.profile)) + ", which nobody changes";
    if (detail->target && !found->second.fixed.empty())
      return found->second.fixed;
    if (detail->target && !leaf.closable && !is_reference(found->second, detail->document.profile))
      return "no single value meets it: it must be decided what is to be there";
    if (const graph::Family family = changed_by(row).family;
        is_elsewhere(row) && family != model::family_service && family != model::family_resource)
      return "it is about a " + found->second.place.family + ", which no task changes";
    if (is_elsewhere(row) && (!record_of(changed_by(row)) || is_gone(changed_by(row))))
      return "the " + found->second.place.family + ' ' + found->second.place.id + " does not exist";
    if (is_gone(row.residue->target) && is_self(executor_of(row, *detail, row.residue->target)))
      return "our own record is there, and a source says that the instance is not: only an "
             "executor that reaches the network makes it again";
    return std::nullopt;
  }

  /// Whether what is missing is named by values, but for what is expected of what it refers to:
  /// that can be put there, and the rest is outstanding then by itself.
  bool is_reference(const outstanding::Leaf& leaf, outstanding::Profile profile) const {
    if (leaf.category != Category::missing || leaf.pointer.empty() || !leaf.expected.is_object())
      return false;
    json::Object item = leaf.expected.object();
    for (json::Member& member : item)
      if (json::Object* reference = member.value.if_object())
        reference->erase("expect");
    item.erase("expect");
    const auto wanted = outstanding::Expectation::compile(std::move(item), {.profile = profile});
    if (!wanted)
      return false;
    const Value made = wanted->apply_to(json::Object());
    const auto evaluation = wanted->evaluate(&made, {.now = options_.now});
    return evaluation && !evaluation->outstanding();
  }

  const outstanding::Leaf& found_at(const ResidueRows::Row& row) {
    return rows_.detail_of(*row.residue, options_)->leaves.at(row.id);
  }

  /// Whether the leaf is about what the target refers to.
  bool is_elsewhere(const ResidueRows::Row& row) {
    const outstanding::DocumentPlace& place = found_at(row).place;
    return !loop::is_selector(row.residue->target) && !place.id.empty() &&
           place.id != row.residue->target.id;
  }

  /// The instance that has to change.
  graph::Key changed_by(const ResidueRows::Row& row) {
    if (!is_elsewhere(row))
      return row.residue->target;
    const outstanding::DocumentPlace& place = found_at(row).place;
    graph::Family number = 0;
    for (const graph::FamilyDefinition& family : subgraph_.schema().families())
      if (family.name == place.family)
        number = family.family;
    return {row.residue->target.tenant, number, place.id};
  }

  /// Where the leaf is in the document of the instance that has to change.
  std::string address_in_changed(const ResidueRows::Row& row) {
    return is_elsewhere(row) ? inner_address(row.leaf->address) : row.leaf->address;
  }

  graph::RecordRef record_of(const graph::Key& key) {
    subgraph_.announce({.records = {key}});
    return subgraph_.find(key);
  }

  /// Whether a source says that what we have a record of is not there.
  bool is_gone(const graph::Key& key) {
    const graph::RecordRef record = loop::is_selector(key) ? graph::RecordRef() : record_of(key);
    return record && graph::is_gone(record->root(subgraph_.schema().dictionary()));
  }

  [[nodiscard]] bool is_self(const std::string& executor) const {
    const auto found = settings_.executors.find(executor);
    return found == settings_.executors.end() ? executor == "self"
                                              : found->second.type == ExecutorType::self;
  }

  /// Whether it was found out for each of both whether the other refuses it.
  bool are_compared(const ResidueRows::Row& one, const ResidueRows::Row& other) {
    return one.residue->target == other.residue->target && !is_elsewhere(one) &&
           !is_elsewhere(other) &&
           rows_.detail_of(*one.residue, options_)->document.profile ==
               rows_.detail_of(*other.residue, options_)->document.profile;
  }

  /// Two expectations that want different things of one place in different ways: of what another
  /// target refers to, or in documents of different versions. No change meets both.
  void drop_contradictions(Rows& reachable) {
    std::map<std::pair<graph::Key, std::string>, std::vector<std::size_t>> places;
    for (std::size_t at = 0; at < reachable.size(); ++at) {
      places[{changed_by(reachable[at]), address_in_changed(reachable[at])}].push_back(at);
    }
    std::set<std::size_t> dropped;
    for (const auto& [place, those] : places) {
      const auto wanted = [&](std::size_t at) -> const Value& {
        return found_at(reachable[at]).expected;
      };
      const auto other = std::find_if(those.begin(), those.end(), [&](std::size_t at) {
        return wanted(at) != wanted(those.front()) &&
               !are_compared(reachable[at], reachable[those.front()]);
      });
      if (other == those.end() || place.second.empty())
        continue;
      for (const std::size_t at : those) {
        const std::size_t against = at == *other ? those.front() : *other;
        plan_.unreachable.push_back(
            {reachable[at],
             "the expectation " + reachable[against].residue->expectation.id + refused_by_equal});
        dropped.insert(at);
      }
    }
    Rows left;
    for (std::size_t at = 0; at < reachable.size(); ++at)
      if (!dropped.contains(at))
        left.push_back(reachable[at]);
    reachable = std::move(left);
  }

  /// Whom the expectation names, else the first choice of the settings that fits; empty: nobody.
  std::string executor_of(const ResidueRows::Row& row, const ResidueRows::Detail& detail,
                          const graph::Key& target) {
    if (!detail.document.executor.empty())
      return detail.document.executor;
    const std::string address = address_in_changed(row);
    for (const ExecutorChoice& choice : settings_.choose) {
      const bool fits_family =
          choice.family.empty() ||
          target.family ==
              (choice.family == "service" ? model::family_service : model::family_resource);
      const bool fits_expectation = choice.expectation.empty() ||
                                    choice.expectation == row.residue->expectation.id ||
                                    choice.expectation == detail.document.name;
      if (fits_family && fits_expectation && outstanding::lies_in(address, choice.path) &&
          (choice.kind.empty() || choice.kind == kind_of(target, *row.residue)))
        return choice.executor;
    }
    return {};
  }

  /// Of what does not exist, the one that the expectation says.
  std::string kind_of(const graph::Key& target, const loop::Residue& residue) {
    std::string kind = rows_.kind_of(target);
    return kind.empty() && target == residue.target
               ? std::string(rows_.facts_of(residue.expectation).target.text_of("kind"))
               : kind;
  }

  struct Made {
    Value before;
    Value after;
  };

  Result<void> close(const TaskKey& key, const loop::Residue& residue, const Rows& leaves) {
    const ResidueRows::Detail& detail = *rows_.detail_of(residue, options_);
    const auto [place, fresh] = places_.try_emplace(key, plan_.tasks.size());
    if (fresh) {
      plan_.tasks.emplace_back();
      made_.push_back(TRY(begin(key, residue, plan_.tasks.back().task)));
    }
    PlannedTask& planned = plan_.tasks[place->second];
    Made& made = made_[place->second];
    std::set<std::string> addresses;
    for (const ResidueRows::Row& row : leaves) {
      planned.task.because.push_back(
          {row.id, row.leaf->fingerprint, residue.expectation, residue.target, row.leaf->address});
      const outstanding::Leaf& found = detail.leaves.at(row.id);
      if (found.provenance && !found.provenance->source.empty())
        planned.writer = found.provenance->source;
      if (is_elsewhere(row))
        TRY(close_elsewhere(detail, found, made));
      else
        addresses.insert(row.leaf->address);
    }
    if (!detail.target)
      made.after = detail.document.expect.apply_to(std::move(made.after));
    else if (!addresses.empty())
      made.after = TRY(with_closed(TRY(of_itself(detail.document.expect)), addresses,
                                   std::move(made.after), options_.now, subgraph_.schema()));
    return {};
  }

  /// The expectation without what it says of other documents.
  Result<outstanding::Expectation> of_itself(const outstanding::Expectation& whole) const {
    const auto& shapes = model::model_of(subgraph_.schema()).document_shapes();
    return outstanding::Expectation::compile(without_nested(whole.document(), shapes),
                                             {.profile = whole.profile(), .shapes = &shapes});
  }

  /// The last part of an address, in the document that it is about.
  static std::string inner_address(const std::string& address) {
    const std::size_t at = address.rfind(expect_step);
    return at != std::string::npos ? address.substr(at + expect_step.size()) : address;
  }

  /// Closes a leaf of what is expected of another document, by that part of the expectation alone.
  Result<void> close_elsewhere(const ResidueRows::Detail& detail, const outstanding::Leaf& leaf,
                               Made& made) {
    auto tokens = TRY(json::Pointer::parse(leaf.pointer)).tokens();
    const auto last = std::find(tokens.rbegin(), tokens.rend(), "expect");
    tokens.erase(last.base(), tokens.end());
    const Value* part = json::Pointer(std::move(tokens)).find_in(detail.document.expect.document());
    if (part == nullptr)
      return {};
    const auto inner = TRY(outstanding::Expectation::compile(
        *part, {.profile = detail.document.profile,
                .shapes = &model::model_of(subgraph_.schema()).document_shapes()}));
    made.after = TRY(with_closed(inner, {inner_address(leaf.address)}, std::move(made.after),
                                 options_.now, subgraph_.schema()));
    return {};
  }

  Result<Made> begin(const TaskKey& key, const loop::Residue& residue, loop::Task& task) {
    task.target = key.target;
    task.profile = key.profile;
    task.executor = key.executor;
    task.kind = kind_of(key.target, residue);
    const graph::RecordRef record =
        loop::is_selector(key.target) ? graph::RecordRef() : record_of(key.target);
    if (record) {
      if (const graph::ValueView name =
              record->root(subgraph_.schema().dictionary()).field(model::words::name);
          name && name.kind() == json::Kind::string)
        task.name = name.text();
      Value document = TRY(changeable_document(*record, key.profile, subgraph_));
      task.creates = is_gone(key.target);
      return Made{task.creates ? Value(json::Object()) : document, document};
    }
    task.creates = true;
    json::Object made;
    if (!loop::is_selector(key.target))
      made.append("id", key.target.id);
    const Value& target = rows_.facts_of(residue.expectation).target;
    if (const Value* attributes = target.find("key");
        attributes != nullptr && attributes->is_object())
      for (const json::Member& member : attributes->object())
        made.set(member.name, member.value);
    task.name = Value(made).text_of("name");
    return Made{json::Object(), std::move(made)};
  }

  void finish_changes() {
    const auto& shapes = model::model_of(subgraph_.schema()).document_shapes();
    for (std::size_t at = 0; at < plan_.tasks.size(); ++at) {
      loop::Task& task = plan_.tasks[at].task;
      Made& made = made_[at];
      task.change = loop::change_between(made.before, made.after, shapes);
      task.patch = json::Array();
      if (task.creates)
        continue;
      if (auto operations = tested(made.before, json::difference(made.before, made.after)))
        task.patch = *std::move(operations);
    }
  }

  [[nodiscard]] static bool only_removes(const loop::Task& task) {
    const Value* set = task.change.find("set");
    return !task.creates &&
           (set == nullptr ||
            std::all_of(set->object().begin(), set->object().end(),
                        [](const json::Member& member) { return member.value.is_null(); }));
  }

  /// What others rely on comes first; what is removed goes before what it relied on.
  void put_in_order() {
    std::map<graph::Key, std::vector<std::size_t>> of_target;
    for (std::size_t at = 0; at < plan_.tasks.size(); ++at)
      of_target[plan_.tasks[at].task.target].push_back(at);
    graph::FetchPlan reads;
    for (const auto& [target, tasks] : of_target)
      if (!loop::is_selector(target)) {
        reads.records.push_back(target);
        reads.referrers.push_back(
            {.key = target, .kinds = {model::kinds::assignee}, .most = most_relied_on});
      }
    subgraph_.announce(reads);
    std::vector<loop::Before> demands;
    const auto demand = [&](std::size_t relying, const graph::Key& on) {
      const auto found = of_target.find(on);
      if (found == of_target.end())
        return;
      for (const std::size_t other : found->second)
        demands.push_back(only_removes(plan_.tasks[other].task) ? loop::Before{relying, other}
                                                                : loop::Before{other, relying});
    };
    for (std::size_t at = 0; at < plan_.tasks.size(); ++at)
      for (const graph::Key& on : relied_on(plan_.tasks[at].task.target, made_[at].after))
        demand(at, on);
    auto order = loop::order_of(plan_.tasks.size(), demands);
    for (std::size_t at = 0; at < plan_.tasks.size(); ++at)
      plan_.tasks[at].after = std::move(order[at]);
  }

  /// What a document that is to be refers to.
  void add_references(const Value& document, graph::Tenant tenant,
                      std::vector<graph::Key>& found) const {
    const auto& shapes = model::model_of(subgraph_.schema()).document_shapes();
    const json::Object* members = document.if_object();
    for (const json::Member& member : members != nullptr ? *members : json::Object()) {
      const outstanding::AttributeShape* shape = shapes.find(member.name);
      if (shape == nullptr || !shape->list || !member.value.is_array())
        continue;
      const graph::Family family = shape->list->family == "service"    ? model::family_service
                                   : shape->list->family == "resource" ? model::family_resource
                                                                       : graph::Family(0);
      for (const Value& item : member.value.array()) {
        const Value* nested = shape->list->nested.empty() ? &item : item.find(shape->list->nested);
        const std::string_view id = nested != nullptr ? nested->text_of("id") : std::string_view();
        if (family != 0 && !id.empty())
          found.emplace_back(tenant, family, std::string(id));
      }
    }
  }

  std::vector<graph::Key> relied_on(const graph::Key& target, const Value& made) {
    std::vector<graph::Key> found;
    add_references(made, target.tenant, found);
    if (loop::is_selector(target))
      return found;
    const graph::Dictionary& dictionary = subgraph_.schema().dictionary();
    if (const graph::RecordRef record = subgraph_.find(target))
      graph::for_each_edge(record->root(dictionary), [&](const graph::ElementView& edge) {
        const graph::ElementKind kind = edge.kind();
        if (kind == model::kinds::service_relation || kind == model::kinds::resource_relation ||
            kind == model::kinds::supporting_service || kind == model::kinds::supporting_resource)
          found.emplace_back(target.tenant, edge.target_family(), edge.target_id().text());
      });
    // An assignment is a record between whoever assigns and whoever is assigned to.
    subgraph_.referrers(target, {model::kinds::assignee}, [&](const graph::Referrer& assignment) {
      graph::for_each_edge(
          assignment.record->root(dictionary), [&](const graph::ElementView& edge) {
            if (edge.kind() == model::kinds::assigner)
              found.emplace_back(target.tenant, edge.target_family(), edge.target_id().text());
          });
      return found.size() < most_relied_on;
    });
    return found;
  }

  static constexpr std::size_t most_relied_on = 10'000;
  static constexpr std::string_view expect_step = ".expect.";
  static constexpr const char* refused_by_equal =
      ", of the same priority, wants something else there";

  ResidueRows& rows_;
  graph::Subgraph& subgraph_;
  const loop::EvaluateOptions& options_;
  const TaskSettings& settings_;
  Plan plan_;
  std::map<TaskKey, std::size_t> places_;
  std::vector<Made> made_; ///< beside the plan's tasks
};

} // namespace

Result<Plan> plan_of(const Rows& chosen, ResidueRows& rows, graph::Subgraph& subgraph,
                     const loop::EvaluateOptions& options, const TaskSettings& settings) {
  return Planner(rows, subgraph, options, settings)(chosen);
}

} // namespace diffo::server

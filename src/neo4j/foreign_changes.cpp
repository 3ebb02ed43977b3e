#include "neo4j/foreign_changes.h"

#include "neo4j/projection/difference.h"
#include "neo4j/projection/foreign_form.h"
#include "neo4j/projection/gather.h"
#include "neo4j/projection/shared_graph.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace diffo::neo4j {
namespace {

using graph::Element;

constexpr std::uint64_t roots_at_once = 200;

/// A record of ours as the shared graph should have it.
struct Own {
  graph::RecordRef record;
  SharedGraph shared;
};

/// Whether a record would lose what the shared graph has no place for, were it as it is there.
class Loss {
public:
  Loss(const graph::Record& record, const graph::Schema& schema)
      : key_(record.key()), created_at_(record.created_at()), schema_(schema) {}

  [[nodiscard]] bool would_be(const Element& ours, const Element& theirs) const {
    if (is_special(ours) || ours.kind != theirs.kind)
      return true;
    for (const json::Member& member : ours.extra)
      if (std::none_of(theirs.extra.begin(), theirs.extra.end(),
                       [&](const json::Member& one) { return one.name == member.name; }))
        return true;
    const graph::ElementDefinition* definition = schema_.element(ours.kind);
    for (const auto& [word, value] : ours.fields)
      if (theirs.field(word) == nullptr && !has_property(*definition, word))
        return true;
    return std::any_of(ours.children.begin(), ours.children.end(),
                       [&](const Element& child) { return would_be_of_child(child, theirs); });
  }

private:
  static bool is_special(const Element& element) {
    return element.verbatim || element.newer_form ||
           std::any_of(element.blocks.begin(), element.blocks.end(), [](const graph::Block& block) {
             return block.number != foreign_form_block;
           });
  }

  /// A child that they no longer have went where others could see it.
  [[nodiscard]] bool would_be_of_child(const Element& child, const Element& theirs) const {
    const graph::ElementDefinition* definition = schema_.element(child.kind);
    if (definition == nullptr || !is_shared(*definition) || is_special(child))
      return true;
    if (definition->labels.empty()) // a relationship without a node
      return !child.extra.empty() || !child.fields.empty() || !child.children.empty();
    const auto same =
        std::find_if(theirs.children.begin(), theirs.children.end(),
                     [&](const Element& one) { return identity(one) == identity(child); });
    return same != theirs.children.end() && would_be(child, *same);
  }

  static bool has_property(const graph::ElementDefinition& definition, graph::Word word) {
    return std::any_of(definition.fields.begin(), definition.fields.end(),
                       [word](const graph::FieldDefinition& field) {
                         return field.word == word && !field.property.empty();
                       });
  }

  [[nodiscard]] graph::PartUuid identity(const Element& part) const {
    return part.uuid ? *part.uuid : graph::part_uuid(key_, created_at_, part.part);
  }

  graph::Key key_;
  std::int64_t created_at_;
  const graph::Schema& schema_;
};

class Taker {
public:
  Taker(Database& database, graph::Store& store, graph::Context context, Adoption& adoption,
        const graph::FindingSink& sink)
      : database_(database), store_(store), context_(std::move(context)), adoption_(adoption),
        sink_(sink) {
    context_.cause = "changed in the shared graph";
  }

  Result<void> run() {
    for (const graph::FamilyDefinition& family : store_.schema().families())
      if (is_shared(family))
        query_.families.push_back(family.family);
    query_.limit = roots_at_once;
    query_.count = false;
    for (const graph::Which which : {graph::Which::actual, graph::Which::expected}) {
      query_.which = which;
      query_.after.reset();
      do
        TRY(next());
      while (query_.after);
    }
    return {};
  }

private:
  Result<void> next() {
    graph::FetchPlan plan;
    plan.queries.push_back(query_);
    graph::Pin pin;
    if (pinned_)
      pin.at = pinned_->sequence();
    // The new one keeps the revision before the old one lets it go.
    graph::Subgraph subgraph = TRY(graph::read_and_wait(store_, std::move(pin), std::move(plan)));
    graph::Page page = TRY(subgraph.page(0));
    pinned_ = std::move(subgraph);
    query_.after = std::move(page.next);
    std::map<std::string, std::map<std::string, Own>> all; // by label and key
    for (graph::RecordRef& record : page.records) {
      SharedGraph shared = project(*record, store_.schema());
      if (shared.nodes.empty() || !can_be_named(record->key(), store_.schema()))
        continue;
      const NodeName name = shared.nodes.front().name;
      all[name.label].insert_or_assign(name.key, Own{std::move(record), std::move(shared)});
    }
    for (auto& [label, own] : all)
      TRY(compare(label, own));
    return {};
  }

  Result<void> compare(const std::string& label, std::map<std::string, Own>& own) {
    std::vector<std::string> keys;
    keys.reserve(own.size());
    for (const auto& [key, one] : own)
      keys.push_back(key);
    const auto answers = TRY(database_.read({gather_statement(label, keys, store_.schema())}));
    // A root that is another's in the shared graph was never there.
    for (const bolt::Record& row : answers.front().records) {
      const auto* node = row["i"].get_if<bolt::Node>();
      const bolt::Value* index = &row["ix"];
      const auto* at = index->get_if<std::int64_t>();
      if (node == nullptr || at == nullptr || *at < 0 ||
          static_cast<std::size_t>(*at) >= keys.size())
        return Error{ErrorCode::corrupt, "the answer has no node of a root in each row"};
      const std::string& key = keys[static_cast<std::size_t>(*at)];
      if (const auto found = own.find(key);
          found != own.end() &&
          node->properties.text_of(owner_property) != found->second.shared.owner)
        own.erase(found);
    }
    for (const graph::RecordDraft& draft : TRY(gather(answers.front(), label, store_.schema()))) {
      const auto found = own.find(draft.key.id);
      if (found == own.end())
        continue;
      TRY(take(label, found->second, draft));
      own.erase(found);
    }
    for (const auto& [key, one] : own)
      leave(label, key, "the inventory has it, the shared graph does not");
    return {};
  }

  void leave(const std::string& label, const std::string& key, std::string reason) {
    ++adoption_.left;
    sink_({ErrorCode::conflict, std::move(reason), label + ' ' + key});
  }

  /// What the record would be.
  static graph::RecordDraft continued(const graph::Record& record, graph::RecordDraft theirs) {
    theirs.created_at = record.created_at();
    theirs.next_part = std::max(theirs.next_part, record.next_part());
    return theirs;
  }

  Result<void> take(const std::string& label, const Own& own, const graph::RecordDraft& theirs) {
    const graph::Record& record = *own.record;
    const graph::Dictionary& dictionary = store_.schema().dictionary();
    if (theirs.key != record.key()) {
      leave(label, theirs.key.id, "others made it another kind");
      return {};
    }
    const graph::RecordDraft after = continued(record, theirs);
    if (difference(own.shared, project(*graph::encode(after, dictionary), store_.schema())).empty())
      return {};
    if (Loss(record, store_.schema()).would_be(record.to_draft(dictionary).root, after.root)) {
      leave(label, theirs.key.id,
            "others changed it, and the record says what the shared graph has no place for");
      return {};
    }
    return put(label, record, after);
  }

  Result<void> put(const std::string& label, const graph::Record& before,
                   const graph::RecordDraft& after) {
    const auto done = graph::transact_and_wait(
        store_, context_, {.records = {after.key}},
        [&](graph::Subgraph& subgraph) -> Result<graph::Decision> {
          const graph::RecordRef present = subgraph.find(after.key);
          if (!present || present->sequence() != before.sequence())
            return Error{ErrorCode::conflict, "both sides changed it at the same time"};
          graph::ChangeSet changes;
          changes.changes.push_back(
              {after.key, graph::encode(after, subgraph.schema().dictionary())});
          return graph::Decision(std::move(changes));
        });
    if (!done && done.error().code != ErrorCode::conflict)
      return done.error();
    if (!done)
      leave(label, after.key.id, done.error().message);
    else
      ++adoption_.changed[store_.schema().family(after.key.family)->name];
    return {};
  }

  Database& database_;
  graph::Store& store_;
  graph::Context context_;
  Adoption& adoption_;
  const graph::FindingSink& sink_;
  graph::Query query_;
  std::optional<graph::Subgraph> pinned_;
};

} // namespace

Result<void> take_foreign_changes(Database& database, graph::Store& store,
                                  const graph::Context& context, Adoption& adoption,
                                  const graph::FindingSink& sink) {
  return Taker(database, store, context, adoption, sink).run();
}

} // namespace diffo::neo4j

#include "rules/conform.h"

#include "model/field_place.h"
#include "model/kinds.h"
#include "model/typed_value.h"
#include "model/value_path.h"
#include "model/words.h"
#include "rules/enforcer.h"
#include "rules/first_level.h"
#include "rules/instances.h"
#include "rules/parts.h"

#include <algorithm>
#include <span>
#include <utility>

namespace diffo::rules {
namespace {

using graph::Element;
namespace words = model::words;

/// `characteristic.field`, or a name alone.
struct Path {
  std::string name;
  std::string field;
  explicit Path(std::string_view text) : name(model::head_of(text)), field(model::tail_of(text)) {}
};

/// Takes a member out of an object; nothing when there is none.
std::optional<json::Value> take_member(json::Value& from, std::span<const std::string> path) {
  json::Object* members = from.if_object();
  json::Value* member = members != nullptr ? members->find(path.front()) : nullptr;
  if (member == nullptr)
    return std::nullopt;
  std::optional<json::Value> taken;
  if (path.size() > 1) {
    taken = take_member(*member, path.subspan(1));
    if (!taken || !member->object().empty())
      return taken;
  } else {
    taken = std::move(*member);
  }
  members->erase(path.front());
  return taken;
}

/// Where a member stands or will stand; what is on the way and no object becomes one.
json::Value& member_for(json::Value& whole, std::span<const std::string> path) {
  json::Value* at = &whole;
  for (const std::string& name : path) {
    if (!at->is_object())
      *at = json::Object();
    json::Value* next = at->object().find(name);
    at = next != nullptr ? next : &at->object().set(name, json::Value());
  }
  return *at;
}

bool is_characteristic(const model::DeclaredKind& kind, const Path& path) {
  return kind.characteristic(path.name) != nullptr || kind.pool(path.name) != nullptr;
}

/// One instance on its way from a kind to another, or to what the kind has become.
class Move {
public:
  Move(const model::Model& model, const Former& from, const model::DeclaredKind& to, Element& root)
      : model_(model), from_(from.kind), from_kinds_(from.kinds), to_(to), root_(root) {}

  Result<void> run(const model::Migration& migration) {
    for (const auto& [before, now] : migration.rename)
      if (auto value = take(Path(before)))
        TRY(put(Path(now), std::move(*value), Put::replace));
    for (const std::string& path : migration.drop)
      (void)take(Path(path));
    for (const auto& [path, value] : migration.set)
      TRY(put(Path(path), value, Put::if_absent));
    return {};
  }

private:
  enum class Put : std::uint8_t { replace, if_absent };

  /// Takes what stands at a path out of the instance; nothing when there is none.
  std::optional<json::Value> take(const Path& path) {
    if (Element* part = characteristic_named(root_, path.name))
      return take_from(*part, path);
    const model::Field* own = from_ != nullptr ? from_->attribute(path.name) : nullptr;
    if (own != nullptr)
      return take_attribute(own->wire_name());
    if (auto taken = take_attribute(path.name))
      return taken;
    return take_attribute(model::camel_case(path.name));
  }

  std::optional<json::Value> take_from(Element& part, const Path& path) {
    const json::Value* present = part.field(words::value);
    json::Value value = present != nullptr ? *present : json::Value();
    if (path.field.empty()) {
      std::erase_if(root_.children, [&part](const Element& child) { return &child == &part; });
      return value;
    }
    auto taken = take_member(value, members_of(from_kinds_, from_, path.name, path.field));
    if (taken)
      part.set_field(words::value, std::move(value));
    return taken;
  }

  std::optional<json::Value> take_attribute(std::string_view name) {
    if (const auto word = model_.dictionary().find(name))
      if (const json::Value* value = root_.field(*word)) {
        std::optional<json::Value> taken = *value;
        root_.erase_field(*word);
        return taken;
      }
    const auto found = extra_named(name);
    if (found == root_.extra.end())
      return std::nullopt;
    std::optional<json::Value> taken = std::move(found->value);
    root_.extra.erase(found);
    return taken;
  }

  Result<void> put(const Path& path, json::Value value, Put how) {
    if (!is_characteristic(to_, path))
      return put_attribute(path.name, std::move(value), how);
    Element* part = characteristic_named(root_, path.name);
    if (part == nullptr) {
      part = &root_.children.emplace_back();
      part->kind = model::kinds::characteristic;
      part->set_field(words::name, path.name);
    }
    const json::Value* present = part->field(words::value);
    if (path.field.empty()) {
      if (present == nullptr || how == Put::replace)
        part->set_field(words::value, std::move(value));
      return {};
    }
    json::Value whole = present != nullptr ? *present : json::Value();
    json::Value& member =
        member_for(whole, members_of(model_.declared(), &to_, path.name, path.field));
    if (member.is_null() || how == Put::replace)
      member = std::move(value);
    part->set_field(words::value, std::move(whole));
    return {};
  }

  Result<void> put_attribute(const std::string& name, json::Value value, Put how) {
    const auto field = first_level_field(model_, to_, name);
    const std::string_view wire = field ? field->row->name : std::string_view(name);
    const bool present =
        (field && root_.field(field->word) != nullptr) || extra_named(wire) != root_.extra.end();
    if (present && how == Put::if_absent)
      return {};
    std::erase_if(root_.extra, [wire](const auto& member) { return member.name == wire; });
    if (!field)
      root_.extra.push_back({name, std::move(value)});
    else
      root_.set_field(field->word, TRY(held_value(*field, value)));
    return {};
  }

  std::vector<json::Member>::iterator extra_named(std::string_view name) {
    return std::find_if(root_.extra.begin(), root_.extra.end(),
                        [name](const json::Member& member) { return member.name == name; });
  }

  const model::Model& model_;
  const model::DeclaredKind* from_;
  const model::DeclaredKinds& from_kinds_;
  const model::DeclaredKind& to_;
  Element& root_;
};

} // namespace

const model::Migration* migration_for(const model::DeclaredKinds& declared,
                                      const model::DeclaredKind& kind) {
  for (const model::Migration& migration : declared.domain_of(kind).migrations)
    if (migration.kind == kind.name)
      return &migration;
  return nullptr;
}

Result<void> migrate(const model::Migration& migration, const model::Model& model,
                     const Former& from, const model::DeclaredKind& to, graph::RecordDraft& draft) {
  return Move(model, from, to, draft.root).run(migration);
}

Result<std::optional<Revision>> conform(const graph::Context& context, graph::Subgraph& subgraph,
                                        const model::Model& next, const graph::Record& record) {
  const model::Model& present = model::model_of(subgraph.schema());
  const model::DeclaredKind* was = kind_of(present, record);
  const model::DeclaredKind* kind = kind_of(next, record);
  if (kind == nullptr && was != nullptr)
    return Error{ErrorCode::conflict, "its kind " + was->name + " would be gone"};
  if (kind == nullptr)
    return std::optional<Revision>();
  // The next model goes on with the words of the present one.
  const graph::Dictionary& dictionary = next.dictionary();
  Revision revised{record.to_draft(dictionary)};
  if (const model::Migration* migration = migration_for(next.declared(), *kind))
    TRY(migrate(*migration, next, {was, present.declared()}, *kind, revised.draft));
  const model::Specification* former = was != nullptr ? &*was->specification : nullptr;
  revised.further = TRY(Enforcer(context, subgraph, next, &record, revised.draft, Way::adopt)
                            .keep_only_given(former)
                            .run());
  const graph::RecordRef made = graph::encode(revised.draft, dictionary);
  const bool same = made->bytes().substr(graph::record_head_bytes) ==
                    record.bytes().substr(graph::record_head_bytes);
  if (same && revised.further.take.empty() && revised.further.release.empty())
    return std::optional<Revision>();
  return std::optional(std::move(revised));
}

} // namespace diffo::rules

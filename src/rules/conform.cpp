#include "rules/conform.h"

#include "model/kinds.h"
#include "model/words.h"
#include "rules/enforcer.h"
#include "rules/instances.h"
#include "rules/parts.h"

#include <algorithm>
#include <utility>

namespace diffo::rules {
namespace {

using graph::Element;
namespace words = model::words;

/// `characteristic.member`, or a name alone.
struct Path {
  std::string name;
  std::string member;
  explicit Path(std::string_view text)
      : name(text.substr(0, text.find('.'))),
        member(text.find('.') == std::string_view::npos ? std::string_view()
                                                        : text.substr(text.find('.') + 1)) {}
};

/// Takes what stands at a path out of the draft; nothing when there is none.
std::optional<json::Value> take(const Path& path, const graph::Dictionary& dictionary,
                                Element& root) {
  if (Element* part = characteristic_named(root, path.name)) {
    const json::Value* present = part->field(words::value);
    json::Value value = present != nullptr ? *present : json::Value();
    if (path.member.empty()) {
      std::erase_if(root.children, [part](const Element& child) { return &child == part; });
      return value;
    }
    json::Object* members = value.if_object();
    const json::Value* member = members != nullptr ? members->find(path.member) : nullptr;
    if (member == nullptr)
      return std::nullopt;
    std::optional<json::Value> taken = *member;
    members->erase(path.member);
    part->set_field(words::value, std::move(value));
    return taken;
  }
  if (const auto word = dictionary.find(path.name))
    if (const json::Value* value = root.field(*word)) {
      std::optional<json::Value> taken = *value;
      root.erase_field(*word);
      return taken;
    }
  const auto found =
      std::find_if(root.extra.begin(), root.extra.end(),
                   [&path](const json::Member& member) { return member.name == path.name; });
  if (found == root.extra.end())
    return std::nullopt;
  std::optional<json::Value> taken = std::move(found->value);
  root.extra.erase(found);
  return taken;
}

/// Puts a value where a path says. With `only_if_absent` what is there stays.
enum class Put : std::uint8_t { replace, if_absent };

void put(const Path& path, json::Value value, bool characteristic,
         const graph::Dictionary& dictionary, Element& root, Put how) {
  if (!characteristic) {
    const auto word = dictionary.find(path.name);
    const bool present = (word && root.field(*word) != nullptr) ||
                         std::any_of(root.extra.begin(), root.extra.end(),
                                     [&](const auto& member) { return member.name == path.name; });
    if (present && how == Put::if_absent)
      return;
    std::erase_if(root.extra, [&](const auto& member) { return member.name == path.name; });
    root.extra.push_back({path.name, std::move(value)}); // enforcing gives it its form
    return;
  }
  Element* part = characteristic_named(root, path.name);
  if (part == nullptr) {
    part = &root.children.emplace_back();
    part->kind = model::kinds::characteristic;
    part->set_field(words::name, path.name);
  }
  const json::Value* present = part->field(words::value);
  if (path.member.empty()) {
    if (present == nullptr || how == Put::replace)
      part->set_field(words::value, std::move(value));
    return;
  }
  json::Value whole = present != nullptr && present->is_object() ? *present : json::Object();
  if (whole.find(path.member) == nullptr || how == Put::replace)
    whole.object().set(path.member, std::move(value));
  part->set_field(words::value, std::move(whole));
}

bool is_characteristic(const model::DeclaredKind& kind, const Path& path) {
  return kind.characteristic(path.name) != nullptr || kind.pool(path.name) != nullptr;
}

} // namespace

const model::Migration* migration_for(const model::DeclaredKinds& declared,
                                      const model::DeclaredKind& kind) {
  for (const model::Migration& migration : declared.domain_of(kind).migrations)
    if (migration.kind == kind.name)
      return &migration;
  return nullptr;
}

void migrate(const model::Migration& migration, const model::DeclaredKind& kind,
             const graph::Dictionary& dictionary, graph::RecordDraft& draft) {
  for (const auto& [before, now] : migration.rename)
    if (auto value = take(Path(before), dictionary, draft.root))
      put(Path(now), std::move(*value), is_characteristic(kind, Path(now)), dictionary, draft.root,
          Put::replace);
  for (const std::string& path : migration.drop)
    (void)take(Path(path), dictionary, draft.root);
  for (const auto& [path, value] : migration.set)
    put(Path(path), value, is_characteristic(kind, Path(path)), dictionary, draft.root,
        Put::if_absent);
}

Result<std::optional<Revision>> conform(const graph::Context& context, graph::Subgraph& subgraph,
                                        const model::Model& next, const graph::Record& record) {
  const model::DeclaredKind* was = kind_of(model::model_of(subgraph.schema()), record);
  const model::DeclaredKind* kind = kind_of(next, record);
  if (kind == nullptr && was != nullptr)
    return Error{ErrorCode::conflict, "its kind " + was->name + " would be gone"};
  if (kind == nullptr)
    return std::optional<Revision>();
  const graph::Dictionary& dictionary = subgraph.schema().dictionary();
  Revision revised{record.to_draft(dictionary)};
  if (const model::Migration* migration = migration_for(next.declared(), *kind))
    migrate(*migration, *kind, dictionary, revised.draft);
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

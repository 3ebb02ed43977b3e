#include "tmf/patch.h"

#include "tmf/check.h"
#include "tmf/document_reader.h"
#include "tmf/merge.h"
#include "tmf/same_content.h"
#include "json/patch_share.h"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace diffo::tmf {
namespace {

constexpr std::size_t largest_document = std::size_t{16} << 20;
// One more than a request may bring: the other version may show a thing one level deeper.
constexpr std::size_t deepest_patched = 66;

/// An href is the same when it names the same entity, wherever it is served.
bool same_href(const json::Value* before, const json::Value* after) {
  const std::string* left = before != nullptr ? before->if_string() : nullptr;
  const std::string* right = after != nullptr ? after->if_string() : nullptr;
  if (left == nullptr || right == nullptr)
    return false;
  const auto tail = [](const std::string& url) {
    const std::size_t last = url.rfind('/');
    const std::size_t begin = last == std::string::npos || last == 0 ? 0 : url.rfind('/', last - 1);
    return begin == std::string::npos ? std::string_view(url) : std::string_view(url).substr(begin);
  };
  return tail(*left) == tail(*right);
}

bool same_member(const json::Object& before, const json::Object& after, std::string_view name) {
  const json::Value* left = before.find(name);
  const json::Value* right = after.find(name);
  return left == nullptr || right == nullptr ? left == right : *left == *right;
}

/// A type may be written where none was given, if it is the one that was meant.
bool same_type(const json::Object& before, const json::Object& after, std::string_view root_class) {
  if (before.contains("@type") || !after.contains("@type"))
    return same_member(before, after, "@type");
  return *after.find("@type") == json::Value(root_class);
}

bool same_fixed(const model::Attribute& attribute, const json::Object& before,
                const json::Object& after, std::string_view root_class) {
  if (attribute.name == "href")
    return same_href(before.find("href"), after.find("href"));
  if (attribute.otherwise == model::Otherwise::class_name)
    return same_type(before, after, root_class);
  return same_member(before, after, attribute.name);
}

// tmf.md §2.6: what cannot be patched may be repeated.
void add_fixed_attributes(std::vector<Error>& problems, const json::Object& before,
                          const json::Object& after, model::Api api, const model::Model& model) {
  for (const model::Attribute& attribute : model.attributes_of(model::root_of(api)))
    if (attribute.fixed && !same_fixed(attribute, before, after, model.class_of(api)))
      problems.push_back({ErrorCode::invalid, std::string(attribute.name) + " cannot be changed",
                          '/' + std::string(attribute.name)});
}

/// v4 shows the first place of a resource twice when there are more. What changes in one of them is
/// carried over to the other; where both change, they must agree (wire.md §5: all or none).
Result<void> settle_places(const json::Object& before, json::Object& after) {
  const json::Value* several = before.find("places");
  if (several == nullptr || !is_array_of_items(*several))
    return {}; // none, or something else that came under that name
  json::Value* places = after.find("places");
  json::Array* items = places != nullptr ? places->if_array() : nullptr;
  const bool place_changed = !same_member(before, after, "place");
  const json::Value* place = after.find("place");
  const bool has_place = place != nullptr && !place->is_null();
  if (items == nullptr || items->empty()) { // all are taken out, by whom `place` may outlive
    if (!place_changed)
      after.erase("place");
    return {};
  }
  if (place_changed && !has_place)
    return Error{ErrorCode::invalid,
                 "place is the first of several places; take it out of places, or all of them",
                 "/place"};
  if (place_changed && items->front() == several->array().front())
    items->front() = *place;
  else if (!place_changed)
    after.set("place", json::Value(items->front()));
  return {}; // where they contradict each other, check.h refuses
}

bool is_old(const Error& problem, const std::vector<Error>& old) {
  return std::any_of(old.begin(), old.end(), [&](const Error& one) {
    return one.path == problem.path && one.message == problem.message;
  });
}

/// NOTE: RFC 7396 §2 takes out every member that is null in the patch. A null that is shown is kept
/// when it is written back, so that writing back what was read changes nothing (wire.md §5).
void drop_repeated_nulls(json::Value& patch, const json::Value& present) {
  json::Object* members = patch.if_object();
  if (members == nullptr || !present.is_object())
    return;
  std::map<std::string_view, const json::Value*> shown; // sorted: as item_matching.cpp
  for (const auto& [name, value] : present.object())
    shown.emplace(name, &value);
  json::Object kept;
  for (auto& [name, value] : *members) {
    const auto found = shown.find(name);
    if (found != shown.end() && value.is_null() && found->second->is_null())
      continue;
    if (found != shown.end())
      drop_repeated_nulls(value, *found->second);
    kept.append(std::move(name), std::move(value));
  }
  patch = std::move(kept);
}

Result<json::Value> patched(const json::Value& before, const json::Value& patch_document,
                            PatchKind kind, std::size_t record_bytes, json::PatchShare* share) {
  json::Value after = before;
  if (kind == PatchKind::merge) {
    if (!patch_document.is_object())
      return Error{ErrorCode::invalid, "a merge patch of an entity is an object"};
    json::Value changes = patch_document;
    drop_repeated_nulls(changes, before);
    json::merge_patch(after, changes);
  } else if (kind == PatchKind::patch_query) {
    const json::PatchLimits limits{.max_depth = deepest_patched};
    TRY(share != nullptr ? json::apply_patch_query(after, patch_document, limits, *share)
                         : json::apply_patch_query(after, patch_document, limits));
  } else {
    TRY(json::apply_patch(after, patch_document, {.max_depth = deepest_patched}));
  }
  if (!after.is_object())
    return Error{ErrorCode::invalid, "the entity cannot become anything but an object"};
  // The result of copies and of repeated patches can outgrow what a request may bring. What came in
  // the other version may be larger in this one, so what counts is the record and what is added.
  const std::size_t size = json::to_text(after).size();
  if (size > largest_document) {
    const std::size_t present = json::to_text(before).size();
    if (record_bytes + (size > present ? size - present : 0) > largest_document)
      return Error{ErrorCode::too_large, "the entity would be larger than 16 MiB"};
  }
  return after;
}

/// The document that is there, without what stands in by an attribute that the patch takes out:
/// then what was shown is said.
json::Object without_orphans(json::Object before, const json::Object& after,
                             const graph::Record& present, model::Api api, model::Version version,
                             const graph::Schema& schema) {
  const graph::ElementView root = present.root(schema.dictionary());
  for (const model::Model::Standing& standing : model::model_of(schema).standing(api)) {
    const std::string_view source = model::source_of(standing.row->stand_in(version));
    const json::Value* kept = after.find(source);
    if (!source.empty() && before.contains(source) && (kept == nullptr || kept->is_null()) &&
        !root.field(standing.word) && !root.extra(standing.row->name))
      before.erase(standing.row->name);
  }
  return before;
}

} // namespace

Result<std::optional<graph::RecordDraft>> patch(const graph::Record& present,
                                                const json::Value& patch_document, PatchKind kind,
                                                model::Api api, model::Version version,
                                                const PatchContext& context,
                                                json::PatchShare* share) {
  const model::Model& model = model::model_of(context.schema);
  const json::Value before = document_of(present, version, context);
  json::Value after = TRY(patched(before, patch_document, kind, present.bytes().size(), share));
  if (api == model::Api::resource && version == model::Version::v4)
    TRY(settle_places(before.object(), after.object()));
  std::vector<Error> problems;
  add_fixed_attributes(problems, before.object(), after.object(), api, model);
  // What the record broke already (it may have come in the other version) is not the patch's fault.
  const std::vector<Error> old = problems_of(before, api, version, model);
  for (Error& problem : problems_of(after, api, version, model))
    if (!is_old(problem, old))
      problems.push_back(std::move(problem));
  if (!problems.empty())
    return joined(std::move(problems));

  const DocumentReader reader(context.schema, api, version, Origin::patch);
  graph::RecordDraft draft = present.to_draft(context.schema.dictionary());
  const graph::Element unchanged = draft.root;
  if (!apply_differences(draft.root,
                         reader.read(without_orphans(before.object(), after.object(), present, api,
                                                     version, context.schema)),
                         reader.read(after.object()), model) ||
      equal_elements(unchanged, draft.root))
    return std::optional<graph::RecordDraft>();
  return std::optional<graph::RecordDraft>(std::move(draft));
}

} // namespace diffo::tmf

// What is said of an instance, read and compared with what is kept; the merge is in observed.cpp.
#include "tmf/observed.h"

#include "graph/annotation.h"
#include "graph/unseen.h"
#include "model/model.h"
#include "model/schema.h"
#include "model/words.h"
#include "rules/annotating.h"
#include "tmf/check.h"
#include "tmf/document_reader.h"
#include "tmf/item_address.h"

#include <algorithm>
#include <utility>

namespace diffo::tmf {
namespace {

using graph::Element;
using graph::ElementView;
using graph::ValueView;

bool says(const ValueView& view, const json::Value& value) {
  if (!view)
    return false;
  if (const std::string* text = value.if_string())
    return view.kind() == json::Kind::string && view.equals(*text);
  return view.kind() == value.kind() && view.to_json() == value;
}

/// Whether an element of a record says all that another does.
bool contains(const ElementView& present, const Element& said) {
  if (present.is_verbatim() || said.verbatim)
    return present.is_verbatim() && said.verbatim && says(present.verbatim(), *said.verbatim);
  if (said.target && (!present.has_target() || present.target_family() != said.target->family ||
                      !present.target_id().equals(said.target->id)))
    return false;
  if (!std::all_of(said.fields.begin(), said.fields.end(), [&](const auto& field) {
        return says(present.field(field.first), field.second);
      }))
    return false;
  if (!std::all_of(said.extra.begin(), said.extra.end(), [&](const json::Member& member) {
        return says(present.extra(member.name), member.value);
      }))
    return false;
  // Lists of the same length mostly come in the same order: the search goes on where it was.
  graph::ChildCursor cursor = present.children();
  for (const Element& item : said.children) {
    ElementView child;
    bool found = false;
    while (!found && cursor.next(child))
      found = child.kind() == item.kind && contains(child, item);
    if (found)
      continue;
    cursor = present.children();
    while (!found && cursor.next(child))
      found = child.kind() == item.kind && contains(child, item);
    if (!found)
      return false;
  }
  return true;
}

/// Whoever only says what he has seen names no types: they show as those of an item that came in
/// the older form do, by default. A related thing has another shape there.
void leave_types_open(Element& element, model::Api api, const model::Model& model) {
  if (model.traits_of(element.kind, api).build != model::Build::related && !element.verbatim &&
      element.field(model::words::type) == nullptr)
    element.newer_form = false;
  for (Element& child : element.children)
    leave_types_open(child, api, model);
}

Result<std::vector<std::string>> read_absent(const json::Value* absent) {
  std::vector<std::string> gone;
  if (absent == nullptr)
    return gone;
  const json::Array* items = absent->if_array();
  if (items == nullptr)
    return Error{ErrorCode::invalid, "must be an array of addresses", "/absent"};
  for (std::size_t index = 0; index < items->size(); ++index) {
    const std::string* text = (*items)[index].if_string();
    if (text == nullptr)
      return Error{ErrorCode::invalid, "must be an address or a JSON pointer",
                   "/absent/" + std::to_string(index)};
    auto steps = steps_of(*text);
    if (!steps)
      return Error{ErrorCode::invalid, steps.error().message, "/absent/" + std::to_string(index)};
    gone.push_back(*text);
  }
  return gone;
}

} // namespace

Result<ObservedDocument> read_observed(const json::Value* set, const json::Value* absent,
                                       model::Api api, const graph::Schema& schema) {
  ObservedDocument observed;
  observed.said.kind = model::root_of(api);
  observed.gone = TRY(read_absent(absent));
  if (set == nullptr)
    return observed;
  const json::Object* document = set->if_object();
  if (document == nullptr)
    return Error{ErrorCode::invalid, "must be an object", "/set"};
  std::vector<Error> problems =
      type_problems_of(*document, api, model::Version::v5, model::model_of(schema));
  for (Error& problem : problems)
    problem.path = "/set" + problem.path;
  if (!problems.empty())
    return joined(std::move(problems));
  observed.said = DocumentReader(schema, api, model::Version::v5, Origin::post).read(*document);
  leave_types_open(observed.said, api, model::model_of(schema));
  for (const json::Member& member : *document)
    if (member.value.is_null())
      observed.nulls.push_back(member.name);
  return observed;
}

bool is_as_observed(const graph::Record& present, const ObservedDocument& observed,
                    const graph::Schema& schema) {
  const ElementView root = present.root(schema.dictionary());
  return observed.nulls.empty() && observed.gone.empty() && !graph::unseen_of(root) &&
         contains(root, observed.said);
}

std::optional<rules::Said> said_at(const graph::Record& record, std::string_view pointer,
                                   const graph::Schema& schema) {
  const graph::Dictionary& dictionary = schema.dictionary();
  if (graph::annotations_of(record.root(dictionary)).empty())
    return std::nullopt;
  graph::RecordDraft draft = record.to_draft(dictionary);
  const auto said_by = [&](Element& element, std::string_view member) {
    const rules::ElementNotes notes(element, dictionary);
    const graph::Annotation* note = notes.find(member);
    return note != nullptr ? std::optional(rules::Said{note->source, note->changed_at})
                           : std::nullopt;
  };
  // What stands inside of a value was said with it.
  for (std::string_view way = pointer; !way.empty(); way = way.substr(0, way.rfind('/'))) {
    const auto found =
        find_place(draft.root, way, model::api_of(record.family()), model::model_of(schema));
    if (!found || !*found)
      continue;
    Element& element = (*found)->item != nullptr ? *(*found)->item : *(*found)->owner;
    if (auto said = said_by(element, (*found)->member))
      return said;
    break;
  }
  return said_by(draft.root, {});
}

Element fresh_observed(const ObservedDocument& observed, const rules::Said& said,
                       const graph::Schema& schema) {
  Element root = observed.said;
  rules::ElementNotes notes(root, schema.dictionary());
  notes.set({}, said);
  notes.write();
  return root;
}

} // namespace diffo::tmf

#include "tmf/document_reader.h"

#include "model/ids.h"
#include "model/words.h"
#include "tmf/verbatim.h"

#include <algorithm>

namespace diffo::tmf {
namespace {

using graph::Element;
using graph::ElementKind;

bool is_scalar(const json::Value& value) {
  return value.is_string() || value.is_boolean() || value.is_number();
}

/// Whether a field can hold the value: scalars, and where any JSON may stand, published or not, all
/// but null.
bool can_be_field(const model::Attribute& attribute, const json::Value& value) {
  const bool any_form = attribute.encoding == graph::PropertyEncoding::json_text;
  return is_scalar(value) || (any_form && !value.is_null());
}

bool is_empty_array(const json::Value& value) {
  const json::Array* items = value.if_array();
  return items != nullptr && items->empty();
}

/// Whether nothing stands in an item; what an export notes of it does not count.
bool is_empty(const json::Object& item) {
  return item.empty() || (item.size() == 1 && item.contains(internal_form));
}

bool is_target_id(const json::Value* value) {
  const std::string* text = value != nullptr ? value->if_string() : nullptr;
  return text != nullptr && model::can_be_target(*text);
}

std::string_view text_member(const json::Object& object, std::string_view name) {
  const json::Value* value = object.find(name);
  const std::string* text = value != nullptr ? value->if_string() : nullptr;
  return text != nullptr ? std::string_view(*text) : std::string_view();
}

bool names_outer_type(std::string_view type) {
  return type.starts_with("Related");
}

/// A place, party or entity given by value is no reference, so it makes no stub. In v4 it is one
/// when it says more than a reference does, in v5 its type decides.
bool is_related_value(const Element& element) {
  const std::string_view type = element.field_text(model::words::type);
  if (type.empty() || type.ends_with("Ref") || names_outer_type(type))
    return false;
  return element.newer_form || !element.extra.empty();
}

/// Room for so many more, without giving up that it grows by doubling.
void make_room(std::vector<Element>& elements, std::size_t more) {
  if (elements.size() + more > elements.capacity())
    elements.reserve(std::max(elements.size() + more, 2 * elements.capacity()));
}

void set_type(Element& element, graph::Word word, const json::Object& form,
              std::string_view member) {
  element.erase_field(word);
  if (const json::Value* type = form.find(member))
    element.set_field(word, *type);
}

} // namespace

DocumentReader::DocumentReader(const graph::Schema& schema, model::Api api, model::Version version,
                               Origin origin)
    : model_(model::model_of(schema)), api_(api), version_(version), origin_(origin),
      dictionary_(schema.dictionary()) {}

Element DocumentReader::read(const json::Object& document) const {
  Element root;
  root.kind = model::root_of(api_);
  root.newer_form = version_ == model::Version::v5;
  root.fields.reserve(document.size());
  for (const json::Member& member : document)
    read_root_member(root, document, member);
  take_form(root, document);
  return root;
}

void DocumentReader::read_root_member(Element& root, const json::Object& document,
                                      const json::Member& member) const {
  const auto& [name, value] = member;
  // A first-level null or [] equals absence (wire.md §3).
  if (value.is_null() || is_empty_array(value))
    return;
  // Ours, not the document's: who may say which has taken it out already.
  if (name == "which" || name == internal_form)
    return;
  if (model_.is_derived(api_, name))
    return;
  if (api_ == model::Api::resource && (name == "place" || name == "places") &&
      read_place_of_resource(root, document, member))
    return;
  const auto word = dictionary_.find(name);
  if (read_children(root, member, word))
    return;
  const model::Attribute* field = word ? model_.field(root.kind, *word) : nullptr;
  if (field == nullptr || !can_be_field(*field, value))
    root.extra.push_back(member);
  else if (field->vocabulary == nullptr)
    root.fields.emplace_back(*word, value);
  else
    root.fields.emplace_back(*word, internal_word_of(document, member, *field->vocabulary));
}

json::Value DocumentReader::internal_word_of(const json::Object& document,
                                             const json::Member& member,
                                             const model::Vocabulary& vocabulary) const {
  const std::string* wire = member.value.if_string();
  if (wire == nullptr)
    return member.value;
  if (origin_ != Origin::patch && !vocabulary.extension.empty()) {
    const std::string_view extension = text_member(document, vocabulary.extension);
    if (const auto hidden = vocabulary.extended_value(*wire, extension, version_))
      return *hidden;
  }
  return vocabulary.internal_value(*wire, version_).value_or(*wire);
}

/// wire.md §3: of a resource's places v4 shows the first as `place`, and all as `places` when there
/// are more.
bool DocumentReader::read_place_of_resource(Element& root, const json::Object& document,
                                            const json::Member& member) const {
  if (version_ == model::Version::v5)
    return false;
  const json::Value* place = document.find("place");
  const json::Value* places = document.find("places");
  const bool all_given =
      places != nullptr && is_array_of_items(*places) &&
      (place == nullptr || place->is_null() || *place == places->array().front());
  if (member.name == "places") {
    if (all_given)
      for (const json::Value& item : places->array())
        root.children.push_back(read_item(model::kinds::place_reference, item));
    return all_given;
  }
  if (all_given)
    return true;
  if (!place->is_object())
    return false;
  root.children.push_back(read_item(model::kinds::place_reference, *place));
  return true;
}

bool DocumentReader::read_children(Element& owner, const json::Member& member,
                                   std::optional<graph::Word> word) const {
  const ElementKind kind =
      word ? model_.home_kind(owner.kind, *word, api_, version_) : ElementKind{0};
  if (kind == 0)
    return false;
  if (model_.is_single(kind)) {
    if (!member.value.is_object())
      return false;
    owner.children.push_back(read_item(kind, member.value));
    return true;
  }
  if (!is_array_of_items(member.value))
    return false;
  const json::Array& items = member.value.array();
  make_room(owner.children, items.size());
  for (const json::Value& item : items)
    owner.children.push_back(read_item(kind, item));
  return true;
}

/// The version whose form an item came in: an export says so.
model::Version DocumentReader::form_of(const json::Object& item) const {
  return older_form_in(item) != nullptr ? model::Version::v4 : version_;
}

/// What an export notes of an item that came in the older form, else a null pointer.
const json::Object* DocumentReader::older_form_in(const json::Object& item) const {
  const json::Value* noted = origin_ == Origin::import ? item.find(internal_form) : nullptr;
  const json::Object* form = noted != nullptr ? noted->if_object() : nullptr;
  return form == nullptr || form->contains(came_newer) ? nullptr : form;
}

Element DocumentReader::read_item(ElementKind kind, const json::Value& item) const {
  Element element;
  element.kind = kind;
  element.newer_form = version_ == model::Version::v5;
  const json::Object* object = item.if_object();
  if (const json::Object* form = object != nullptr ? older_form_in(*object) : nullptr;
      form != nullptr && form->contains(stayed_older)) {
    json::Value own = item;
    own.object().erase(internal_form);
    DocumentReader older = *this;
    older.version_ = model::Version::v4;
    return older.read_item(kind, own);
  }
  const bool taken = object != nullptr && !is_empty(*object) && [&] {
    switch (model_.traits_of(kind, api_).build) {
    case model::Build::part:
      read_part(element, *object);
      return true;
    case model::Build::reference:
      return read_reference(element, *object);
    case model::Build::relation:
      return read_relation(element, *object);
    case model::Build::related:
      return read_related(element, *object);
    }
    return false;
  }();
  if (!taken) {
    Element kept;
    kept.kind = kind;
    kept.newer_form =
        object != nullptr ? form_of(*object) == model::Version::v5 : element.newer_form;
    kept.verbatim = item;
    if (json::Object* members = kept.verbatim->if_object())
      members->erase(internal_form);
    return kept;
  }
  take_form(element, *object);
  if (const model::KindTraits& traits = model_.traits_of(kind, api_);
      traits.build == model::Build::related)
    settle_target(element, traits.target);
  return element;
}

void DocumentReader::read_part(Element& element, const json::Object& item) const {
  element.fields.reserve(item.size());
  for (const json::Member& member : item) {
    const auto word = dictionary_.find(member.name);
    if (!read_children(element, member, word))
      keep(element, member, word);
  }
}

bool DocumentReader::read_reference(Element& element, const json::Object& item) const {
  if (!is_target_id(item.find("id")) || (!model_.traits_of(element.kind, api_).always_leads &&
                                         is_by_value(item, form_of(item), model_)))
    return false;
  read_inner(element, item, true);
  return true;
}

bool DocumentReader::read_relation(Element& element, const json::Object& item) const {
  const std::string_view name = dictionary_.text(model_.traits_of(element.kind, api_).inner);
  const json::Value* value = item.find(name);
  const json::Object* reference = value != nullptr ? value->if_object() : nullptr;
  if (reference == nullptr || !is_target_id(reference->find("id")) ||
      is_by_value(*reference, form_of(item), model_))
    return false;
  read_outer(element, item, name);
  read_inner(element, *reference, true);
  return true;
}

bool DocumentReader::read_related(Element& element, const json::Object& item) const {
  const std::string_view name = dictionary_.text(model_.traits_of(element.kind, api_).inner);
  const json::Value* value = item.find(name);
  const json::Object* reference = value != nullptr ? value->if_object() : nullptr;
  if (version_ == model::Version::v4) {
    if (reference != nullptr && !item.contains("id"))
      return false; // the form of the other version stays as it came
    read_flat_related(element, item);
    return true;
  }
  if (reference == nullptr)
    return false;
  read_outer(element, item, name);
  read_inner(element, *reference, is_target_id(reference->find("id")));
  return true;
}

void DocumentReader::read_flat_related(Element& element, const json::Object& item) const {
  const std::string_view type = text_member(item, "@type");
  const bool with_target = is_target_id(item.find("id"));
  element.fields.reserve(item.size());
  for (const json::Member& member : item) {
    const auto word = dictionary_.find(member.name);
    if (with_target && member.name == "id")
      element.target =
          graph::Target{model_.traits_of(element.kind, api_).target, member.value.string()};
    else if (member.name == "@type" && names_outer_type(type))
      element.fields.emplace_back(model::words::outer_type, member.value);
    else if (const model::Attribute* outer = word ? model_.outer_row(element.kind, *word) : nullptr;
             outer != nullptr && outer->is_in(version_) && outer->kept_as.empty() &&
             member.value.is_string())
      element.fields.emplace_back(*word, member.value);
    else
      keep(element, member, word);
  }
}

/// The attributes of the object around a reference.
void DocumentReader::read_outer(Element& element, const json::Object& item,
                                std::string_view reference) const {
  Element outer;
  outer.kind = model::kinds::outer;
  for (const json::Member& member : item) {
    const auto word = dictionary_.find(member.name);
    if (member.name == reference || member.name == internal_form ||
        read_children(element, member, word))
      continue;
    const model::Attribute* row = word ? model_.outer_row(element.kind, *word) : nullptr;
    if (row != nullptr && member.value.is_string())
      element.fields.emplace_back(*dictionary_.find(row->kept_word()), member.value);
    else
      outer.extra.push_back(member);
  }
  if (!outer.extra.empty())
    element.children.push_back(std::move(outer));
}

void DocumentReader::read_inner(Element& element, const json::Object& reference,
                                bool with_target) const {
  element.fields.reserve(element.fields.size() + reference.size());
  for (const json::Member& member : reference)
    if (with_target && member.name == "id")
      element.target =
          graph::Target{model_.traits_of(element.kind, api_).target, member.value.string()};
    else
      keep(element, member, dictionary_.find(member.name));
}

/// A member that is no home: a field when it is modelled and a scalar, else an extra.
void DocumentReader::keep(Element& element, const json::Member& member,
                          std::optional<graph::Word> word) const {
  if (member.name == internal_form)
    return;
  const model::Attribute* field = word ? model_.field(element.kind, *word) : nullptr;
  if (field != nullptr && can_be_field(*field, member.value)) {
    element.fields.emplace_back(*word, member.value);
    return;
  }
  element.extra.push_back(
      {std::string(model_.swapped_name(element.kind, member.name, api_, version_)), member.value});
}

/// Takes back the form that an export noted.
void DocumentReader::take_form(Element& element, const json::Object& item) const {
  const json::Object* form = older_form_in(item);
  if (form == nullptr)
    return;
  element.newer_form = false;
  const model::Build build = model_.traits_of(element.kind, api_).build;
  if (build == model::Build::relation || build == model::Build::related) {
    set_type(element, model::words::outer_type, *form, "@type");
    set_type(element, model::words::type, *form, reference_type);
  } else {
    set_type(element, model::words::type, *form, "@type");
  }
}

bool is_array_of_items(const json::Value& value) {
  const json::Array* items = value.if_array();
  return items != nullptr && !items->empty() &&
         std::all_of(items->begin(), items->end(),
                     [](const json::Value& item) { return item.is_object() || item.is_null(); });
}

void settle_target(Element& element, graph::Family family) {
  const json::Value* id = element.field(model::words::id);
  if (is_related_value(element)) {
    if (!element.target)
      return;
    element.set_field(model::words::id, element.target->id);
    element.target.reset();
  } else if (!element.target && is_target_id(id)) {
    element.target = graph::Target{family, id->string()};
    element.erase_field(model::words::id);
  }
}

} // namespace diffo::tmf

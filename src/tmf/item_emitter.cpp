#include "tmf/item_emitter.h"

#include "base/text_hash.h"
#include "tmf/document_reader.h"

#include <cstdint>

namespace diffo::tmf {
namespace {

using graph::ChildCursor;
using graph::ElementView;
using graph::ExtraCursor;
using graph::FieldCursor;
using graph::Name;
using graph::ValueView;
using graph::Word;

bool is_outer_field(Word word) {
  return word == model::words::role || word == model::words::relationship_type ||
         word == model::words::alias || word == model::words::outer_type ||
         word == model::words::outer_name;
}

bool has_type(const ElementView& item) {
  return item.field(model::words::type) || item.extra("@type");
}

ElementView outer_of(const ElementView& item) {
  ElementView outer;
  return item.children().next_of(model::kinds::outer, outer) ? outer : ElementView();
}

/// Whether the members of both objects have different names, so that one object can hold them all.
bool can_be_flat(const ElementView& item, const graph::Dictionary& dictionary) {
  if (item.extra("role"))
    return false;
  const ElementView outer = outer_of(item);
  if (outer.kind() != model::kinds::outer)
    return true;
  Name name;
  ValueView value;
  TextViewSet inner;
  for (ExtraCursor extras = item.extra(); extras.next(name, value);)
    inner.insert(name.text);
  for (ExtraCursor extras = outer.extra(); extras.next(name, value);) {
    const auto word = dictionary.find(name.text);
    if (inner.contains(name.text) || name.text == "id" || name.text == "@referredType" ||
        name.text == "@type" || (word && item.field(*word)))
      return false;
  }
  return true;
}

} // namespace

void ItemEmitter::emit_item(const ElementView& item) {
  if (item.is_verbatim()) {
    value(item.verbatim());
    return;
  }
  const model::KindTraits& traits = model::traits_of(item.kind(), api_);
  json_ += '{';
  switch (traits.build) {
  case model::Build::part:
    emit_part(item);
    break;
  case model::Build::reference:
    emit_reference(item);
    break;
  case model::Build::relation:
    emit_nested(item, traits);
    break;
  case model::Build::related:
    if (version_ == model::Version::v5 || (item.newer_form() && !can_be_flat(item, dictionary_)))
      emit_nested(item, traits);
    else
      emit_flat(item);
    break;
  }
  close('}');
  json_ += ',';
}

void ItemEmitter::emit_children(const ElementView& owner) {
  std::uint64_t seen = 0;
  ElementView child;
  ChildCursor at = owner.children();
  while (at.next(child)) {
    const std::uint64_t bit = std::uint64_t{1} << (child.kind() & 63U);
    const auto word = model::home_word(owner.kind(), child.kind(), api_, version_);
    if (!word || (seen & bit) != 0)
      continue;
    seen |= bit;
    name(*word);
    if (model::is_single(child.kind())) {
      emit_item(child);
      continue;
    }
    json_ += '[';
    // Items of one attribute usually stand together, but need not.
    ElementView next = child;
    ChildCursor rest = at;
    do {
      emit_item(next);
    } while (rest.next_of(child.kind(), next));
    close(']');
    json_ += ',';
  }
}

void ItemEmitter::emit_extra(const ElementView& item) {
  Name extra_name;
  ValueView extra_value;
  const bool renames = item.kind() == model::kinds::feature;
  for (ExtraCursor extras = item.extra(); extras.next(extra_name, extra_value);) {
    if (renames) {
      const std::string_view shown = model::feature_attribute(extra_name.text, api_, version_);
      if (shown != extra_name.text)
        extra_name = {shown};
    }
    graph::emit_name(extra_name, dictionary_, json_);
    value(extra_value);
  }
}

/// v5 asks for a type of everything.
void ItemEmitter::default_type(const ElementView& item, std::string_view type) {
  if (version_ == model::Version::v5 && is_translated(item) && !type.empty() && !has_type(item)) {
    name(model::words::type);
    text(type);
  }
}

/// For an export: the item came in v4, and these were its types there.
void ItemEmitter::note_form(const ElementView& item, Word type, Word inner_type) {
  if (forms_ != Forms::noted || version_ != model::Version::v5 || !is_translated(item))
    return;
  json_ += "\"internalForm\":{";
  if (const ValueView present = item.field(type)) {
    json_ += "\"@type\":";
    value(present);
  }
  if (inner_type != type)
    if (const ValueView present = item.field(inner_type)) {
      json_ += "\"referenceType\":";
      value(present);
    }
  close('}');
  json_ += ',';
}

std::string_view ItemEmitter::part_type(const ElementView& item) const {
  if (item.kind() != model::kinds::characteristic)
    return model::traits_of(item.kind(), api_).outer_default;
  return model::characteristic_type(item.field(model::words::value).to_json());
}

void ItemEmitter::emit_part(const ElementView& item) {
  if (is_translated(item)) {
    default_type(item, part_type(item));
    note_form(item, model::words::type, model::words::type);
  }
  Word word = 0;
  for (FieldCursor fields = item.fields(); fields.next_word(word);) {
    name(word);
    value(fields);
  }
  if (item.has_extra())
    emit_extra(item);
  if (item.has_children())
    emit_children(item);
}

void ItemEmitter::emit_inner_fields(const ElementView& item) {
  if (item.has_target()) {
    name(model::words::id);
    value(item.target_id());
  }
  Word word = 0;
  for (FieldCursor fields = item.fields(); fields.next_word(word);) {
    if (is_outer_field(word)) {
      fields.take();
      continue;
    }
    name(word);
    value(fields);
  }
  if (item.has_extra())
    emit_extra(item);
}

void ItemEmitter::emit_reference(const ElementView& item) {
  default_type(item, model::traits_of(item.kind(), api_).inner_default);
  note_form(item, model::words::type, model::words::type);
  emit_inner_fields(item);
}

void ItemEmitter::emit_outer_extra(const ElementView& item) {
  if (!item.has_children())
    return;
  const ElementView outer = outer_of(item);
  if (outer.kind() == model::kinds::outer)
    emit_extra(outer);
}

/// The object around a reference, then the reference.
void ItemEmitter::emit_nested(const ElementView& item, const model::KindTraits& traits) {
  const bool to_v5 = version_ == model::Version::v5 && is_translated(item);
  const bool was_flat = to_v5 && traits.build == model::Build::related;
  bool has_outer_type = false;
  Word word = 0;
  for (FieldCursor fields = item.fields(); fields.next_word(word);) {
    if (!is_outer_field(word) || (was_flat && word == model::words::outer_type)) {
      fields.take();
      continue;
    }
    has_outer_type |= word == model::words::outer_type;
    name(word == model::words::outer_name   ? model::words::name
         : word == model::words::outer_type ? model::words::type
                                            : word);
    value(fields);
  }
  if (to_v5 && !has_outer_type) {
    name(model::words::type);
    text(traits.outer_default);
  }
  emit_outer_extra(item);
  if (item.has_children())
    emit_children(item);
  note_form(item, model::words::outer_type, model::words::type);
  name(traits.inner);
  json_ += '{';
  default_type(item, traits.inner_default);
  emit_inner_fields(item);
  close('}');
  json_ += ',';
}

/// One object, as v4 has it.
void ItemEmitter::emit_flat(const ElementView& item) {
  if (const ValueView role = item.field(model::words::role)) {
    name(model::words::role);
    value(role);
  }
  if (!item.newer_form())
    if (const ValueView type = item.field(model::words::outer_type)) {
      name(model::words::type);
      value(type);
    }
  emit_inner_fields(item);
  if (!item.newer_form())
    return;
  emit_outer_extra(item);
  // TMF638 and TMF639 v4 demand @referredType of a party: what the reference's type refers to.
  if (item.kind() != model::kinds::party_reference || item.field(model::words::referred_type) ||
      item.extra("@referredType"))
    return;
  std::string type = item.field(model::words::type).text();
  if (type.size() > 3 && type.ends_with("Ref"))
    type.resize(type.size() - 3);
  if (!type.empty()) {
    name(model::words::referred_type);
    json::write_quoted(type, json_);
    json_ += ',';
  }
}

} // namespace diffo::tmf

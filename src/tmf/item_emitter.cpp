#include "tmf/item_emitter.h"

#include "base/time.h"
#include "model/characteristic_type.h"
#include "model/words.h"
#include "tmf/document_reader.h"
#include "tmf/sinks.h"
#include "tmf/verbatim.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace diffo::tmf {
namespace {

using graph::ChildCursor;
using graph::ElementView;
using graph::ExtraCursor;
using graph::FieldCursor;
using graph::Name;
using graph::ValueView;
using graph::Word;

/// Of things by value in one record; beyond, they have their types alone.
constexpr std::size_t most_translated_bytes = std::size_t{1} << 20;

bool is_text(const ValueView& value) {
  return value && value.kind() == json::Kind::string;
}

/// Whether v4 shows the type of the object around the reference: there is one place for both types.
bool shows_outer_type(const ElementView& item) {
  return !item.newer_form() && !item.field(model::words::type) && !item.extra("@type");
}

} // namespace

template <typename Sink> void ItemEmitter<Sink>::emit_item(const ElementView& item) {
  if (item.is_verbatim()) {
    emit_verbatim(item);
    return;
  }
  const model::KindTraits& traits = model_.traits_of(item.kind(), api_);
  sink_.begin_object();
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
    if (version_ == model::Version::v5 || !can_be_flat(item))
      emit_nested(item, traits);
    else
      emit_flat(item);
    break;
  }
  sink_.end_object();
}

/// The names that the object around a reference brings into a flat one; false when one of them
/// would not be understood there.
template <typename Sink>
bool ItemEmitter<Sink>::add_outer_names(const ElementView& item,
                                        std::vector<std::string_view>& names) const {
  Word word = 0;
  for (FieldCursor fields = item.fields(); fields.next_word(word); fields.take())
    if (is_outer_field(item, word) && word != model::words::outer_type)
      names.push_back(dictionary_.text(model_.outer_member(item.kind(), word)));
  const ElementView outer = model::outer_of(item);
  if (outer.kind() != model::kinds::outer)
    return true;
  Name name;
  ValueView value;
  for (ExtraCursor extras = outer.extra(); extras.next(name, value);) {
    if (name.text == "id" || name.text == "@referredType" || name.text == "@type")
      return false;
    names.push_back(name.text);
  }
  return true;
}

/// Whether the members of both objects have different names, so that one object can hold them all.
template <typename Sink> bool ItemEmitter<Sink>::can_be_flat(const ElementView& item) const {
  if (item.newer_form() && item.has_extra())
    for (const model::Attribute& row : model_.attributes_of(item.kind()))
      if (row.of == model::Of::around && row.kept_as.empty() && row.is_in(model::Version::v4) &&
          item.extra(row.name))
        return false; // the reference's would be taken for that of the object around
  if (!item.has_children() && !item.has_extra() && !item.field(model::words::outer_name))
    return true;
  std::vector<std::string_view> names;
  if (!add_outer_names(item, names))
    return false;
  Word word = 0;
  for (FieldCursor fields = item.fields(); fields.next_word(word); fields.take())
    if (!is_outer_field(item, word))
      names.push_back(dictionary_.text(word));
  Name name;
  ValueView value;
  for (ExtraCursor extras = item.extra(); extras.next(name, value);)
    names.push_back(name.text);
  std::sort(names.begin(), names.end());
  return std::adjacent_find(names.begin(), names.end()) == names.end();
}

template <typename Sink> void ItemEmitter<Sink>::emit_children(const ElementView& owner) {
  std::uint64_t seen = 0;
  ElementView child;
  ChildCursor at = owner.children();
  while (at.next(child)) {
    const std::uint64_t bit = std::uint64_t{1} << (child.kind() & 63U);
    const auto word = model_.home_word(owner.kind(), child.kind(), api_, version_);
    if (!word || (seen & bit) != 0)
      continue;
    seen |= bit;
    sink_.name(*word);
    if (model_.is_single(child.kind())) {
      emit_item(child);
      continue;
    }
    sink_.begin_array();
    // Items of one attribute usually stand together, but need not.
    ElementView next = child;
    ChildCursor rest = at;
    do {
      emit_item(next);
    } while (rest.next_of(child.kind(), next));
    sink_.end_array();
  }
}

/// Translates the service or resource that an item gives by value, where it gives one.
template <typename Sink>
void ItemEmitter<Sink>::translate_value(const ElementView& item, json::Value& shown) {
  const model::KindTraits& traits = model_.traits_of(item.kind(), api_);
  if (traits.target != model::family_service && traits.target != model::family_resource)
    return;
  json::Value* entity = &shown;
  if (traits.build == model::Build::relation)
    entity = shown.object().find(dictionary_.text(traits.inner));
  const model::Version came =
      version_ == model::Version::v5 ? model::Version::v4 : model::Version::v5;
  if (entity == nullptr || !entity->is_object() || !is_by_value(entity->object(), came, model_))
    return;
  // A translation costs some ten times what giving it back does, and whoever waits for it is on a
  // thread that others wait for, too.
  translated_bytes_ += item.verbatim().packed().size();
  if (translated_bytes_ > most_translated_bytes)
    return;
  if (auto translated = translated_value(entity->object(), model::api_of(traits.target), version_,
                                         record_.created_at(), context_))
    *entity = *std::move(translated);
}

/// What lacks what its home needs, as it came; v5 has types in it all the same.
template <typename Sink> void ItemEmitter<Sink>::emit_verbatim(const ElementView& item) {
  const ValueView kept = item.verbatim();
  if (!is_translated(item) || kept.kind() != json::Kind::object) {
    sink_.value(kept);
    return;
  }
  json::Value shown = kept.to_json();
  if (version_ == model::Version::v5 && forms_ == Forms::noted) {
    shown.object().append(std::string(internal_form),
                          json::Object{{std::string(stayed_older), true}});
  } else {
    translate_value(item, shown);
    if (version_ == model::Version::v5)
      add_types(shown.object(), item.kind(), api_, model_);
  }
  sink_.value(shown);
}

template <typename Sink> void ItemEmitter<Sink>::emit_extra(const ElementView& item, Types types) {
  Name extra_name;
  ValueView extra_value;
  const bool renames = model_.has_renamed(item.kind());
  for (ExtraCursor extras = item.extra(); extras.next(extra_name, extra_value);) {
    if ((types == Types::texts_only && extra_name.text == "@type") ||
        is_stood_in_for(item, extra_name, extra_value))
      continue;
    if (renames) {
      const std::string_view shown =
          model_.swapped_name(item.kind(), extra_name.text, api_, version_);
      if (shown != extra_name.text)
        extra_name = {shown};
    }
    sink_.name(extra_name);
    sink_.value(extra_value);
  }
}

/// v5 demands a type of everything, and the item came without the form that has them.
template <typename Sink> bool ItemEmitter<Sink>::asks_for_types(const ElementView& item) const {
  return version_ == model::Version::v5 && is_translated(item);
}

/// The type of what came without one that v5 would take. An export shows what else stands there.
template <typename Sink>
typename ItemEmitter<Sink>::Types ItemEmitter<Sink>::emit_type(const ElementView& item,
                                                               std::string_view type) {
  if (!asks_for_types(item) || type.empty())
    return Types::as_kept;
  const ValueView field = item.field(model::words::type);
  if (is_text(field))
    return Types::as_kept;
  if (forms_ == Forms::noted && (field || item.extra("@type")))
    return Types::as_kept;
  sink_.name(model::words::type);
  sink_.plain_text(type);
  return Types::texts_only;
}

/// For an export: the item came in v4, and these were its types there.
template <typename Sink>
void ItemEmitter<Sink>::note_form(const ElementView& item, Word type, Word inner_type) {
  if (forms_ != Forms::noted || !asks_for_types(item))
    return;
  sink_.plain_name(internal_form);
  sink_.begin_object();
  if (const ValueView present = item.field(type)) {
    sink_.name(model::words::type);
    sink_.value(present);
  }
  if (inner_type != type)
    if (const ValueView present = item.field(inner_type)) {
      sink_.plain_name(reference_type);
      sink_.value(present);
    }
  sink_.end_object();
}

template <typename Sink>
std::string_view ItemEmitter<Sink>::part_type(const ElementView& item) const {
  if (item.kind() != model::kinds::characteristic)
    return model_.traits_of(item.kind(), api_).outer_default;
  return model::characteristic_type(item.field(model::words::value).to_json());
}

template <typename Sink> void ItemEmitter<Sink>::emit_part(const ElementView& item) {
  Types types = Types::as_kept;
  if (is_translated(item)) {
    types = emit_type(item, part_type(item));
    note_form(item, model::words::type, model::words::type);
  }
  emit_members(item, types);
  if (item.has_children())
    emit_children(item);
  emit_stand_ins(item);
}

/// Where what a reference leads to is served here, unless the client said where it is (wire.md §2).
template <typename Sink> void ItemEmitter<Sink>::emit_link(const ElementView& item) {
  if (context_.referenced == nullptr || item.field(model::words::href) || item.extra("href"))
    return;
  const ValueView id = item.target_id();
  const std::string_view direct = id.direct_text();
  const std::string made = direct.empty() ? id.text() : std::string();
  const std::string_view target = direct.empty() ? std::string_view(made) : direct;
  const auto api = context_.referenced->api_of(item.target_family(), target);
  if (!api)
    return;
  sink_.name(model::words::href);
  const auto append = [&](std::string& url) {
    url += context_.origin;
    append_entity_path(*api, version_, target, url);
  };
  if (json::needs_no_escape(context_.origin)) {
    sink_.made_text(append);
    return;
  }
  std::string url;
  append(url);
  sink_.text(url);
}

/// What the element itself has: a part, or the reference, not what is around it.
template <typename Sink>
void ItemEmitter<Sink>::emit_members(const ElementView& item, Types types) {
  if (item.has_target()) {
    sink_.name(model::words::id);
    sink_.value(item.target_id());
    emit_link(item);
  }
  Word word = 0;
  for (FieldCursor fields = item.fields(); fields.next_word(word);) {
    if (is_outer_field(item, word) || (types == Types::texts_only && word == model::words::type)) {
      fields.take();
      continue;
    }
    sink_.name(word);
    sink_.value(fields);
  }
  if (item.has_extra())
    emit_extra(item, types);
}

template <typename Sink> void ItemEmitter<Sink>::emit_reference(const ElementView& item) {
  const Types types = emit_type(item, model_.traits_of(item.kind(), api_).inner_default);
  note_form(item, model::words::type, model::words::type);
  emit_members(item, types);
  emit_stand_ins(item);
}

/// The object around a reference, then the reference.
template <typename Sink>
void ItemEmitter<Sink>::emit_nested(const ElementView& item, const model::KindTraits& traits) {
  emit_outer(item, traits);
  if (item.has_children())
    emit_children(item);
  note_form(item, model::words::outer_type, model::words::type);
  sink_.name(traits.inner);
  sink_.begin_object();
  const Types types = emit_type(item, traits.inner_default);
  emit_members(item, types);
  emit_stand_ins(item);
  sink_.end_object();
}

/// The members of the object around a reference.
template <typename Sink>
void ItemEmitter<Sink>::emit_outer(const ElementView& item, const model::KindTraits& traits) {
  const bool to_v5 = asks_for_types(item);
  const bool was_flat = to_v5 && traits.build == model::Build::related;
  bool has_type = false;
  Word word = 0;
  for (FieldCursor fields = item.fields(); fields.next_word(word);) {
    if (!is_outer_field(item, word) || (was_flat && word == model::words::outer_type)) {
      fields.take();
      continue;
    }
    has_type |= word == model::words::outer_type;
    sink_.name(model_.outer_member(item.kind(), word));
    sink_.value(fields);
  }
  const ElementView outer = model::outer_of(item);
  const bool has_outer = outer.kind() == model::kinds::outer;
  const bool as_kept = forms_ == Forms::noted && has_outer && outer.extra("@type");
  const bool by_default = to_v5 && !has_type && !as_kept;
  if (by_default) {
    sink_.name(model::words::type);
    sink_.plain_text(traits.outer_default);
  }
  if (has_outer)
    emit_extra(outer, by_default ? Types::texts_only : Types::as_kept);
}

/// One object, as v4 has it.
template <typename Sink> void ItemEmitter<Sink>::emit_flat(const ElementView& item) {
  Word word = 0;
  for (FieldCursor fields = item.fields(); fields.next_word(word);) {
    if (!is_outer_field(item, word) ||
        (word == model::words::outer_type && !shows_outer_type(item))) {
      fields.take();
      continue;
    }
    sink_.name(model_.outer_member(item.kind(), word));
    sink_.value(fields);
  }
  emit_members(item, Types::as_kept);
  if (const ElementView outer = model::outer_of(item); outer.kind() == model::kinds::outer)
    emit_extra(outer, Types::as_kept);
  // TMF638 and TMF639 v4 demand @referredType of a party: what the reference's type refers to.
  if (!item.newer_form() || item.kind() != model::kinds::party_reference ||
      item.field(model::words::referred_type) || item.extra("@referredType"))
    return;
  std::string type = item.field(model::words::type).text();
  if (type.size() > 3 && type.ends_with("Ref"))
    type.resize(type.size() - 3);
  if (!type.empty()) {
    sink_.name(model::words::referred_type);
    sink_.text(type);
  }
}

/// What this version demands of an item that came in the other one without it (tmf.md §1.8). An
/// export has none of it: it is read back.
template <typename Sink> void ItemEmitter<Sink>::emit_stand_ins(const ElementView& item) {
  if (forms_ == Forms::noted || !is_translated(item))
    return;
  for (const model::Model::Demanded& demanded : model_.stand_ins(item.kind(), version_))
    if (!has_member(item, demanded))
      emit_stand_in(item, demanded);
}

template <typename Sink>
bool ItemEmitter<Sink>::has_member(const ElementView& item,
                                   const model::Model::Demanded& demanded) const {
  if (demanded.row->home == model::Home::part) {
    ElementView child;
    if (item.has_children() && item.children().next_of(demanded.row->holds, child))
      return true;
  } else if (item.field(demanded.word) ||
             (demanded.word == model::words::id && item.has_target())) {
    return true;
  }
  if (!item.has_extra())
    return false;
  const ValueView extra = item.extra(demanded.row->name);
  return extra && !is_stood_in_for(item, {demanded.row->name}, extra);
}

/// An empty list of what the version demands an item of at least: it is kept, and not shown here.
template <typename Sink>
bool ItemEmitter<Sink>::is_stood_in_for(const ElementView& item, const Name& name,
                                        const ValueView& value) const {
  if (forms_ == Forms::noted || !is_translated(item) || value.kind() != json::Kind::array)
    return false;
  for (const model::Model::Demanded& demanded : model_.stand_ins(item.kind(), version_))
    if (demanded.row->home == model::Home::part && demanded.row->name == name.text)
      return value.to_json().array().empty();
  return false;
}

template <typename Sink>
void ItemEmitter<Sink>::emit_stand_in(const ElementView& item,
                                      const model::Model::Demanded& demanded) {
  const auto show = [&](const ValueView& value) {
    if (!is_text(value))
      return;
    sink_.name(demanded.word);
    sink_.value(value);
  };
  switch (demanded.row->stand_in(version_)) {
  case model::StandIn::nothing:
  case model::StandIn::trading_name: // of no item
    return;
  case model::StandIn::name:
    show(item.field(model::words::name));
    return;
  case model::StandIn::id:
    show(item.field(model::words::id));
    return;
  case model::StandIn::creation:
    sink_.name(demanded.word);
    sink_.made_text(
        [this](std::string& text) { write_timestamp(Timestamp{record_.created_at()}, text); });
    return;
  case model::StandIn::empty_text:
    sink_.name(demanded.word);
    sink_.plain_text("");
    return;
  case model::StandIn::null:
    sink_.name(demanded.word);
    sink_.value(json::Value());
    return;
  case model::StandIn::enabled:
    sink_.name(demanded.word);
    emit_enabled(item);
    return;
  case model::StandIn::url:
    // Of what the other API has, nobody here knows where it is served.
    if (!item.has_target() || model_.traits_of(item.kind(), api_).target != record_.family())
      return;
    sink_.name(demanded.word);
    sink_.text(href_of(record_.family(), item.target_id().text(), context_));
    return;
  }
}

/// v4 demands a characteristic of a feature; that it is enabled holds of each that says nothing
/// else.
template <typename Sink> void ItemEmitter<Sink>::emit_enabled(const ElementView& item) {
  sink_.begin_array();
  sink_.begin_object();
  sink_.name(model::words::name);
  sink_.plain_text("isEnabled");
  sink_.name(model::words::value);
  const auto word = dictionary_.find("isEnabled");
  const ValueView enabled = word ? item.field(*word) : ValueView();
  if (enabled)
    sink_.value(enabled);
  else
    sink_.value(json::Value(true));
  sink_.end_object();
  sink_.end_array();
}

template class ItemEmitter<TextSink>;
template class ItemEmitter<ValueSink>;

} // namespace diffo::tmf

#include "tmf/emit.h"

#include "base/time.h"
#include "model/vocabulary.h"
#include "tmf/field_selection.h"
#include "tmf/item_emitter.h"

namespace diffo::tmf {
namespace {

using graph::ElementView;
using graph::ValueView;
using graph::Word;

bool has_own_words(Word word) {
  return word == model::words::state || word == model::words::operating_status ||
         word == model::words::administrative_state || word == model::words::operational_state;
}

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~' || c == ':' || c == '@' || c == '!' || c == '$' ||
         c == '\'' || c == '(' || c == ')' || c == '*' || c == '+' || c == ',' || c == ';' ||
         c == '=';
}

/// An id as one segment of a path (RFC 3986 §3.3).
void append_segment(std::string& url, std::string_view id) {
  constexpr char digits[] = "0123456789ABCDEF";
  for (const char c : id) {
    if (is_unreserved(c)) {
      url += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    url += '%';
    url += digits[byte >> 4U];
    url += digits[byte & 15U];
  }
}

void append_path(const graph::Record& record, std::string& url) {
  url += record.family() == model::family_service ? "/service/" : "/resource/";
  const ValueView id = record.packed_id(model::inventory_schema().dictionary());
  if (const std::string_view direct = id.direct_text(); !direct.empty())
    append_segment(url, direct);
  else
    append_segment(url, id.text());
}

class RootEmitter {
public:
  RootEmitter(const graph::Record& record, model::Version version, const EmitContext& context,
              const FieldSelection* selection, std::string& json)
      : record_(record), version_(version), context_(context),
        selection_(selection != nullptr && selection->shows_all() ? nullptr : selection),
        api_(record.family() == model::family_service ? model::Api::service : model::Api::resource),
        dictionary_(model::inventory_schema().dictionary()), root_(record.root(dictionary_)),
        items_(api_, version, context.forms, json), json_(json) {}

  void emit() {
    json_ += '{';
    emit_identity();
    emit_type();
    emit_fields();
    emit_extras();
    emit_all_children();
    items_.close('}');
  }

private:
  [[nodiscard]] bool wants(std::string_view attribute) const {
    return selection_ == nullptr || selection_->wants(attribute);
  }

  void emit_identity() {
    items_.name(model::words::id);
    items_.value(record_.packed_id(dictionary_));
    items_.name(model::words::href);
    if (json::needs_no_escape(context_.api_base)) {
      json_ += '"';
      json_ += context_.api_base;
      append_path(record_, json_);
      json_ += "\",";
    } else {
      json::write_quoted(href_of(record_, context_), json_);
      json_ += ',';
    }
  }

  void emit_type() {
    const ValueView type = root_.field(model::words::type);
    if (type && (version_ == model::Version::v5 || wants("@type"))) {
      items_.name(model::words::type);
      items_.value(type);
    } else if (!type && version_ == model::Version::v5) {
      items_.name(model::words::type);
      items_.text(api_ == model::Api::service ? "Service" : "Resource");
    }
    if (context_.forms == Forms::noted)
      note_form(type);
  }

  /// What an import needs to know of the whole: that it is an export, and the type it came with.
  void note_form(const ValueView& type) {
    json_ += "\"internalForm\":{";
    if (!items_.is_translated(root_)) {
      json_ += "\"newer\":true,";
    } else if (type) {
      json_ += "\"@type\":";
      items_.value(type);
    }
    items_.close('}');
    json_ += ',';
  }

  void emit_fields() {
    Word word = 0;
    bool has_service_date = false;
    for (graph::FieldCursor fields = root_.fields(); fields.next_word(word);) {
      has_service_date |= word == model::words::service_date;
      if (word == model::words::type || !wants(dictionary_.text(word))) {
        fields.take();
      } else if (has_own_words(word)) {
        emit_state(word, fields.take());
      } else {
        items_.name(word);
        items_.value(fields);
      }
    }
    if (api_ == model::Api::service && !has_service_date && wants("serviceDate")) {
      items_.name(model::words::service_date);
      json_ += '"';
      write_timestamp(Timestamp{record_.created_at()}, json_);
      json_ += "\",";
    }
  }

  void emit_state(Word word, const ValueView& field) {
    if (field.kind() != json::Kind::string) {
      items_.name(word);
      items_.value(field);
      return;
    }
    const std::string_view attribute = dictionary_.text(word);
    const std::string_view direct = field.direct_text();
    const std::string made = direct.empty() ? field.text() : std::string();
    const std::string_view internal = direct.empty() ? std::string_view(made) : direct;
    items_.name(word);
    json::write_quoted(model::wire_value(attribute, internal, version_), json_);
    json_ += ',';
    const std::string_view extension = model::extension_for(attribute, internal, version_);
    if (extension.empty() || !wants(extension))
      return;
    json_ += '"';
    json_ += extension;
    json_ += "\":";
    items_.value(field);
  }

  void emit_extras() {
    graph::Name name;
    ValueView value;
    for (graph::ExtraCursor extras = root_.extra(); extras.next(name, value);) {
      if (!wants(name.text))
        continue;
      const std::size_t begin = json_.size();
      graph::emit_name(name, dictionary_, json_);
      const std::size_t value_begin = json_.size();
      items_.value(value);
      narrow(name.text, begin, value_begin);
    }
  }

  /// Emits the children of each attribute; what they show does not depend on the selection, so a
  /// part of an attribute is cut out of what was emitted.
  void emit_all_children() {
    if (selection_ == nullptr &&
        !(api_ == model::Api::resource && version_ == model::Version::v4)) {
      items_.emit_children(root_);
      return;
    }
    std::uint64_t seen = 0;
    ElementView child;
    graph::ChildCursor at = root_.children();
    while (at.next(child)) {
      const auto word = model::home_word(root_.kind(), child.kind(), api_, version_);
      const std::uint64_t bit = std::uint64_t{1} << (child.kind() & 63U);
      if (!word || (seen & bit) != 0)
        continue;
      seen |= bit;
      if (child.kind() == model::kinds::place_reference && api_ == model::Api::resource &&
          version_ == model::Version::v4)
        emit_places(child, at);
      else if (const std::string_view name = dictionary_.text(*word); wants(name))
        emit_group(name, child, at, model::is_single(child.kind()));
    }
  }

  /// wire.md §3: `place` is the first place of a resource, `places` all when there are more.
  void emit_places(const ElementView& first, const graph::ChildCursor& rest) {
    if (wants("place"))
      emit_group("place", first, rest, true);
    ElementView other;
    graph::ChildCursor others = rest;
    bool more = false;
    while (!more && others.next(other))
      more = other.kind() == first.kind();
    if (more && !root_.extra("places") && wants("places"))
      emit_group("places", first, rest, false);
  }

  void emit_group(std::string_view name, const ElementView& first, graph::ChildCursor rest,
                  bool single) {
    const std::size_t begin = json_.size();
    json_ += '"';
    json_ += name;
    json_ += "\":";
    const std::size_t value_begin = json_.size();
    if (single) {
      items_.emit_item(first);
    } else {
      json_ += '[';
      ElementView next = first;
      do {
        if (next.kind() == first.kind())
          items_.emit_item(next);
      } while (rest.next(next));
      items_.close(']');
      json_ += ',';
    }
    narrow(name, begin, value_begin);
  }

  /// Cuts out of the member just emitted what was not asked for.
  void narrow(std::string_view name, std::size_t begin, std::size_t value_begin) {
    if (selection_ == nullptr || selection_->wants_whole(name))
      return;
    const std::string_view emitted =
        std::string_view(json_).substr(value_begin, json_.size() - 1 - value_begin);
    auto value = json::read(emitted, {.max_depth = 256});
    if (!value) { // deeper than what any selection can name: shown whole or not at all
      json_.resize(begin);
      return;
    }
    selection_->narrow(name, *value);
    json_.resize(value_begin);
    json::write(*value, json_);
    json_ += ',';
  }

  const graph::Record& record_;
  model::Version version_;
  const EmitContext& context_;
  const FieldSelection* selection_;
  model::Api api_;
  const graph::Dictionary& dictionary_;
  ElementView root_;
  ItemEmitter items_;
  std::string& json_;
};

} // namespace

std::string href_of(const graph::Record& record, const EmitContext& context) {
  std::string url = context.api_base;
  append_path(record, url);
  return url;
}

void emit(const graph::Record& record, model::Version version, const EmitContext& context,
          const FieldSelection* selection, std::string& json) {
  RootEmitter(record, version, context, selection, json).emit();
}

} // namespace diffo::tmf

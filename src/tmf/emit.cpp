#include "tmf/emit.h"

#include "base/time.h"
#include "model/contradictions.h"
#include "model/model.h"
#include "model/schema.h"
#include "model/words.h"
#include "tmf/document_reader.h"
#include "tmf/field_selection.h"
#include "tmf/item_emitter.h"
#include "tmf/sinks.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace diffo::tmf {
namespace {

using graph::ElementView;
using graph::ValueView;
using graph::Word;

/// What a segment of a path may have as it is (RFC 3986 §3.3).
constexpr std::array<bool, 256> plain_in_segment = [] {
  std::array<bool, 256> plain{};
  for (const char c :
       std::string_view("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                        "-._~:@!$'()*+,;="))
    plain[static_cast<unsigned char>(c)] = true;
  return plain;
}();

/// An id as one segment of a path.
void append_segment(std::string& url, std::string_view id) {
  constexpr char digits[] = "0123456789ABCDEF";
  const auto is_plain = [](char c) { return plain_in_segment[static_cast<unsigned char>(c)]; };
  while (!id.empty()) {
    const auto end = std::find_if_not(id.begin(), id.end(), is_plain);
    const auto plain = static_cast<std::size_t>(end - id.begin());
    url += id.substr(0, plain);
    id.remove_prefix(plain);
    if (id.empty())
      return;
    const auto byte = static_cast<unsigned char>(id.front());
    id.remove_prefix(1);
    url += '%';
    url += digits[byte >> 4U];
    url += digits[byte & 15U];
  }
}

void append_collection(model::Api api, std::string& url) {
  url += '/';
  url += model::collection_of(api);
  url += '/';
}

void append_base_path(model::Api api, model::Version version, std::string& url) {
  const model::Publication& publication = model::publication_of(api);
  const bool v5 = version == model::Version::v5 && !publication.v5.empty();
  url += "/tmf-api/";
  url += v5 ? publication.v5 : publication.v4;
}

void append_path(const graph::Record& record, const graph::Schema& schema, std::string& url) {
  append_collection(model::api_of(record, schema), url);
  const ValueView id = record.packed_id(schema.dictionary());
  if (const std::string_view direct = id.direct_text(); !direct.empty())
    append_segment(url, direct);
  else
    append_segment(url, id.text());
}

template <typename Sink> class RootEmitter {
public:
  RootEmitter(const graph::Record& record, model::Version version, const EmitContext& context,
              const FieldSelection* selection, Sink& sink)
      : record_(record), version_(version), context_(context),
        selection_(selection != nullptr && selection->shows_all() ? nullptr : selection),
        api_(model::api_of(record, context.schema)), model_(model::model_of(context.schema)),
        dictionary_(context.schema.dictionary()), root_(record.root(dictionary_)),
        items_(record, context, api_, version, sink), sink_(sink) {}

  void emit() {
    sink_.begin_object();
    emit_identity();
    emit_type();
    emit_fields();
    emit_extras();
    emit_all_children();
    if (context_.forms == Forms::noted && record_.which() == graph::Which::expected) {
      sink_.plain_name("which");
      sink_.plain_text("expected");
    }
    sink_.end_object();
    sink_.finish();
  }

private:
  [[nodiscard]] bool wants(std::string_view attribute) const {
    return selection_ == nullptr || selection_->wants(attribute);
  }
  /// A plain value has no parts to be shown.
  [[nodiscard]] bool wants_whole(std::string_view attribute) const {
    return selection_ == nullptr || selection_->wants_whole(attribute);
  }
  [[nodiscard]] bool wants_part(std::string_view attribute) const {
    return selection_ != nullptr && !selection_->wants_whole(attribute);
  }

  void emit_identity() {
    sink_.name(model::words::id);
    sink_.value(record_.packed_id(dictionary_));
    sink_.name(model::words::href);
    if (json::needs_no_escape(context_.api_base))
      sink_.made_text([this](std::string& url) {
        url += context_.api_base;
        append_path(record_, context_.schema, url);
      });
    else
      sink_.text(href_of(record_, context_));
  }

  void emit_type() {
    const ValueView type = root_.field(model::words::type);
    if (type && (version_ == model::Version::v5 || wants("@type"))) {
      sink_.name(model::words::type);
      sink_.value(type);
    } else if (!type && version_ == model::Version::v5) {
      sink_.name(model::words::type);
      sink_.plain_text(model_.class_of(api_));
    }
    if (context_.forms == Forms::noted)
      note_form(type);
  }

  /// What an import needs to know of the whole: that it is an export, and the type it came with.
  void note_form(const ValueView& type) {
    sink_.plain_name(internal_form);
    sink_.begin_object();
    if (!items_.is_translated(root_)) {
      sink_.plain_name(came_newer);
      sink_.value(json::Value(true));
    } else if (type) {
      sink_.name(model::words::type);
      sink_.value(type);
    }
    sink_.end_object();
  }

  void emit_fields() {
    const auto standing = model_.standing(api_);
    std::uint32_t seen = 0; // of those that stand also where the record has nothing
    Word word = 0;
    for (graph::FieldCursor fields = root_.fields(); fields.next_word(word);) {
      for (std::size_t index = 0; index < standing.size(); ++index)
        seen |= word == standing[index].word ? std::uint32_t{1} << index : 0U;
      if (word == model::words::type || !wants_whole(dictionary_.text(word))) {
        fields.take();
        continue;
      }
      const model::Attribute* row = model_.field(root_.kind(), word);
      if (row != nullptr && row->hidden && context_.forms == Forms::published) {
        fields.take();
        continue;
      }
      if (row != nullptr && row->vocabulary != nullptr) {
        emit_word(word, *row->vocabulary, fields.take());
      } else {
        sink_.name(word);
        sink_.value(fields);
      }
    }
    for (std::size_t index = 0; index < standing.size(); ++index)
      if ((seen & std::uint32_t{1} << index) == 0 && wants_whole(standing[index].row->name))
        emit_standing(standing[index]);
  }

  /// What an attribute shows that the record has not.
  void emit_standing(const model::Model::Standing& standing) {
    if (standing.row->otherwise == model::Otherwise::created_at) {
      sink_.name(standing.word);
      sink_.made_text(
          [this](std::string& text) { write_timestamp(Timestamp{record_.created_at()}, text); });
    } else if (context_.forms == Forms::published && !root_.extra(standing.row->name)) {
      emit_stand_in(standing);
    }
  }

  /// What this version demands of what came in the other one without it (tmf.md §1.8).
  void emit_stand_in(const model::Model::Standing& standing) {
    const model::StandIn stand_in = standing.row->stand_in(version_);
    const std::string_view source = model::source_of(stand_in);
    ValueView value;
    if (stand_in == model::StandIn::id)
      value = record_.packed_id(dictionary_);
    else if (const auto word = dictionary_.find(source))
      value = root_.field(*word);
    if (!value && !source.empty())
      value = root_.extra(source);
    if (!value || value.kind() != json::Kind::string)
      return;
    sink_.name(standing.word);
    sink_.value(value);
  }

  void emit_word(Word word, const model::Vocabulary& vocabulary, const ValueView& field) {
    if (field.kind() != json::Kind::string) {
      sink_.name(word);
      sink_.value(field);
      return;
    }
    const std::string_view direct = field.direct_text();
    const std::string made = direct.empty() ? field.text() : std::string();
    const std::string_view internal = direct.empty() ? std::string_view(made) : direct;
    sink_.name(word);
    sink_.text(vocabulary.wire_value(internal, version_));
    if (vocabulary.extension.empty() || !vocabulary.is_hidden(internal, version_) ||
        !wants_whole(vocabulary.extension))
      return;
    sink_.plain_name(vocabulary.extension);
    sink_.value(field);
  }

  /// v4 takes a list of that name for all places of a resource (wire.md §3), and has the name for
  /// several; what came in v5, to which it means nothing, is shown there alone then.
  [[nodiscard]] bool is_taken(std::string_view name, const ValueView& value) const {
    return version_ == model::Version::v4 && api_ == model::Api::resource && name == "places" &&
           ((value.kind() == json::Kind::array && is_array_of_items(value.to_json())) ||
            has_several_places());
  }

  [[nodiscard]] bool has_several_places() const {
    std::size_t count = 0;
    ElementView child;
    for (graph::ChildCursor at = root_.children(); count < 2 && at.next(child);)
      count += child.kind() == model::kinds::place_reference ? 1U : 0U;
    return count > 1;
  }

  void emit_extras() {
    graph::Name name;
    ValueView value;
    for (graph::ExtraCursor extras = root_.extra(); extras.next(name, value);) {
      if (!wants(name.text) || is_taken(name.text, value))
        continue;
      if (!wants_part(name.text)) {
        sink_.name(name);
        sink_.value(value);
        continue;
      }
      json::Value part = value.to_json();
      if (!selection_->narrow(name.text, part))
        continue;
      sink_.name(name);
      sink_.value(part);
    }
  }

  /// Emits the children of each attribute; what they show does not depend on the selection, so a
  /// part of an attribute is taken out of the whole.
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
      const auto word = model_.home_word(root_.kind(), child.kind(), api_, version_);
      const std::uint64_t bit = std::uint64_t{1} << (child.kind() & 63U);
      if (!word || (seen & bit) != 0)
        continue;
      seen |= bit;
      if (child.kind() == model::kinds::place_reference && api_ == model::Api::resource &&
          version_ == model::Version::v4)
        emit_places(child, at);
      else if (const std::string_view name = dictionary_.text(*word); wants(name))
        emit_group(name, child, at, model_.is_single(child.kind()));
    }
  }

  /// wire.md §3: `place` is the first place of a resource, `places` all when there are more.
  void emit_places(const ElementView& first, const graph::ChildCursor& rest) {
    if (wants("place"))
      emit_group("place", first, rest, true);
    if (wants("places") && has_several_places())
      emit_group("places", first, rest, false);
  }

  void emit_group(std::string_view name, const ElementView& first, const graph::ChildCursor& rest,
                  bool single) {
    if (!wants_part(name)) {
      sink_.plain_name(name);
      emit_items(items_, sink_, first, rest, single);
      return;
    }
    ValueSink whole(dictionary_);
    ItemEmitter<ValueSink> items(record_, context_, api_, version_, whole);
    emit_items(items, whole, first, rest, single);
    narrowed(name, whole.take());
  }

  template <typename To>
  static void emit_items(ItemEmitter<To>& items, To& sink, const ElementView& first,
                         graph::ChildCursor rest, bool single) {
    if (single) {
      items.emit_item(first);
      return;
    }
    sink.begin_array();
    ElementView next = first;
    do {
      if (next.kind() == first.kind())
        items.emit_item(next);
    } while (rest.next(next));
    sink.end_array();
  }

  /// Emits an attribute without what was not asked for; nothing when that is all of it.
  void narrowed(std::string_view name, json::Value value) {
    if (!selection_->narrow(name, value))
      return;
    sink_.plain_name(name);
    sink_.value(value);
  }

  const graph::Record& record_;
  model::Version version_;
  const EmitContext& context_;
  const FieldSelection* selection_;
  model::Api api_;
  const model::Model& model_;
  const graph::Dictionary& dictionary_;
  ElementView root_;
  ItemEmitter<Sink> items_;
  Sink& sink_;
};

} // namespace

void Referenced::add(graph::Family family, std::string id, model::Api api) {
  known_[family].emplace(std::move(id), api);
}

std::optional<model::Api> Referenced::api_of(graph::Family family, std::string_view id) const {
  const auto of_family = known_.find(family);
  if (of_family == known_.end())
    return std::nullopt;
  const auto found = of_family->second.find(id);
  return found == of_family->second.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::string> Referenced::href_of(graph::Family family, std::string_view id,
                                               model::Version version,
                                               std::string_view origin) const {
  const auto api = api_of(family, id);
  if (!api)
    return std::nullopt;
  std::string url(origin);
  append_entity_path(*api, version, id, url);
  return url;
}

std::string Referenced::text() const {
  std::vector<std::string> all;
  for (const auto& [family, ids] : known_)
    for (const auto& [id, api] : ids)
      all.push_back(std::string(model::collection_of(api)) + '/' + id + '\n');
  std::sort(all.begin(), all.end());
  std::string text;
  for (const std::string& one : all)
    text += one;
  return text;
}

void append_entity_path(model::Api api, model::Version version, std::string_view id,
                        std::string& url) {
  append_base_path(api, version, url);
  append_collection(api, url);
  append_segment(url, id);
}

std::string base_path_of(model::Api api, model::Version version) {
  std::string path;
  append_base_path(api, version, path);
  return path;
}

std::string href_of(const graph::Record& record, const EmitContext& context) {
  std::string url = context.api_base;
  append_path(record, context.schema, url);
  return url;
}

std::string href_of(graph::Family family, std::string_view id, const EmitContext& context) {
  std::string url = context.api_base;
  append_collection(model::api_of(family), url);
  append_segment(url, id);
  return url;
}

void emit(const graph::Record& record, model::Version version, const EmitContext& context,
          const FieldSelection* selection, std::string& json) {
  TextBuilder text(json);
  TextSink sink(text, context.schema.dictionary());
  RootEmitter(record, version, context, selection, sink).emit();
}

std::optional<json::Value> translated_value(const json::Object& entity, model::Api api,
                                            model::Version to, std::int64_t created_at,
                                            const EmitContext& context) {
  // Each level reads and writes all that is below it again.
  constexpr std::uint8_t most_around = 4;
  if (context.by_value >= most_around || context.forms == Forms::noted)
    return std::nullopt;
  const model::Version from = to == model::Version::v5 ? model::Version::v4 : model::Version::v5;
  graph::RecordDraft draft;
  draft.key.family = static_cast<graph::Family>(model::root_of(api));
  const json::Value* id = entity.find("id");
  draft.key.id = id != nullptr && id->is_string() ? id->string() : std::string("value");
  draft.root = DocumentReader(context.schema, api, from, Origin::patch).read(entity);
  auto record = model::encode(draft, context.schema);
  if (!record)
    return std::nullopt;
  graph::stamp(*record, 1, created_at, created_at);
  EmitContext inside = context;
  ++inside.by_value;
  json::Object shown;
  json::Value whole = document_of(**record, to, inside);
  for (auto& [name, value] : whole.object()) {
    const bool is_ours = name == "id" || name == "href" || name == "serviceDate";
    if (const json::Value* own = is_ours ? entity.find(name) : nullptr)
      shown.append(name, *own);
    else if (!is_ours)
      shown.append(std::move(name), std::move(value));
  }
  return json::Value(std::move(shown));
}

json::Value document_of(const graph::Record& record, model::Version version,
                        const EmitContext& context, const FieldSelection* selection) {
  ValueSink sink(context.schema.dictionary());
  RootEmitter(record, version, context, selection, sink).emit();
  return sink.take();
}

} // namespace diffo::tmf

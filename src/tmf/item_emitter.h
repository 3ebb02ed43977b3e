#pragma once

#include "model/model.h"
#include "model/schema.h"
#include "tmf/emit.h"

#include <cstddef>
#include <string_view>
#include <vector>

namespace diffo::tmf {

/// Emits the parts and edges of a record into a sink (sinks.h), as members and items of what is
/// open there. Thread rule: one thread.
template <typename Sink> class ItemEmitter {
public:
  /// Of the items of a record, which outlives the emitter, as the context does.
  ItemEmitter(const graph::Record& record, const EmitContext& context, model::Api api,
              model::Version version, Sink& sink)
      : record_(record), context_(context), model_(model::model_of(context.schema)), api_(api),
        version_(version), forms_(context.forms), dictionary_(context.schema.dictionary()),
        sink_(sink) {}

  void emit_item(const graph::ElementView& item);
  /// All children of an owner but those of `outer`, grouped by their attributes.
  void emit_children(const graph::ElementView& owner);

  /// Whether the item came in the form of the other version.
  [[nodiscard]] bool is_translated(const graph::ElementView& item) const {
    return item.newer_form() != (version_ == model::Version::v5);
  }

private:
  /// Whether a type that is no text is kept to itself: v5 asks for a text, and gets one.
  enum class Types : std::uint8_t { as_kept, texts_only };

  void emit_verbatim(const graph::ElementView& item);
  void translate_value(const graph::ElementView& item, json::Value& shown);
  void emit_part(const graph::ElementView& item);
  void emit_reference(const graph::ElementView& item);
  void emit_nested(const graph::ElementView& item, const model::KindTraits& traits);
  void emit_outer(const graph::ElementView& item, const model::KindTraits& traits);
  void emit_flat(const graph::ElementView& item);
  [[nodiscard]] bool can_be_flat(const graph::ElementView& item) const;
  bool add_outer_names(const graph::ElementView& item, std::vector<std::string_view>& names) const;
  [[nodiscard]] bool is_outer_field(const graph::ElementView& item, graph::Word word) const {
    return model_.outer_member(item.kind(), word) != 0;
  }
  void emit_members(const graph::ElementView& item, Types types);
  void emit_link(const graph::ElementView& item);
  void emit_extra(const graph::ElementView& item, Types types);
  Types emit_type(const graph::ElementView& item, std::string_view type);
  void note_form(const graph::ElementView& item, graph::Word type, graph::Word inner_type);
  [[nodiscard]] bool asks_for_types(const graph::ElementView& item) const;
  [[nodiscard]] std::string_view part_type(const graph::ElementView& item) const;

  [[nodiscard]] bool is_stood_in_for(const graph::ElementView& item, const graph::Name& name,
                                     const graph::ValueView& value) const;
  void emit_stand_ins(const graph::ElementView& item);
  void emit_stand_in(const graph::ElementView& item, const model::Model::Demanded& demanded);
  [[nodiscard]] bool has_member(const graph::ElementView& item,
                                const model::Model::Demanded& demanded) const;
  void emit_enabled(const graph::ElementView& item);

  const graph::Record& record_;
  const EmitContext& context_;
  const model::Model& model_;
  model::Api api_;
  model::Version version_;
  Forms forms_;
  const graph::Dictionary& dictionary_;
  Sink& sink_;
  std::size_t translated_bytes_ = 0; ///< of things by value
};

} // namespace diffo::tmf

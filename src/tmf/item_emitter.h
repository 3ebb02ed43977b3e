#pragma once

#include "model/homes.h"
#include "tmf/emit.h"

#include <string_view>

namespace diffo::tmf {

/// Emits the parts and edges of a record into a sink (sinks.h), as members and items of what is
/// open there. Thread rule: one thread.
template <typename Sink> class ItemEmitter {
public:
  ItemEmitter(model::Api api, model::Version version, Forms forms, Sink& sink)
      : api_(api), version_(version), forms_(forms),
        dictionary_(model::inventory_schema().dictionary()), sink_(sink) {}

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
  void emit_part(const graph::ElementView& item);
  void emit_reference(const graph::ElementView& item);
  void emit_nested(const graph::ElementView& item, const model::KindTraits& traits);
  void emit_outer(const graph::ElementView& item, const model::KindTraits& traits);
  void emit_flat(const graph::ElementView& item);
  void emit_inner_members(const graph::ElementView& item, Types types);
  void emit_extra(const graph::ElementView& item, Types types);
  Types emit_type(const graph::ElementView& item, std::string_view type);
  void note_form(const graph::ElementView& item, graph::Word type, graph::Word inner_type);
  [[nodiscard]] bool asks_for_types(const graph::ElementView& item) const;
  [[nodiscard]] std::string_view part_type(const graph::ElementView& item) const;

  model::Api api_;
  model::Version version_;
  Forms forms_;
  const graph::Dictionary& dictionary_;
  Sink& sink_;
};

} // namespace diffo::tmf

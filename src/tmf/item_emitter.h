#pragma once

#include "model/homes.h"
#include "tmf/emit.h"

#include <string>
#include <string_view>

namespace diffo::tmf {

/// Appends the JSON of the parts and edges of a record. Every member is followed by a comma;
/// close() turns the last one into the bracket. Thread rule: one thread.
class ItemEmitter {
public:
  ItemEmitter(model::Api api, model::Version version, Forms forms, std::string& json)
      : api_(api), version_(version), forms_(forms),
        dictionary_(model::inventory_schema().dictionary()), json_(json) {}

  void emit_item(const graph::ElementView& item);
  /// All children of an owner but those of `outer`, grouped by their attributes. `single_place`:
  /// the first place alone (v4 of a resource).
  void emit_children(const graph::ElementView& owner);

  void name(graph::Word word) { json_ += dictionary_.member_prefix(word); }
  void text(std::string_view plain) {
    json_ += '"';
    json_ += plain;
    json_ += "\",";
  }
  void value(const graph::ValueView& view) {
    view.emit(json_);
    json_ += ',';
  }
  void value(graph::FieldCursor& fields) {
    fields.emit(json_);
    json_ += ',';
  }
  void close(char bracket) {
    if (json_.back() == ',')
      json_.back() = bracket;
    else
      json_ += bracket;
  }
  /// Whether the item came in the form of the other version.
  [[nodiscard]] bool is_translated(const graph::ElementView& item) const {
    return item.newer_form() != (version_ == model::Version::v5);
  }
  void emit_extra(const graph::ElementView& item);

private:
  void emit_part(const graph::ElementView& item);
  void emit_reference(const graph::ElementView& item);
  void emit_nested(const graph::ElementView& item, const model::KindTraits& traits);
  void emit_flat(const graph::ElementView& item);
  void emit_outer_extra(const graph::ElementView& item);
  void emit_inner_fields(const graph::ElementView& item);
  void default_type(const graph::ElementView& item, std::string_view type);
  void note_form(const graph::ElementView& item, graph::Word type, graph::Word inner_type);
  [[nodiscard]] std::string_view part_type(const graph::ElementView& item) const;

  model::Api api_;
  model::Version version_;
  Forms forms_;
  const graph::Dictionary& dictionary_;
  std::string& json_;
};

} // namespace diffo::tmf

#pragma once

#include "graph/record.h"
#include "model/declared.h"
#include "model/model.h"

#include <diffo/json.h>

#include <string>
#include <vector>

namespace diffo::tmf {

/// Characteristics in the reference's own JSON, in its order (profile.md §5). The kind is known by
/// its declaration or by what others called the node that a characteristic came from.
class ProfileCharacteristics {
public:
  /// `kind`: of the instance; a null pointer for a generic one. Both outlive this.
  ProfileCharacteristics(const model::Model& model, const model::DeclaredKind* kind)
      : model_(model), kind_(kind) {}

  [[nodiscard]] json::Array of_instance(const graph::ElementView& root) const;
  [[nodiscard]] json::Array of_feature(const graph::ElementView& feature) const;
  [[nodiscard]] json::Array of_relationship(const graph::ElementView& edge) const;

private:
  struct Item;

  [[nodiscard]] std::vector<Item> items_of(const graph::ElementView& owner) const;
  void sort_out(const graph::ElementView& owner, Item& item) const;
  [[nodiscard]] const model::Field* declared_field(const graph::ElementView& owner,
                                                   const std::string& name) const;
  [[nodiscard]] json::Object shown(const Item& item) const;
  [[nodiscard]] json::Value in_order(json::Value value, const Item& item, std::size_t at) const;

  const model::Model& model_;
  const model::DeclaredKind* kind_;
};

} // namespace diffo::tmf

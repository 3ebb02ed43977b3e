#pragma once

#include "graph/annotation.h"
#include "model/model.h"
#include "rules/precedence.h"

#include <string>
#include <string_view>
#include <vector>

/// Who said what of a record (graph/annotation.h, docs/formats/record.md §4). An annotation of a
/// member counts before that of its element as a whole, and this before that of the root, which
/// stands for all that has none. One whose member is an address (`note[1]`) is of a part that is
/// gone. Records that only the API has written have none.
namespace diffo::rules {

/// The parts of a key of an item among its like, as they stand in addresses; empty for an item
/// that has none.
std::string key_of_item(const graph::Element& item, const model::Model& model);
/// `serviceCharacteristic[mtu]`; the list alone for what is single.
std::string address_of_item(graph::ElementKind owner, const graph::Element& item, model::Api api,
                            const model::Model& model);

/// The annotations of one element of a draft. Written back by write().
class ElementNotes {
public:
  ElementNotes(graph::Element& element, const graph::Dictionary& dictionary);
  /// That of the member, else of the element; null pointer: none.
  [[nodiscard]] const graph::Annotation* find(std::string_view member) const;
  void set(std::string_view member, const Said& said);
  void forget(std::string_view member);
  /// Those that another element has.
  void take_over(const graph::Element& other);
  void write();

private:
  graph::Element& element_;
  const graph::Dictionary& dictionary_;
  std::vector<graph::Annotation> notes_;
  bool changed_ = false;
};

/// Whether anything of a record is annotated.
bool is_annotated(const graph::Element& root, const graph::Dictionary& dictionary);

/// Notes who made of one draft the other, wherever they differ; parts are known by their numbers.
void annotate_changes(const graph::Element& before, graph::Element& after, const Said& said,
                      model::Api api, const graph::Schema& schema);

} // namespace diffo::rules

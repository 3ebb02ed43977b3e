#include "model/irregular.h"

#include "model/schema.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace diffo::model {
namespace {

constexpr std::array<std::string_view, 8> indexed_attributes = {
    "relatedParty",         "place",
    "relatedEntity",        "serviceRelationship",
    "resourceRelationship", "supportingService",
    "supportingResource",   "externalIdentifier"};

bool is_reference(graph::ElementKind kind) {
  return kind == kinds::party_reference || kind == kinds::place_reference ||
         kind == kinds::entity_reference || kind == kinds::service_relation ||
         kind == kinds::resource_relation || kind == kinds::supporting_service ||
         kind == kinds::supporting_resource;
}

bool is_irregular(const graph::ElementView& root) {
  graph::ElementView child;
  for (graph::ChildCursor children = root.children(); children.next(child);)
    if ((is_reference(child.kind()) && !child.has_target()) ||
        (child.kind() == kinds::external_identifier && child.is_verbatim()))
      return true;
  graph::Name name;
  graph::ValueView value;
  for (graph::ExtraCursor extras = root.extra(); extras.next(name, value);)
    if (std::find(indexed_attributes.begin(), indexed_attributes.end(), name.text) !=
        indexed_attributes.end())
      return true;
  return false;
}

} // namespace

void irregular_keys(const graph::Record& record, const graph::Dictionary& dictionary,
                    graph::IndexSink& sink) {
  if (is_irregular(record.root(dictionary)))
    sink.add("i");
}

} // namespace diffo::model

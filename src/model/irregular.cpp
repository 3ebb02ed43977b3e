#include "model/irregular.h"

#include <algorithm>
#include <bitset>
#include <string>
#include <string_view>
#include <utility>

namespace diffo::model {
namespace {

/// What filters answer from edges and indexes of parts, as long as it is kept as it should be.
struct Answered {
  std::bitset<256> edges;
  std::bitset<256> related; ///< those of them that v4 shows in one object with what is around
  std::bitset<256> parts;
  std::vector<std::string_view> attributes; ///< that hold them, sorted

  [[nodiscard]] bool has(std::string_view attribute) const {
    return std::binary_search(attributes.begin(), attributes.end(), attribute);
  }
};

Answered answered_of(const std::vector<Attribute>& attributes, const std::vector<Kind>& kinds) {
  Answered answered;
  for (const Kind& kind : kinds)
    if (kind.role == graph::ElementRole::edge && !kind.always_leads) {
      answered.edges.set(kind.kind);
      answered.related.set(kind.kind, kind.build == Build::related);
    }
  for (const Attribute& row : attributes)
    if (row.index != 0)
      answered.parts.set(row.owner);
  for (const Attribute& row : attributes)
    if ((row.home == Home::edge && answered.edges.test(row.holds)) ||
        (row.home == Home::part && answered.parts.test(row.holds)))
      answered.attributes.push_back(row.name);
  std::sort(answered.attributes.begin(), answered.attributes.end());
  return answered;
}

/// Whether v4 may show another id in the place of the reference's: that of the object around it.
bool hides_id(const graph::ElementView& edge) {
  const graph::ElementView outer = outer_of(edge);
  return outer.kind() == kinds::outer && outer.extra("id");
}

bool is_irregular(const graph::ElementView& root, const Answered& answered) {
  graph::ElementView child;
  for (graph::ChildCursor children = root.children(); children.next(child);)
    if ((answered.edges.test(child.kind()) && !child.has_target()) ||
        (answered.related.test(child.kind()) && hides_id(child)) ||
        (answered.parts.test(child.kind()) && child.is_verbatim()))
      return true;
  graph::Name name;
  graph::ValueView value;
  for (graph::ExtraCursor extras = root.extra(); extras.next(name, value);)
    if (answered.has(name.text))
      return true;
  return false;
}

} // namespace

std::function<void(const graph::Record&, const graph::Dictionary&, graph::IndexSink&)>
irregular_keys(const std::vector<Attribute>& attributes, const std::vector<Kind>& kinds) {
  return [answered = answered_of(attributes, kinds)](const graph::Record& record,
                                                     const graph::Dictionary& dictionary,
                                                     graph::IndexSink& sink) {
    if (is_irregular(record.root(dictionary), answered))
      sink.add("i");
  };
}

} // namespace diffo::model

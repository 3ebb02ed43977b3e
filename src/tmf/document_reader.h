#pragma once

#include "graph/record.h"
#include "model/model.h"

#include <diffo/json.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace diffo::tmf {

/// Whose document it is: which decides whether attributes that only we write count.
enum class Origin : std::uint8_t {
  post,   ///< a new entity: an extension such as internalState is read
  patch,  ///< a rendered document, changed or not: it is not
  import, ///< a line of an export: it is, and so is what says how items came (import_line.h)
};

/// The extension by which an exported item says that it came in the older form, and what its types
/// were there.
inline constexpr std::string_view internal_form = "internalForm";
/// The member of internal_form for the type of a reference inside.
inline constexpr std::string_view reference_type = "referenceType";
/// The member of internal_form that says that the whole came in the newer form.
inline constexpr std::string_view came_newer = "newer";
/// The member of internal_form that says that an item stands in the older form, nothing translated.
inline constexpr std::string_view stayed_older = "older";

/// Turns a document into elements without refusing anything: what does not fit its home is kept
/// verbatim or as an extra. Thread rule: one thread.
class DocumentReader {
public:
  DocumentReader(const graph::Schema& schema, model::Api api, model::Version version,
                 Origin origin);
  [[nodiscard]] graph::Element read(const json::Object& document) const;

private:
  void read_root_member(graph::Element& root, const json::Object& document,
                        const json::Member& member) const;
  [[nodiscard]] json::Value internal_word_of(const json::Object& document,
                                             const json::Member& member,
                                             const model::Vocabulary& vocabulary) const;
  /// `word`: what the dictionary calls the member's name.
  bool read_children(graph::Element& owner, const json::Member& member,
                     std::optional<graph::Word> word) const;
  bool read_place_of_resource(graph::Element& root, const json::Object& document,
                              const json::Member& member) const;
  [[nodiscard]] model::Version form_of(const json::Object& item) const;
  [[nodiscard]] const json::Object* older_form_in(const json::Object& item) const;
  [[nodiscard]] graph::Element read_item(graph::ElementKind kind, const json::Value& item) const;
  void read_part(graph::Element& element, const json::Object& item) const;
  bool read_reference(graph::Element& element, const json::Object& item) const;
  bool read_relation(graph::Element& element, const json::Object& item) const;
  bool read_related(graph::Element& element, const json::Object& item) const;
  void read_flat_related(graph::Element& element, const json::Object& item) const;
  void read_outer(graph::Element& element, const json::Object& item,
                  std::string_view reference) const;
  void read_inner(graph::Element& element, const json::Object& reference, bool with_target) const;
  void keep(graph::Element& element, const json::Member& member,
            std::optional<graph::Word> word) const;
  void take_form(graph::Element& element, const json::Object& item) const;

  const model::Model& model_;
  model::Api api_;
  model::Version version_;
  Origin origin_;
  const graph::Dictionary& dictionary_;
};

/// Whether the value is an array that can be taken apart: of objects, or nulls, which are kept.
bool is_array_of_items(const json::Value& value);

/// Puts the id of a place, party or entity where its form says: in the target of the edge, or among
/// the fields of what is given by value.
void settle_target(graph::Element& element, graph::Family family);

} // namespace diffo::tmf

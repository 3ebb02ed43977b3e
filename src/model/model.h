#pragma once

#include "graph/schema.h"
#include "model/api.h"
#include "model/attributes.h"
#include "model/kinds.h"
#include "model/list_keys.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace diffo::model {

/// What is fixed about a kind of child, for one API.
struct KindTraits {
  Build build = Build::part;
  graph::Family target = 0;       ///< of references
  graph::Word inner = 0;          ///< the attribute that holds the reference in the outer object
  std::string_view outer_default; ///< `@type` of the item in v5
  std::string_view inner_default; ///< `@type` of the reference in v5
  bool always_leads = false;      ///< what it leads to is never given by value
};

class DeclaredKinds;

/// What users declare, and the store that it is for. A plain value.
struct Declarations {
  std::shared_ptr<const DeclaredKinds> kinds = {}; ///< none: no kinds; held by all models with it
  std::vector<std::string> words = {}; ///< of the store, whose dictionary goes on with ours
  std::string description = {};        ///< from which it can be made again
};

/// Everything known of records: the table of attributes and the kinds, and what is compiled from
/// them for those who ask for each document. Thread rule: immutable.
class Model final : public graph::SchemaOwner {
public:
  /// The rows that kinds declare are added to the attributes.
  Model(std::vector<Attribute> attributes, std::vector<Kind> kinds,
        const Declarations& declarations = {});
  ~Model() override;

  [[nodiscard]] const graph::Schema& schema() const { return *schema_; }
  /// The words of the model; a store may know more.
  [[nodiscard]] const graph::Dictionary& dictionary() const { return schema_->dictionary(); }
  [[nodiscard]] const std::vector<Attribute>& attributes() const { return attributes_; }
  [[nodiscard]] const std::vector<Kind>& kinds() const { return kinds_; }
  [[nodiscard]] std::span<const Attribute> attributes_of(graph::ElementKind owner) const;
  /// Those of them that bear a name, in the order of the table.
  [[nodiscard]] std::span<const Attribute* const> rows_named(graph::ElementKind owner,
                                                             graph::Word name) const {
    return named_[0][owner].of(name);
  }
  /// Those that bear it in a version of an API.
  [[nodiscard]] std::span<const Attribute* const>
  rows_named(graph::ElementKind owner, graph::Word name, Api api, Version version) const {
    return named_[is_newer_resource(api, version) ? 1 : 0][owner].of(name);
  }
  [[nodiscard]] const Kind* kind(graph::ElementKind kind) const;
  /// The kinds that users declare.
  [[nodiscard]] const DeclaredKinds& declared() const { return *declared_; }
  /// The name of a family of the model; empty for 0.
  [[nodiscard]] std::string_view family_name(graph::Family family) const;

  [[nodiscard]] const KindTraits& traits_of(graph::ElementKind kind, Api api) const {
    return traits_[is_typed_as_resource(api) ? 1 : 0][kind < kind_count ? kind : 0];
  }
  /// The attribute of its owner that holds children of a kind; nothing for kinds that do not show.
  [[nodiscard]] std::optional<graph::Word>
  home_word(graph::ElementKind owner, graph::ElementKind child, Api api, Version version) const;
  /// The kind of the children that an attribute of an owner holds, 0 when it holds none.
  [[nodiscard]] graph::ElementKind home_kind(graph::ElementKind owner, graph::Word attribute,
                                             Api api, Version version) const;
  /// Whether the attribute of such children is one object instead of an array (the place of a
  /// resource, which is one only in v4, is none).
  [[nodiscard]] bool is_single(graph::ElementKind child) const {
    return child < kind_count && is_single_[child];
  }
  /// The row of an attribute of an element, or of the reference that it is, which is a field of the
  /// element when its value fits; a null pointer for what never is.
  [[nodiscard]] const Attribute* field(graph::ElementKind owner, graph::Word attribute) const {
    return owner < kind_count && attribute < fields_[owner].size() ? fields_[owner][attribute]
                                                                   : nullptr;
  }
  /// Under which word the object around a reference has a field of an edge; 0 for what belongs to
  /// the reference itself.
  [[nodiscard]] graph::Word outer_member(graph::ElementKind edge, graph::Word field) const {
    return edge < kind_count && field < outer_members_[edge].size() ? outer_members_[edge][field]
                                                                    : graph::Word{0};
  }
  /// The row of an attribute of the object around a reference; a null pointer for what has none.
  [[nodiscard]] const Attribute* outer_row(graph::ElementKind edge, graph::Word name) const;
  /// Whether a kind has attributes with another name in v5 of a resource.
  [[nodiscard]] bool has_renamed(graph::ElementKind owner) const {
    return owner < kind_count && has_renamed_[owner];
  }
  /// The name under which a client's attribute of an element is kept: what is renamed in v5 of a
  /// resource swaps names there with what bears the other name. Its own inverse.
  [[nodiscard]] std::string_view swapped_name(graph::ElementKind owner, std::string_view name,
                                              Api api, Version version) const;
  /// An attribute that an item shows in a version though it lacks it.
  struct Demanded {
    const Attribute* row = nullptr;
    graph::Word word = 0;
  };
  /// Those of a kind of items in a version.
  [[nodiscard]] std::span<const Demanded> stand_ins(graph::ElementKind kind,
                                                    Version version) const {
    return kind < kind_count ? std::span(stand_ins_[version == Version::v4 ? 0 : 1][kind])
                             : std::span<const Demanded>();
  }
  /// What tells items of a kind apart beside an id.
  [[nodiscard]] const ListKeys& list_keys(graph::ElementKind kind) const {
    return list_keys_[kind < kind_count ? kind : 0];
  }
  /// For expectations about documents.
  [[nodiscard]] const outstanding::DocumentShapes& document_shapes() const { return *shapes_; }

  /// The row of a first-level attribute; a null pointer for what only a class of the API has, and
  /// for what is unknown.
  [[nodiscard]] const Attribute* first_level(Api api, std::string_view name) const;
  /// Whether a first-level attribute is made when it is shown, and never read.
  [[nodiscard]] bool is_derived(Api api, std::string_view name) const;
  /// The first-level attribute whose words an extension explains; a null pointer for other names.
  [[nodiscard]] const Attribute* explained_by(Api api, std::string_view extension) const;
  /// The first-level attributes that are shown also when a record has nothing: by its creation, or
  /// by what stands in.
  struct Standing {
    const Attribute* row = nullptr;
    graph::Word word = 0;
  };
  [[nodiscard]] std::span<const Standing> standing(Api api) const {
    return standing_[static_cast<std::size_t>(api)];
  }

  /// The class that all entities of an API have.
  [[nodiscard]] std::string_view class_of(Api api) const;
  /// The published classes below another.
  [[nodiscard]] std::vector<std::string_view> subclasses_of(Api api, std::string_view base) const;
  /// Whether an entity may have that class: a thing of it is given by value.
  [[nodiscard]] bool is_class(std::string_view name) const;
  /// Whether only an entity has such an attribute, and no reference to one.
  [[nodiscard]] bool is_of_entity(std::string_view attribute) const;

  /// The row that a path of an API leads to in a version, by way of lists and references; a null
  /// pointer when it leads beyond what is known. `depth` gets the number of names that were walked.
  [[nodiscard]] const Attribute* find(std::span<const std::string> path, Api api, Version version,
                                      std::size_t* depth = nullptr) const;
  /// How what a path leads to is compared.
  [[nodiscard]] Reading reading_of(std::span<const std::string> path, Api api,
                                   Version version) const;

private:
  static constexpr std::size_t kind_count = 64;
  static constexpr graph::Word no_home = 0xffff;

  /// The rows of an owner by the words of their names.
  struct Named {
    std::vector<const Attribute*> rows; ///< by name
    std::vector<std::uint16_t> begins;  ///< by word, and the end
    [[nodiscard]] std::span<const Attribute* const> of(graph::Word name) const {
      if (std::size_t{name} + 1 >= begins.size())
        return {};
      return std::span(rows).subspan(begins[name], begins[name + 1] - begins[name]);
    }
  };

  /// Whose items have the types of the column `resource` (TypeName); all others have the other's.
  static bool is_typed_as_resource(Api api) { return api == Api::resource; }
  /// Where attributes that are renamed there have their other name.
  static bool is_newer_resource(Api api, Version version) {
    return api == Api::resource && version == Version::v5;
  }
  [[nodiscard]] const Attribute* row_named(graph::ElementKind owner, Of within,
                                           std::string_view name, Api api, Version version) const;
  void compile_names();
  [[nodiscard]] Named named(graph::ElementKind owner, Api api, Version version) const;
  void compile_rows();
  void compile_field(const Attribute& row);
  void compile_traits();
  void compile_entities();
  [[nodiscard]] graph::Word word_of(std::string_view text) const;

  std::shared_ptr<const DeclaredKinds> declared_; ///< whose texts the rows show
  std::vector<Attribute> attributes_;
  std::vector<Kind> kinds_;
  std::unique_ptr<const graph::Schema> schema_;
  struct Range {
    std::size_t begin = 0;
    std::size_t end = 0;
  };
  std::array<Range, 256> ranges_{}; ///< of the attributes of an owner
  /// Word by owner and child, for the emitter; and what v5 of a resource calls it.
  std::array<std::array<graph::Word, kind_count>, kind_count> words_{};
  std::array<std::array<graph::Word, kind_count>, kind_count> words_in_newer_resource_{};
  std::array<std::array<Named, 256>, 2>
      named_; ///< by owner; the second by what v5 of a resource says
  std::array<std::vector<const Attribute*>, kind_count> fields_;           ///< by owner and word
  std::array<std::vector<graph::Word>, kind_count> outer_members_;         ///< likewise
  std::array<std::array<std::vector<Demanded>, kind_count>, 2> stand_ins_; ///< v4, v5
  std::array<bool, kind_count> is_single_{};
  std::array<bool, kind_count> has_renamed_{};
  std::array<ListKeys, kind_count> list_keys_;
  std::array<std::array<KindTraits, kind_count>, 2> traits_{};
  std::array<std::vector<Standing>, api_count> standing_;
  std::array<std::vector<std::string_view>, api_count> derived_;
  std::vector<std::string_view> classes_;
  std::vector<std::string_view> of_entities_; ///< sorted
  std::unique_ptr<const outstanding::DocumentShapes> shapes_;
};

/// The model that declared a schema, with or without further words of a store.
const Model& model_of(const graph::Schema& schema);

/// The model of the inventory, without kinds that users declare.
const Model& inventory_model();

/// The inventory with kinds that users declare.
std::shared_ptr<const Model> inventory_with(const Declarations& declarations);

} // namespace diffo::model

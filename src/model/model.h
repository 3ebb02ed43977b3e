#pragma once

#include "graph/schema.h"
#include "model/attributes.h"
#include "model/kinds.h"

#include <array>
#include <cstddef>
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
};

/// Everything known of records: the table of attributes and the kinds, and what is compiled from
/// them for those who ask for each document. Thread rule: immutable.
class Model {
public:
  Model(std::vector<Attribute> attributes, std::vector<Kind> kinds);
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  [[nodiscard]] const graph::Schema& schema() const { return *schema_; }
  [[nodiscard]] const graph::Dictionary& dictionary() const { return schema_->dictionary(); }
  [[nodiscard]] const std::vector<Attribute>& attributes() const { return attributes_; }
  [[nodiscard]] const std::vector<Kind>& kinds() const { return kinds_; }
  [[nodiscard]] std::span<const Attribute> attributes_of(graph::ElementKind owner) const;
  [[nodiscard]] const Kind* kind(graph::ElementKind kind) const;

  [[nodiscard]] const KindTraits& traits_of(graph::ElementKind kind, Api api) const {
    return traits_[api == Api::service ? 0 : 1][kind < kind_count ? kind : 0];
  }
  /// The attribute of its owner that holds children of a kind; nothing for kinds that do not show.
  [[nodiscard]] std::optional<graph::Word>
  home_word(graph::ElementKind owner, graph::ElementKind child, Api api, Version version) const;
  /// The kind of the children that an attribute of an owner holds, 0 when it holds none.
  [[nodiscard]] graph::ElementKind home_kind(graph::ElementKind owner, graph::Word attribute,
                                             Api api, Version version) const;
  /// Whether an attribute of an element of that kind is a field when its value is a scalar.
  [[nodiscard]] bool is_field(graph::ElementKind owner, graph::Word attribute) const;

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

  [[nodiscard]] const Attribute* row_named(graph::ElementKind owner, Of within,
                                           std::string_view name, Api api, Version version) const;
  void compile_rows();
  void compile_traits();
  [[nodiscard]] graph::Word word_of(std::string_view text) const;

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
  struct ChildHome {
    graph::Word word;
    graph::Word word_in_newer_resource;
    graph::ElementKind child;
  };
  std::array<std::vector<ChildHome>, kind_count> homes_;
  std::array<std::vector<bool>, kind_count> fields_; ///< by owner and word
  std::array<std::array<KindTraits, kind_count>, 2> traits_{};
};

/// The model of the inventory, without kinds that users declare.
const Model& inventory_model();

} // namespace diffo::model

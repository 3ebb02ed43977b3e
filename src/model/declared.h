#pragma once

#include "base/pattern.h"
#include "graph/record.h"
#include "model/api.h"
#include "model/attributes.h"

#include <diffo/domain_model.h>
#include <diffo/hooks.h>

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace diffo::model {

/// The kinds that users declare, found by what documents and records say of them; and the rows that
/// they add to the table of attributes. The domains have been verified. Thread rule: immutable.
class DeclaredKinds {
public:
  /// None.
  DeclaredKinds() = default;
  /// The functions that the kinds may ask for; a null pointer: there are none.
  explicit DeclaredKinds(DomainModel model, hooks::SharedRegistry hooks = {});
  DeclaredKinds(const DeclaredKinds&) = delete;
  DeclaredKinds& operator=(const DeclaredKinds&) = delete;

  [[nodiscard]] bool empty() const { return by_specification_.empty(); }
  [[nodiscard]] const DomainModel& model() const { return model_; }
  [[nodiscard]] const hooks::SharedRegistry& hooks() const { return hooks_; }

  /// The kind of that name, whatever its base; a null pointer for none. So with those below.
  [[nodiscard]] const DeclaredKind* named(std::string_view name) const;
  /// Whose specification has the id.
  [[nodiscard]] const DeclaredKind* specified(std::string_view id) const;
  /// Whose specification has the name and, where a version is said (`v1.2.0`, `1`), its major one;
  /// else the newest.
  [[nodiscard]] const DeclaredKind* specified(std::string_view name,
                                              std::string_view version) const;
  /// The kind that claims a document which is POSTed (wire.md §6.1): by the id of its
  /// specification, its name and version, or the document's `@type`.
  [[nodiscard]] const DeclaredKind* claiming(const json::Object& document, Api api) const;
  /// The kind that claims a new record, which says the same.
  [[nodiscard]] const DeclaredKind* claiming(const graph::Element& root) const;
  /// The kind of a record that is stored: its specification is known by its id.
  [[nodiscard]] const DeclaredKind* kind_of(const graph::ElementView& root) const;
  /// The domain that declares a kind.
  [[nodiscard]] const Domain& domain_of(const DeclaredKind& kind) const;

  /// The API of an instance kind.
  [[nodiscard]] static Api api_of(const DeclaredKind& kind);
  /// All instance kinds, in the order of their declaration.
  [[nodiscard]] const std::vector<const DeclaredKind*>& instance_kinds() const {
    return instance_kinds_;
  }
  /// The compiled pattern of a type; a null pointer where it has none.
  [[nodiscard]] const Pattern* pattern_of(const Type& type) const;

  /// The rows that are added to the table: own attributes. Their texts live as long as this.
  [[nodiscard]] std::vector<Attribute> rows() const;

private:
  void add(const DeclaredKind& kind);
  void compile_patterns(const std::vector<Field>& fields);

  DomainModel model_;
  hooks::SharedRegistry hooks_;
  std::map<std::string, const DeclaredKind*, std::less<>> by_name_;
  std::map<std::string, const DeclaredKind*, std::less<>> by_specification_;
  /// By the name of the specification, then its major version.
  std::map<std::string, std::map<std::int64_t, const DeclaredKind*>, std::less<>> versions_;
  std::map<std::string, std::shared_ptr<const Pattern>, std::less<>> patterns_;
  std::vector<const DeclaredKind*> instance_kinds_;
};

/// The major version that a text says: of `v1.2.0`, `1.2` and `1`. Nothing for other texts.
std::optional<std::int64_t> major_version_of(std::string_view text);

} // namespace diffo::model

#pragma once

#include "model/model.h"
#include "rules/precedence.h"

#include <diffo/domain_model.h>

#include <map>
#include <string>
#include <string_view>

/// What a kind says of its attributes by name, told by where they stand in documents.
namespace diffo::rules {

/// Where in documents of v5 stands what a kind calls by a name. A plain value.
struct AttributePlace {
  std::string member; ///< `operatingStatus` of `operating_status`
  std::string item;   ///< of a characteristic, and of each of its fields: its name; else empty
};
AttributePlace place_of_attribute(const model::Model& model, const model::DeclaredKind& kind,
                                  std::string_view name);
/// The member with the characteristics of instances of the kind.
std::string_view characteristics_of(const model::DeclaredKind& kind);

/// The order of sources for instances of a kind: what its `sources` say, before what is configured.
/// Values of characteristics are observed as a whole: what is said of a field counts for all of its
/// characteristic, of several fields the first.
Precedence precedence_of(const Precedence& configured, const model::Model& model,
                         const model::DeclaredKind& kind);

/// The order that counts for a record: that of its kind, made once a kind. Thread rule: one thread;
/// what is configured, and the schemas asked with, outlive it.
class RecordPrecedence {
public:
  explicit RecordPrecedence(const Precedence& configured) : configured_(configured) {}
  const Precedence& of(const graph::Record& record, const graph::Schema& schema);

private:
  const Precedence& configured_;
  std::map<const model::DeclaredKind*, Precedence> of_kinds_;
};

} // namespace diffo::rules

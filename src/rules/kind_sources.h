#pragma once

#include "model/model.h"
#include "rules/precedence.h"

#include <diffo/domain_model.h>

#include <string>
#include <string_view>

/// What a kind says of its attributes by name, told by where they stand in documents.
namespace diffo::rules {

/// The address (wire.md §7.1) in documents of v5 of what a kind calls by a name: `operatingStatus`
/// of `operating_status`, `serviceCharacteristic[line]` of the characteristic `line` and of each of
/// its fields; empty of `*`: the document.
std::string address_of_attribute(const model::Model& model, const model::DeclaredKind& kind,
                                 std::string_view name);

/// The order of sources for instances of a kind: what its `sources` say, before what is configured.
/// Values of characteristics are observed as a whole: what is said of a field counts for all of its
/// characteristic, of several fields the first.
Precedence precedence_of(const Precedence& configured, const model::Model& model,
                         const model::DeclaredKind& kind);

} // namespace diffo::rules

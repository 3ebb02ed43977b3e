#pragma once

#include <diffo/domain_model.h>

namespace diffo::model {

/// The longest chain that may be declared.
inline constexpr std::size_t most_hops = 32;

/// Reads a hop (domain.md §3). As a text: `cvc` and `<=cvc` (assignment, backwards), `=>slot`
/// (assignment, forwards), `->contains`, `<-owns`, `->owns:port`, `->:circuit` (relationship by
/// type, by both, by alias), `=@role` and `<@role` (place). As an object: `{"forward": …}` or
/// `{"reverse": …}` of `{"assignment": alias}`, `{"relationship": type | {"type", "alias"}}`,
/// `{"place": role}`, `{"party": role}`. The error's message begins with the name of the reason.
Result<Hop> parse_hop(const json::Value& value);

/// The hop as a text where that says it all, else as an object; parse_hop reads it back.
json::Value to_json(const Hop& hop);

} // namespace diffo::model

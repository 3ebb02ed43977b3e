#pragma once

#include <diffo/expectation.h>
#include <diffo/json.h>

namespace diffo::loop {

/// What makes one document another, as an observation would say it (wire.md §8):
/// `{"set": partial document, "absent": [addresses]}`, of which what is empty is left out. Items of
/// keyed lists are those that differ, each with its key and what differs in it; what else is
/// expected as a whole (lists without keys, values of characteristics) is there as a whole.
json::Value change_between(const json::Value& before, const json::Value& after,
                           const outstanding::DocumentShapes& shapes);

} // namespace diffo::loop

#pragma once

#include <diffo/expectation.h>
#include <diffo/json.h>

namespace diffo::loop {

/// What makes one document another, as an observation would say it (wire.md §8):
/// `{"set": partial document, "absent": [addresses]}`, of which what is empty is left out. Seen of
/// the one document it makes it the other, but for the order of keyed lists. Items of those are the
/// ones that differ, each with its key and what differs in it, and by JSON pointer where no key
/// tells them apart; what an observation replaces (other lists, values) is there as a whole. What
/// loses something that no address names is both absent and set: it is there anew.
json::Value change_between(const json::Value& before, const json::Value& after,
                           const outstanding::DocumentShapes& shapes);

} // namespace diffo::loop

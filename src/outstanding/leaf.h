#pragma once

#include "outstanding/compiled.h"

#include <string>
#include <string_view>
#include <vector>

namespace diffo::outstanding {

/// What stands in the brackets of an address for an item with that key: a text as it is, quoted
/// where it could be taken for more than one key, and shortened to a hash where it is long.
std::string key_text(const json::Value& value);

/// Whether an address is another or lies in it: `place[a].id` in `place[a]` and in `place`. All lie
/// in the document, whose address is empty.
bool lies_in(std::string_view address, std::string_view outer);

/// Expectation::leaves_of().
std::vector<Leaf> leaves_of(const Compiled& compiled, const Evaluation& evaluation);

} // namespace diffo::outstanding

#pragma once

#include <diffo/term.h>

#include <string>

namespace diffo::terms {

/// The text a pattern is searched in (outstanding.md §4.6). Fails with no_rule for what has no text
/// form and with invalid for a list that is no text.
Result<std::string> text_form(const Term& term);

} // namespace diffo::terms

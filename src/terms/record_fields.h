#pragma once

#include <diffo/term.h>

#include <cstdint>
#include <optional>

namespace diffo::terms {

/// The value at a key of a map or of anything that is a record in the wide sense (a date has year,
/// month, day, …); nothing when it has no such key.
std::optional<Term> value_at(const Term& map_or_record, const Term& key);

/// Whether the float is exactly that integer.
bool equals_exactly(std::int64_t integer, double real);

} // namespace diffo::terms

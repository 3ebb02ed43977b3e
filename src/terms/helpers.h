#pragma once

#include <diffo/difference.h>

#include <string>
#include <string_view>

/// The helper functions of outstanding.md §7.1 and §9.5.
namespace diffo::terms {

/// nil for an empty map, set or tuple and for a list without anything but nils, else the term.
/// Fails for scalars.
Result<Term> suppress(const Term& residue);
/// nil when the actual is a list with an element that resolves the expectation, else the
/// expectation.
Result<Term> any_of_actual_list(const Term& expected, const Term& actual, Timestamp now,
                                const Rules& rules = Rules::standard());
/// A full record of the type from a map with atom keys; what is no map passes through.
Result<Term> map_to_record(const Term& map, std::string_view type, const Rules& rules);
/// The name of the term's type (outstanding.md §3).
std::string type_of(const Term& term);

/// Two lists of records compared as keyed by an atom field (outstanding.md §9.5).
struct ListByKey {
  Term prior;       ///< the residue to add to, or nil
  std::string list; ///< the field that holds the lists
  std::string key;  ///< the field of their elements that is the key
};
Result<Term> list_by_key_difference(const ListByKey& how, const Term& expected, const Term& actual,
                                    Timestamp now, const Rules& rules);

} // namespace diffo::terms

#pragma once

#include <string_view>

/// Model files that tests share. They verify without a problem, together too.
namespace diffo::testing {

/// Shelves and cards, an access service, chains of every length.
extern const std::string_view servo_yaml;
/// Parties and places; servo_yaml names some of them.
extern const std::string_view nbn_yaml;
/// Every key that there is, at least once, in its longest form.
extern const std::string_view everything_yaml;

} // namespace diffo::testing

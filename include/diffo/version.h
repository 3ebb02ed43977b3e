#pragma once

namespace diffo {

/// The version of the library and the program, "major.minor.patch".
inline constexpr const char* version = "0.1.0";

} // namespace diffo

#pragma once

#include <string>

namespace diffo::outstanding {

/// A float as the reference writes it: the shorter of decimal and scientific, always with a
/// fraction.
std::string format_real(double value);

} // namespace diffo::outstanding

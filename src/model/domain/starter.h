#pragma once

#include <string>
#include <string_view>

namespace diffo::model {

/// A small model file with comments, to begin with. The name of its domain is a name
/// (verify_parts.h) that stands without quotes.
std::string starter_model(std::string_view domain);

} // namespace diffo::model

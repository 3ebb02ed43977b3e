#include "model/ids.h"

#include <cstddef>

namespace diffo::model {
namespace {

constexpr std::size_t longest_id = 255;

/// C0, DEL and, in UTF-8, C1.
bool is_control(std::string_view text, std::size_t at) {
  const auto byte = static_cast<unsigned char>(text[at]);
  if (byte < 0x20 || byte == 0x7f)
    return true;
  return byte == 0xc2 && at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) < 0xa0;
}

bool has_control(std::string_view text) {
  // Nearly all is printable ASCII.
  for (std::size_t at = 0; at < text.size(); ++at)
    if ((text[at] < ' ' || text[at] > '~') && is_control(text, at))
      return true;
  return false;
}

} // namespace

bool can_be_target(std::string_view id) {
  return !id.empty() && id.size() <= longest_id && !has_control(id);
}

} // namespace diffo::model

#include "base/secret.h"

#include <cstring>

namespace diffo {
namespace {

void wipe(std::string& text) {
  // A short text lives inside the string object itself, and a move leaves it behind there: wipe the
  // whole capacity.
  text.resize(text.capacity());
  explicit_bzero(text.data(), text.size());
  text.clear();
}

} // namespace

bool equal_in_constant_time(std::string_view left, std::string_view right) {
  if (left.size() != right.size())
    return false;
  unsigned difference = 0;
  for (std::size_t index = 0; index < left.size(); ++index)
    difference |=
        static_cast<unsigned char>(left[index]) ^ static_cast<unsigned char>(right[index]);
  return difference == 0;
}

Secret::Secret(Secret&& other) noexcept : text_(std::move(other.text_)) {
  wipe(other.text_);
}

Secret& Secret::operator=(Secret other) noexcept {
  text_.swap(other.text_);
  return *this;
}

Secret::~Secret() {
  wipe(text_);
}

} // namespace diffo

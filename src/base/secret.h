#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <utility>

namespace diffo {

/// Whether two texts are equal, in a time that depends on their lengths only.
bool equal_in_constant_time(std::string_view left, std::string_view right);

/// A password, token or key. It cannot be printed, logged or compared by ==, and its bytes are
/// wiped when it goes. Call reveal() only where the bytes leave for their purpose.
class Secret {
public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret other) noexcept;
  ~Secret();

  [[nodiscard]] const std::string& reveal() const { return text_; }
  [[nodiscard]] bool empty() const { return text_.empty(); }
  [[nodiscard]] bool equals(std::string_view text) const {
    return equal_in_constant_time(text_, text);
  }

private:
  std::string text_;
};

bool operator==(const Secret&, const Secret&) = delete;
std::ostream& operator<<(std::ostream&, const Secret&) = delete;

} // namespace diffo

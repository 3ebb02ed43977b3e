#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Who is believed when several sources say something of one attribute (wire.md §8).
namespace diffo::rules {

/// The source of what is written over the API.
inline constexpr std::string_view api_source = "api";

/// What is configured of one source. A plain value.
struct SourceRule {
  std::string name;
  /// Microseconds after which what it said binds weaker ones no longer; nothing: never.
  std::optional<std::int64_t> stale_after;
  std::vector<std::string> attributes; ///< addresses that it is believed in; none: all
  bool unseen_is_gone = false; ///< what it no longer sees is not there; else nothing is known of it
};

/// Who is believed in one attribute, the strongest first. A plain value.
struct AttributeOrder {
  std::string address; ///< it and what lies in it; empty: everything
  std::vector<std::string> sources;
};

/// Somebody who said something, and when: microseconds since 1970.
struct Said {
  std::string source;
  std::int64_t at = 0;
};

/// What becomes of something that is said.
enum class Ruling : std::uint8_t {
  takes, ///< it is written
  stale, ///< it is older than what is there from the same source, an equal or a stronger one
  weaker ///< a stronger source says otherwise, and is not stale
};

/// The order of sources, the strongest first; those that nothing ranks are equals, weaker than
/// those that are ranked. For some attributes there may be another before it: those that it does
/// not name stand behind in the order of all. Thread rule: immutable.
class Precedence {
public:
  Precedence() = default;
  explicit Precedence(std::vector<SourceRule> rules) : rules_(std::move(rules)) {}

  /// The same behind these orders, of which the first that is about an attribute counts.
  [[nodiscard]] Precedence preceded_by(std::vector<AttributeOrder> orders) const;

  [[nodiscard]] bool ranks_any() const { return !rules_.empty() || !orders_.empty(); }
  /// The smaller, the stronger; `address` says of which attribute.
  [[nodiscard]] std::size_t rank(std::string_view source, std::string_view address) const;
  [[nodiscard]] const SourceRule* rule(std::string_view source) const;
  [[nodiscard]] const std::vector<SourceRule>& rules() const { return rules_; }
  /// Whether `said` stands against what another said of the same, `held`, where they differ.
  [[nodiscard]] Ruling judge(const Said& said, const Said& held, std::string_view address) const;

private:
  [[nodiscard]] std::size_t configured_rank(std::string_view source,
                                            std::string_view address) const;

  std::vector<SourceRule> rules_;
  std::vector<AttributeOrder> orders_;
};

} // namespace diffo::rules

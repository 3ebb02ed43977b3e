#pragma once

#include "base/time.h"

#include <diffo/json.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// How what is outstanding is shown to a person.
namespace diffo::cli {

enum class Paint : std::uint8_t { plain, coloured };

/// How a command that was given `--format` writes to standard output.
struct Output {
  bool is_text = false; ///< else lines of JSON
  Paint paint = Paint::plain;

  /// `format`: text, json, or auto, which is text on a terminal.
  static Output of(std::string_view format);
};

/// The id of a row's target; for one that does not exist, what the expectation says of it.
std::string target_of(const json::Value& row);

/// A document on one line. It stays JSON, but for characters that could steer a terminal, which
/// become `\uXXXX`.
std::string json_line(const json::Value& document);

/// What was decided about a leaf, or which expectation overrules or contradicts it; else empty.
std::string decision_text(const json::Value& leaf);

/// A table of leaves whose columns are as wide as what they hold. It is given out from time to
/// time, so that it holds few rows; then later ones may be wider than the first. Nothing in it can
/// steer a terminal. Thread rule: one thread.
class LeafTable {
public:
  LeafTable(Paint paint, Timestamp now) : paint_(paint), now_(now) {}
  /// A leaf, or a residue that has none but an error.
  void add(const json::Value& row);
  [[nodiscard]] std::size_t size() const { return rows_.size(); }
  /// The lines since the last time, below the names of the columns where those were not given yet.
  std::string take();

private:
  static constexpr std::size_t columns = 8;
  using Cells = std::array<std::string, columns>;
  [[nodiscard]] std::string line_of(const Cells& cells, bool is_head) const;

  Paint paint_;
  Timestamp now_;
  bool has_head_ = false;
  std::array<std::size_t, columns> widths_{};
  std::vector<Cells> rows_;
};

} // namespace diffo::cli

#pragma once

#include <diffo/json.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace diffo::tmf {

/// Which attributes an answer shows (`fields=`, tmf.md §2.3). Without one, all. Thread rule:
/// immutable once made.
class FieldSelection {
public:
  /// Everything.
  FieldSelection() = default;

  /// Exactly these first-level attributes.
  static FieldSelection only(std::span<const std::string_view> attributes);

  /// Adds what a path of at least one name leads to; from then on only what was added is shown.
  void add(std::vector<std::string> path);

  [[nodiscard]] bool shows_all() const { return all_; }
  /// Whether the first-level attribute is shown, whole or in part. Linear in what was asked.
  [[nodiscard]] bool wants(std::string_view attribute) const;
  /// Whether it is wanted whole; else narrow() says what of it is shown.
  [[nodiscard]] bool wants_whole(std::string_view attribute) const;
  /// Takes everything that was not asked for out of the value of a first-level attribute; in every
  /// object on the way, `@type` stays. False: what was asked for is not in it, and the attribute is
  /// not shown.
  [[nodiscard]] bool narrow(std::string_view attribute, json::Value& value) const;
  /// Takes everything that was not asked for out of a document.
  void narrow_document(json::Value& document) const;

private:
  struct Entry {
    std::string attribute;
    bool whole = false;
    std::vector<std::vector<std::string>> paths; ///< below the attribute; empty when whole
  };
  [[nodiscard]] const Entry* find(std::string_view attribute) const;
  Entry& entry(std::string_view attribute);
  bool all_ = true;
  std::vector<Entry> entries_;
};

} // namespace diffo::tmf

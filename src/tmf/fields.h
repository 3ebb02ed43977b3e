#pragma once

#include "tmf/version.h"

#include <diffo/json.h>
#include <diffo/result.h>

#include <optional>
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

  /// Reads the values of all `fields` parameters: names and dotted paths separated by commas, or
  /// `none`. What is in `always` (id, href, what the schema requires) is shown whatever was asked;
  /// a name that exists nowhere selects nothing. No values: everything. Errors: unsupported for
  /// JSONPath; invalid for what is no attribute name, and for more than 100 paths.
  static Result<FieldSelection> parse(std::span<const std::string> values,
                                      std::span<const std::string_view> always);
  /// Exactly these first-level attributes.
  static FieldSelection only(std::span<const std::string_view> attributes);

  [[nodiscard]] bool shows_all() const { return all_; }
  /// Whether the first-level attribute is shown, whole or in part. Linear in what was asked.
  [[nodiscard]] bool wants(std::string_view attribute) const;
  /// Whether it is wanted whole; else narrow() says what of it is shown.
  [[nodiscard]] bool wants_whole(std::string_view attribute) const;
  /// Takes everything that was not asked for out of the value of a first-level attribute; in every
  /// object on the way, `@type` stays.
  void narrow(std::string_view attribute, json::Value& value) const;
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

/// Reads the `fields` of a request's query string; other parameters are ignored. Nothing:
/// everything is shown. What is always shown is id and href and, in v5, @type (the attributes its
/// response schemas require).
Result<std::optional<FieldSelection>> parse_fields(std::string_view raw_query, Api api,
                                                   Version version);
/// The same from the values of the `fields` parameters, decoded.
Result<std::optional<FieldSelection>> select_fields(std::span<const std::string> values, Api api,
                                                    Version version);

} // namespace diffo::tmf

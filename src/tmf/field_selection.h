#pragma once

#include "json/json_path.h"

#include <diffo/json.h>

#include <atomic>
#include <memory>
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

  /// Exactly these first-level attributes.
  static FieldSelection only(std::span<const std::string_view> attributes);

  /// Adds what a path of at least one name leads to; from then on only what was added is shown.
  void add(std::vector<std::string> path);

  /// What of a document a JSONPath chooses: all that `path`, which begins at the document, finds,
  /// where `which` holds of it.
  struct Choice {
    json::JsonPath path;
    std::optional<json::PathCondition> which{};
    /// The first-level attributes that it looks at; of none, and with `which`, at all of them.
    std::vector<std::string> attributes{};
  };
  /// Adds what a path chooses; items of arrays that it does not choose are not shown.
  void add(Choice choice);

  /// Whether the choice can only be made where the document is whole: wants() is true of all
  /// attributes then, and narrow_document() is for the caller to ask.
  [[nodiscard]] bool needs_document() const { return !of_documents_.empty(); }
  /// Whether some path would have had to look at more of a document than it may, so that what it
  /// chooses was left out.
  [[nodiscard]] bool overran() const { return overrun_ && *overrun_; }
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
    std::vector<json::JsonPath> choices{};       ///< of a document with this attribute alone
  };
  class Marks;
  [[nodiscard]] const Entry* find(std::string_view attribute) const;
  Entry& entry(std::string_view attribute);
  bool all_ = true;
  std::vector<Entry> entries_;
  std::vector<Choice> of_documents_{};
  /// Shared by the copies of it, as an answer is rendered from one of them.
  std::shared_ptr<std::atomic<bool>> overrun_{};
};

} // namespace diffo::tmf

#pragma once

#include "model/api.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The words of states and statuses: what records hold (internal) and what each version shows
/// (wire.md §4). One table for documents, patches, filters, sorts and events.
namespace diffo::model {

/// A word as records hold it and as each version shows it.
struct Translation {
  std::string_view internal;
  std::string_view v4;
  std::string_view v5;
  [[nodiscard]] std::string_view wire(Version version) const {
    return version == Version::v4 ? v4 : v5;
  }
};

/// The words of one attribute, where records and versions have different ones. Of translations with
/// one wire word the first is what that word means when it is written. A plain value.
struct Vocabulary {
  std::span<const Translation> translations;
  /// The attribute that stands beside a wire word and tells the internal one where that hides it;
  /// empty: no word hides another.
  std::string_view extension = {};

  /// What a wire word means when it is written: the one internal value, or nothing when the
  /// version's enumeration has no such word. Internal names are taken where they are unambiguous.
  [[nodiscard]] std::optional<std::string_view> internal_value(std::string_view wire,
                                                               Version version) const;
  /// What a wire word finds when it is asked for: every internal value that is shown so. An
  /// internal name finds itself alone. For a word the version does not have: the word itself.
  [[nodiscard]] std::vector<std::string> internal_values(std::string_view wire,
                                                         Version version) const;
  /// How an internal value is shown. What is no internal value is shown as it is.
  [[nodiscard]] std::string_view wire_value(std::string_view internal, Version version) const;
  /// Whether the wire word of an internal value hides it, so that the extension stands beside it.
  [[nodiscard]] bool is_hidden(std::string_view internal, Version version) const;
  /// The internal value that an extension beside a wire word stands for; nothing when it does not
  /// map to that word.
  [[nodiscard]] std::optional<std::string_view>
  extended_value(std::string_view wire, std::string_view extended, Version version) const;
  /// The words of the version's enumeration, separated by spaces.
  [[nodiscard]] std::string wire_words(Version version) const;
};

extern const Vocabulary state_vocabulary;
extern const Vocabulary operating_status_vocabulary;
extern const Vocabulary administrative_state_vocabulary;
extern const Vocabulary operational_state_vocabulary;
extern const Vocabulary individual_status_vocabulary;

} // namespace diffo::model

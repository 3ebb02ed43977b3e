#pragma once

#include "model/api.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The words of states and statuses: what records hold (internal) and what each version shows
/// (wire.md §4). One table for documents, patches, filters, sorts and events.
namespace diffo::model {

/// What a wire word means when it is written: the one internal value, or nothing when the version's
/// enumeration has no such word. Internal names are taken where they are unambiguous. For an
/// attribute that has no vocabulary the word itself.
std::optional<std::string_view> internal_value(std::string_view attribute, std::string_view wire,
                                               Version version);

/// What a wire word finds when it is asked for: every internal value that is shown so. An internal
/// name finds itself alone. For a word the version does not have: the word itself.
std::vector<std::string> internal_values(std::string_view attribute, std::string_view wire,
                                         Version version);

/// How an internal value is shown. What is no internal value is shown as it is.
std::string_view wire_value(std::string_view attribute, std::string_view internal, Version version);

/// The extension attribute that tells an internal value which the wire word beside it hides:
/// `internalState` or `internalOperatingStatus`; empty when the wire word says it all.
std::string_view extension_for(std::string_view attribute, std::string_view internal,
                               Version version);

/// The words of the version's enumeration, separated by spaces.
std::string wire_words(std::string_view attribute, Version version);

/// Whether the attribute's words differ between records and the wire.
bool has_vocabulary(std::string_view attribute);

/// All internal values of an attribute with a vocabulary; none of others.
std::vector<std::string_view> internal_words(std::string_view attribute);

/// The internal value that an extension attribute beside a wire word stands for; nothing when it
/// does not map to that word.
std::optional<std::string_view> extended_value(std::string_view attribute, std::string_view wire,
                                               std::string_view extension, Version version);

} // namespace diffo::model

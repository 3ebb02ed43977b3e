#pragma once

#include "model/api.h"

#include <cstdint>
#include <span>
#include <string_view>

/// The published schemas as far as a document is refused for breaking them: which attributes there
/// are, in which version, and of which JSON type (TMF638 and TMF639, v4.0.0 and v5.0.0).
namespace diffo::model {

enum class Form : std::uint8_t { text, boolean, number, object, texts, objects };
enum Published : std::uint8_t { v4_only = 1, v5_only = 2, both = 3 };

struct PublishedAttribute;
using PublishedAttributes = std::span<const PublishedAttribute>;
/// A function, so that shapes can name each other whatever their order.
using Shape = PublishedAttributes (*)();

struct PublishedAttribute {
  std::string_view name;
  Form form = Form::text;
  Published published = both;
  Shape inner = nullptr;
  /// The words of its enumeration; for an attribute with a vocabulary that has the last word.
  std::string_view words = {};

  [[nodiscard]] bool is_in(Version version) const {
    return (published & (version == Version::v4 ? v4_only : v5_only)) != 0;
  }
};

/// The first-level attributes of an API.
PublishedAttributes published_attributes(Api api);

/// An attribute that only one published subclass of a resource has; another class may use its name
/// in its own way.
struct SubclassAttribute {
  std::string_view type;
  PublishedAttribute attribute;
};
std::span<const SubclassAttribute> subclass_attributes();

} // namespace diffo::model

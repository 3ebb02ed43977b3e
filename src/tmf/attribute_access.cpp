#include "tmf/attribute_access.h"

#include "tmf/emit.h"
#include "tmf/vocabulary.h"

#include <algorithm>
#include <array>

namespace diffo::tmf {
namespace {

// Attributes that both versions show as their field holds them.
constexpr std::array<std::string_view, 5> plain_attributes = {"name", "category", "description",
                                                              "serviceType", "resourceVersion"};

} // namespace

AttributeHome home_of(std::string_view attribute, Api api, const graph::Dictionary& dictionary) {
  if (attribute == "id")
    return AttributeHome::id;
  if (attribute == "href")
    return AttributeHome::href;
  if (attribute == "serviceDate" && api == Api::service)
    return AttributeHome::birth;
  if (attribute == "state" && api == Api::service)
    return AttributeHome::word;
  if (std::find(plain_attributes.begin(), plain_attributes.end(), attribute) !=
      plain_attributes.end())
    return AttributeHome::field;
  // The codec can treat specially only what it has a word for.
  if (!dictionary.find(attribute))
    return AttributeHome::unmodelled;
  return AttributeHome::rendered;
}

json::Value render_attributes(const graph::Record& record, const FieldSelection& selection,
                              Version version) {
  std::string text;
  emit(record, version, EmitContext{}, &selection, text);
  auto document = json::read(text);
  DIFFO_ASSERT(document.has_value());
  return std::move(document).value();
}

} // namespace diffo::tmf

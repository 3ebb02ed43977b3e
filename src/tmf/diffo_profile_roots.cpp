#include "graph/foreign_form.h"
#include "model/kinds.h"
#include "model/words.h"
#include "tmf/profile_parts.h"

#include <array>
#include <span>
#include <utility>

namespace diffo::tmf {
namespace {

using graph::ElementView;
using json::Object;
using json::Value;
using model::words::number_of;

// What stands behind the name and the type (profile.md §4).
constexpr std::array<std::string_view, 7> of_individual = {
    "givenName", "familyName", "middleName", "title", "gender", "birthDate", "nationality"};
constexpr std::array<std::string_view, 5> of_organization = {
    "tradingName", "nameType", "organizationType", "isLegalEntity", "isHeadOffice"};
constexpr std::array<std::string_view, 6> of_address = {"streetName",      "streetNr", "locality",
                                                        "stateOrProvince", "country",  "postcode"};
constexpr std::array<std::string_view, 2> of_site = {"siteType", "siteCode"};
constexpr std::string_view site_code = "code"; // what TMF674 calls the latter
constexpr std::array<std::string_view, 1> of_location = {"accuracy"};

/// What a kind calls itself, and what of its own it shows.
struct Form {
  std::string_view type{};
  std::span<const std::string_view> members{};
};

Form form_of(graph::ElementKind kind) {
  switch (kind) {
  case model::kinds::individual:
    return {"Individual", of_individual};
  case model::kinds::organization:
    return {"Organization", of_organization};
  case model::kinds::geographic_address:
    return {"GeographicAddress", of_address};
  case model::kinds::geographic_site:
    return {"GeographicSite", of_site};
  case model::kinds::geographic_location:
    return {"GeographicLocation", of_location};
  default:
    return {};
  }
}

/// A field or an extra of that name; null for none.
Value member_of(const ElementView& root, std::string_view name,
                const graph::Dictionary& dictionary) {
  if (const auto word = dictionary.find(name))
    if (const graph::ValueView value = root.field(*word))
      return value.to_json();
  graph::Name of;
  graph::ValueView value;
  for (graph::ExtraCursor extra = root.extra(); extra.next(of, value);)
    if (of.text == name)
      return value.to_json();
  return {};
}

/// The geometry of a place, however it is wrapped; null for none.
Value geometry_of(const ElementView& root, const graph::Dictionary& dictionary) {
  Value geometry = member_of(root, "geoJson", dictionary);
  if (geometry.is_null())
    geometry = member_of(root, "geometry", dictionary);
  if (const Value* inner = geometry.find("geometry"))
    geometry = Value(*inner);
  const Value* coordinates = geometry.find("coordinates");
  if (coordinates == nullptr || geometry.text_of("type").empty())
    return {};
  return Object{{"type", geometry.text_of("type")}, {"coordinates", *coordinates}};
}

Value specification(const graph::Record& record, const ElementView& root) {
  const std::string type = text_of_field(root, model::words::type);
  const bool of_resources =
      root.kind() == model::kinds::resource_specification || type == "resourceSpecification";
  Object result{{"id", record.id()},
                {"href", path_of(specification_roots[of_resources ? 1 : 0], record.id(),
                                 api_version_of(root))}};
  set_text(result, "name", text_of_field(root, model::words::name));
  set_text(result, "version", text_of_field(root, number_of("version")));
  return result;
}

} // namespace

std::int64_t api_version_of(const ElementView& specification) {
  const graph::ForeignForm form = graph::foreign_form_of(specification);
  const Value* version = form.aside.find("tmfVersion");
  return version != nullptr && version->if_integer() != nullptr ? version->integer() : 4;
}

std::string path_of(std::string_view root, std::string_view id, std::int64_t version) {
  std::string path(root);
  if (version != 4)
    path.replace(path.find("/v4/"), 4, "/v" + std::to_string(version) + "/");
  return path += id;
}

std::string text_of_field(const ElementView& element, graph::Word word) {
  const graph::ValueView value = element.field(word);
  return value ? value.text() : std::string();
}

std::string text_of_root(const ElementView& root, graph::Word word) {
  std::string text = text_of_field(root, word);
  if (!text.empty())
    return text;
  const std::string_view property = word == model::words::href            ? "href"
                                    : word == model::words::referred_type ? "referredType"
                                                                          : std::string_view();
  if (property.empty())
    return text;
  const graph::ForeignForm form = graph::foreign_form_of(root);
  const Value* beside = form.aside.find(property);
  return beside != nullptr && beside->is_string() ? beside->string() : text;
}

std::string type_of_root(const ElementView& root) {
  std::string type = text_of_field(root, model::words::type);
  return type.empty() ? std::string(form_of(root.kind()).type) : type;
}

void set_text(Object& object, std::string_view name, std::string text) {
  if (!text.empty())
    object.set(name, std::move(text));
}

void set_items(Object& object, std::string_view name, json::Array items) {
  if (!items.empty())
    object.set(name, std::move(items));
}

Value profile_of_root(const graph::Record& record, const graph::Dictionary& dictionary) {
  const ElementView root = record.root(dictionary);
  if (record.family() == model::family_specification)
    return specification(record, root);
  Object result{{"id", record.id()}};
  set_text(result, "href", text_of_root(root, model::words::href));
  set_text(result, "name", text_of_field(root, model::words::name));
  const Value geometry =
      record.family() == model::family_place ? geometry_of(root, dictionary) : Value();
  set_text(result, "@referredType", text_of_root(root, model::words::referred_type));
  const Form form = form_of(root.kind());
  std::string type =
      geometry.is_null() ? type_of_root(root) : "GeoJson" + std::string(geometry.text_of("type"));
  set_text(result, "@type", std::move(type));
  for (const std::string_view name : form.members)
    if (Value value = member_of(root, name == of_site[1] ? site_code : name, dictionary);
        !value.is_null())
      result.set(name, std::move(value));
  if (!geometry.is_null()) {
    result.set("@baseType", "GeographicLocation");
    result.set("geoJson", Object{{"geometry", geometry}});
  }
  return result;
}

} // namespace diffo::tmf

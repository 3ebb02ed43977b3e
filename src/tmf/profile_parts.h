#pragma once

#include "graph/record.h"

#include <diffo/json.h>

#include <cstdint>
#include <string>
#include <string_view>

/// What the profile of instances and that of other records have in common.
namespace diffo::tmf {

/// What the reference serves generic instances as (profile.md §1), services first.
inline constexpr std::string_view instance_roots[] = {"serviceInventoryManagement/v4/service/",
                                                      "resourceInventoryManagement/v4/resource/"};
inline constexpr std::string_view specification_roots[] = {
    "serviceCatalogManagement/v4/serviceSpecification/",
    "resourceCatalogManagement/v4/resourceSpecification/"};

/// The version of the API that others name for a specification and its instances; ours is 4.
std::int64_t api_version_of(const graph::ElementView& specification);
std::string path_of(std::string_view root, std::string_view id, std::int64_t version = 4);

/// The text of a field, or empty.
std::string text_of_field(const graph::ElementView& element, graph::Word word);
/// The same of the root of what others wrote, too, which may keep it beside its fields.
std::string text_of_root(const graph::ElementView& root, graph::Word word);

/// The type of a root: its own, else what its kind calls itself; empty where it is of no such kind.
std::string type_of_root(const graph::ElementView& root);

/// Keeps a member unless it has nothing to say.
void set_text(json::Object& object, std::string_view name, std::string text);
void set_items(json::Object& object, std::string_view name, json::Array items);

/// A specification, party, place or entity in the reference's own JSON (profile.md §4).
json::Value profile_of_root(const graph::Record& record, const graph::Dictionary& dictionary);

} // namespace diffo::tmf

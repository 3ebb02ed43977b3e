#pragma once

#include "model/model.h"

#include <diffo/json.h>

#include <string>
#include <string_view>

/// OpenAPI 3.0.3 documents of what this server serves, in our own words.
namespace diffo::openapi {

/// The document of the published interface that an API belongs to, with all its collections, in one
/// version. `base_url` is where it is served, e.g.
/// `http://host/tmf-api/serviceInventory/v4`.
json::Value openapi_document(model::Api api, model::Version version, std::string_view base_url,
                             const model::Model& model);

/// The document of `/diffo/v1` and of the operational paths beside it; `root_url` is the server's
/// root.
json::Value openapi_diffo_document(std::string_view root_url);

} // namespace diffo::openapi

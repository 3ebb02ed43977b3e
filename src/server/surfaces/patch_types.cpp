#include "server/surfaces/patch_types.h"

#include "http/media_type.h"
#include "server/call.h"

namespace diffo::server {
namespace {

constexpr const char* merge_patch_type = "application/merge-patch+json";
constexpr const char* json_patch_type = "application/json-patch+json";
constexpr const char* patch_query_type = "application/json-patch-query+json";

} // namespace

std::vector<std::string> patch_types() {
  return {json_type, merge_patch_type, json_patch_type, patch_query_type};
}

tmf::PatchKind patch_kind_of(const http::Request& request) {
  const auto type = request.header("Content-Type");
  if (http::is_media_type(type, json_patch_type))
    return tmf::PatchKind::json_patch;
  return http::is_media_type(type, patch_query_type) ? tmf::PatchKind::patch_query
                                                     : tmf::PatchKind::merge;
}

} // namespace diffo::server

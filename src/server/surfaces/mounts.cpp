#include "server/surfaces/mounts.h"

#include "model/split.h"

#include <algorithm>

namespace diffo::server {
namespace {

void add_mounts(std::vector<Mount>& mounts, model::Api api) {
  const model::Publication& publication = model::publication_of(api);
  for (const std::string prefix : {"/tmf-api/", "/"})
    for (const model::Version version : {model::Version::v4, model::Version::v5}) {
      if (version == model::Version::v5 && publication.v5.empty())
        continue;
      for (const std::string_view name : model::split(publication.names, ' '))
        mounts.push_back(
            {api, version,
             prefix + std::string(name) + (version == model::Version::v4 ? "/v4" : "/v5")});
    }
}

} // namespace

std::string Mount::path() const {
  return base + '/' + std::string(model::collection_of(api));
}

tmf::EventScope Mount::scope() const {
  return {model::publication_of(api).number, version};
}

std::vector<Mount> inventory_mounts() {
  std::vector<Mount> mounts;
  for (const model::ApiRow& row : model::apis)
    if (model::is_of_instances(row.api))
      add_mounts(mounts, row.api);
  return mounts;
}

std::vector<Mount> neighbour_mounts() {
  std::vector<Mount> mounts;
  for (const model::ApiRow& row : model::apis)
    if (!model::is_of_instances(row.api))
      add_mounts(mounts, row.api);
  return mounts;
}

std::vector<Mount> interface_mounts() {
  std::vector<Mount> mounts;
  for (const model::Publication& publication : model::publications)
    add_mounts(mounts,
               std::find_if(model::apis.begin(), model::apis.end(), [&](const model::ApiRow& row) {
                 return row.publication == publication.number;
               })->api);
  return mounts;
}

} // namespace diffo::server

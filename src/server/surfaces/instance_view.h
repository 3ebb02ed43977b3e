#pragma once

#include "graph/subgraph.h"
#include "server/call.h"
#include "server/conditions.h"
#include "server/parameters.h"
#include "server/services.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

/// Instances in the reference's own JSON, for the surfaces that show them so.
namespace diffo::server {

/// The keys that an id may mean: a service or a resource.
std::vector<graph::Key> instance_keys(const graph::Principal& principal, const std::string& id);
/// The keys that an id may mean where the reference shows it: instances first.
std::vector<graph::Key> profiled_keys(const graph::Principal& principal, const std::string& id);

/// The same of the `{id}` of a path, of which `family` (service or resource) leaves one. Errors:
/// invalid.
Result<std::vector<graph::Key>> keys_asked_for(const Call& call, const Parameters& parameters);
/// The same of whatever has a history, of which `family` may also name the collection of a
/// neighbour: individual, geographicSite, … Errors: invalid.
Result<std::vector<graph::Key>> keys_with_history(const Call& call, const Parameters& parameters);
/// What is said of an id of which there is a service and a resource.
Error ambiguous_id();

/// The instance that the `{id}` of a path means; `family` (service or resource) tells two of the
/// same id apart. Errors: invalid, not_found, conflict.
Result<graph::RecordRef> instance_asked_for(const Call& call, const Parameters& parameters,
                                            graph::Subgraph& subgraph);

struct ShownInstance {
  EntityTag tag;
  std::string body; ///< empty: the client has it
};

/// The first of the keys that there is, unless the client's conditions say that it has it. `load`:
/// what it inherits and calculates that is shown too. Without `now` it is shown without what was
/// assigned: of past revisions a store may know records alone. Errors: not_found; those of
/// conditions.
Result<ShownInstance> show_instance(const Call& call, const std::vector<graph::Key>& keys,
                                    const std::vector<std::string>& load, graph::Subgraph& subgraph,
                                    std::optional<std::int64_t> now);

/// Shows a record that a call has just written.
void answer_instance_written(const Services& services, const CallRef& call, int status,
                             graph::RecordRef record, Headers headers = {});

} // namespace diffo::server

#pragma once

#include "graph/store.h"
#include "graph/subgraph.h"

#include <diffo/result.h>

#include <string>
#include <string_view>

/// Channels of events (TMF688): those of all interfaces, in v4, that the topic's queries take.
namespace diffo::server {

/// What a topic is there for. What it takes never changes.
struct Topic {
  std::string header_query; ///< conditions like those of a subscription; empty: all events
  std::string content_query;
};

/// Whether a query can be that of a topic, whatever raises what it asks for. Errors: those of
/// EventFilter, with the name of the member as path.
Result<void> check_topic_query(std::string_view member, std::string_view query);

/// Errors: not_found; conflict for one whose queries cannot be read, as an import may bring it.
Result<Topic> find_topic(graph::Subgraph& subgraph, const graph::Key& key);
/// The same of the newest revision, for threads that may wait. Errors: of the store, too.
Result<Topic> find_topic(graph::Store& store, const graph::Key& key);

} // namespace diffo::server

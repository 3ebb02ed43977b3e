#include "server/hub/topic.h"

#include "rules/instances.h"
#include "tmf/emit.h"

namespace diffo::server {

Result<Topic> find_topic(graph::Subgraph& subgraph, const graph::Key& key) {
  const graph::RecordRef record = subgraph.find(key);
  if (!record)
    return rules::not_found(subgraph.schema(), key);
  const json::Value document =
      tmf::document_of(*record, model::Version::v4, {.schema = subgraph.schema()});
  return Topic{std::string(document.text_of("headerQuery")),
               std::string(document.text_of("contentQuery"))};
}

Result<Topic> find_topic(graph::Store& store, const graph::Key& key) {
  graph::Subgraph subgraph = TRY(graph::read_and_wait(store, {}, {.records = {key}}));
  return find_topic(subgraph, key);
}

} // namespace diffo::server

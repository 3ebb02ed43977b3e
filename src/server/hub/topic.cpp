#include "server/hub/topic.h"

#include "rules/instances.h"
#include "server/hub/event_filter.h"
#include "tmf/emit.h"

namespace diffo::server {

namespace {

constexpr const char* header_query = "headerQuery";
constexpr const char* content_query = "contentQuery";

Result<std::string> query_in(const json::Value& topic, const char* member) {
  std::string query(topic.text_of(member));
  if (const auto checked = check_topic_query(member, query); !checked)
    return Error{ErrorCode::conflict,
                 std::string("the ") + member +
                     " of the topic cannot be read: " + checked.error().message};
  return query;
}

} // namespace

Result<void> check_topic_query(std::string_view member, std::string_view query) {
  if (const auto filter = EventFilter::parse(query, {}, EventFilter::Strange::of_others); !filter)
    return Error{filter.error().code, filter.error().message, '/' + std::string(member)};
  return {};
}

Result<Topic> find_topic(graph::Subgraph& subgraph, const graph::Key& key) {
  const graph::RecordRef record = subgraph.find(key);
  if (!record)
    return rules::not_found(subgraph.schema(), key);
  const json::Value document =
      tmf::document_of(*record, model::Version::v4, {.schema = subgraph.schema()});
  return Topic{TRY(query_in(document, header_query)), TRY(query_in(document, content_query))};
}

Result<Topic> find_topic(graph::Store& store, const graph::Key& key) {
  graph::Subgraph subgraph = TRY(graph::read_and_wait(store, {}, {.records = {key}}));
  return find_topic(subgraph, key);
}

} // namespace diffo::server

#include "rules/instances.h"
#include "server/on_reader.h"
#include "server/surfaces/resource.h"

#include <utility>

namespace diffo::server {

/// On a worker, in one subgraph: what is shown beneath references is of the same revision.
void Resource::get_expanded(const CallRef& call, ExpansionRequest asked, Shown shown) const {
  on_reader(services_, call,
            [this, asked = std::move(asked), shown = std::move(shown)](Call& asking) {
              return answer_expanded(asking, asked, shown);
            });
}

Result<void> Resource::answer_expanded(Call& call, const ExpansionRequest& asked,
                                       const Shown& shown) const {
  const graph::Key key = key_of(call);
  graph::Subgraph subgraph = TRY(graph::read_and_wait(services_.store, {}, rules::plan_for(key)));
  const graph::Schema& schema = subgraph.schema();
  const graph::RecordRef record = subgraph.find(key);
  if (!record || !form_->holds(*record, schema))
    return rules::not_found(schema, key);
  std::vector<Presented> one = presented_all({&record, 1}, subgraph);
  // A list tells of all links at once, in its own tag.
  if (one.front().referenced)
    one.front().tag.derived += one.front().referenced->text();
  TRY(expand_in(one, asked, shown, subgraph, record->memory_bytes()));
  return answer_one(call, one.front(), schema, shown);
}

/// Leaves out documents behind those that make up so many bytes. The tag of each tells of all that
/// was found: which document shows it makes no difference to a page.
Result<void> Resource::expand_in(std::vector<Presented>& page, const ExpansionRequest& asked,
                                 const Shown& shown, graph::Subgraph& subgraph,
                                 std::size_t most_bytes) const {
  std::vector<ExpandableDocument> documents;
  std::size_t bytes = 0;
  Shown with_links = shown;
  for (const Presented& one : page) {
    if (bytes > most_bytes)
      break;
    bytes += one.record->memory_bytes();
    with_links.referenced = one.referenced;
    documents.push_back({one.record->key(), form_->expandable()->document(*one.record, with_links,
                                                                          subgraph.schema())});
  }
  page.resize(documents.size());
  const std::string told =
      TRY(expand(documents, asked, {shown.origin, services_.clock.now().microseconds}, subgraph));
  for (std::size_t at = 0; at < page.size(); ++at) {
    page[at].expanded = std::move(documents[at].document);
    page[at].tag.derived = digest_of(page[at].tag.derived + told);
  }
  return {};
}

void Resource::write(const Presented& presented, Shown& shown, const graph::Schema& schema,
                     std::string& out) const {
  if (presented.expanded) {
    form_->expandable()->write_document(*presented.expanded, shown, out);
    return;
  }
  shown.referenced = presented.referenced;
  form_->write(*presented.record, shown, schema, out);
}

} // namespace diffo::server

#include "server/surfaces/topic_form.h"

#include "model/kinds.h"
#include "server/hub/subscription.h"
#include "server/hub/topic.h"
#include "server/surfaces/tmf_form.h"

#include <string>
#include <utility>
#include <vector>

namespace diffo::server {
namespace {

/// Errors: conflict, naming those who are told of its events.
Result<void> check_unheard(const graph::Record& topic, graph::Subgraph& subgraph) {
  graph::Query query;
  query.tenant = topic.key().tenant;
  query.families = {model::family_subscription};
  query.limit = 1000; // more than there may be
  graph::FetchPlan plan;
  plan.queries = {query};
  subgraph.announce(plan);
  const graph::Page page = TRY(subgraph.query(query));
  std::string listeners;
  for (const graph::RecordRef& record : page.records)
    if (TRY(stored_subscription(*record, subgraph.schema())).topic == topic.id())
      listeners.append(listeners.empty() ? "" : ", ").append(record->id());
  if (listeners.empty())
    return {};
  return Error{ErrorCode::conflict, "there are subscriptions to it: " + listeners};
}

class TopicForm final : public TmfForm {
public:
  using TmfForm::TmfForm;

  [[nodiscard]] Result<graph::RecordDraft> read(json::Value document, const graph::Context& context,
                                                const graph::Schema& schema) const override {
    std::vector<Error> problems;
    for (const char* name : {"headerQuery", "contentQuery"}) {
      const json::Value* query = document.find(name);
      if (query == nullptr || !query->is_string())
        continue;
      if (const auto checked = check_topic_query(name, query->string()); !checked)
        problems.push_back(checked.error());
    }
    if (!problems.empty())
      return joined(std::move(problems));
    return TmfForm::read(std::move(document), context, schema);
  }
  [[nodiscard]] Result<rules::Further> erased(const graph::Record& record,
                                              graph::Subgraph& subgraph,
                                              const graph::Context&) const override {
    TRY(check_unheard(record, subgraph));
    return rules::Further{};
  }
};

} // namespace

std::unique_ptr<const DocumentForm> topic_form(Mount mount) {
  return std::make_unique<const TopicForm>(std::move(mount));
}

} // namespace diffo::server

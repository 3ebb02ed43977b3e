#include "server/hub/event_maker.h"

#include <utility>

namespace diffo::server {

MadeEvents EventMaker::events_of(const graph::Delta& commit, std::size_t change,
                                 const Subscription& subscription) {
  const tmf::EventScope scope = subscription.scope();
  Name name{subscription.base, scope.publication, commit.sequence, change}; // with the version
  if (const auto known = made_.find(name); known != made_.end())
    return known->second;
  auto made = std::make_shared<std::vector<MadeEvent>>();
  std::size_t bytes = sizeof(MadeEvent);
  tmf::EmitContext context{.schema = schema_(), .api_base = subscription.base};
  if (!subscription.topic.empty())
    context.origin = origin_of_base(subscription.base);
  for (tmf::Event& event : tmf::events_of(commit, commit.changes[change], scope, context)) {
    MadeEvent& one = made->emplace_back();
    one.kind = event.kind;
    one.document = std::move(event.document);
    one.body = std::make_shared<const std::string>(json::to_text(one.document));
    bytes += one.body->size();
  }
  made_.emplace(name, made);
  order_.emplace_back(std::move(name), bytes);
  bytes_ += bytes;
  while (order_.size() > most_kept || (bytes_ > most_kept_bytes && order_.size() > 1)) {
    bytes_ -= order_.front().second;
    made_.erase(order_.front().first);
    order_.pop_front();
  }
  return made;
}

} // namespace diffo::server

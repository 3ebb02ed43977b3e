#pragma once

#include "graph/delta.h"
#include "graph/schema.h"
#include "server/hub/subscription.h"
#include "tmf/event.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace diffo::server {

/// An event as it is sent.
struct MadeEvent {
  tmf::EventKind kind;
  json::Value document;
  std::shared_ptr<const std::string> body; ///< shared by all who are sent it
};
/// Shared by all who see the interface alike.
using MadeEvents = std::shared_ptr<const std::vector<MadeEvent>>;

/// Makes events once for all subscribers who see them alike, and remembers the last. Thread rule:
/// one thread.
class EventMaker {
public:
  static constexpr std::size_t most_kept = 1024;
  static constexpr std::size_t most_kept_bytes = std::size_t{8} << 20U;

  using SchemaNow = std::function<const graph::Schema&()>;

  /// Each commit is read by the newest schema, which reads all that is older: a model may have been
  /// put since.
  explicit EventMaker(SchemaNow schema) : schema_(std::move(schema)) {}
  /// The events of one change of a commit for a subscription.
  MadeEvents events_of(const graph::Delta& commit, std::size_t change,
                       const Subscription& subscription);

private:
  /// Where it is seen, and as part of what: a topic has the events of all interfaces.
  using Name = std::tuple<std::string, std::uint16_t, graph::Sequence, std::size_t>;
  SchemaNow schema_;
  std::map<Name, MadeEvents> made_;
  std::deque<std::pair<Name, std::size_t>> order_; ///< the oldest first, with its bytes
  std::size_t bytes_ = 0;
};

} // namespace diffo::server

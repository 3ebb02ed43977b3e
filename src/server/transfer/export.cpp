#include "server/transfer/export.h"

#include "model/schema.h"
#include "tmf/import_line.h"

#include <utility>

namespace diffo::server {

Result<graph::Page> Exporter::read(graph::Query query) {
  // Pages are too short for their own search to notice.
  if (cancellation_.is_requested())
    return Error{ErrorCode::unavailable, "nobody waits for the export any more"};
  graph::Pin pin;
  if (pinned_)
    pin.at = pinned_->sequence();
  graph::FetchPlan plan;
  plan.queries.push_back(std::move(query));
  plan.cancellation = cancellation_;
  pinned_ = TRY(graph::read_and_wait(store_, std::move(pin), std::move(plan)));
  return pinned_->page(0);
}

/// Takes the next records, of what is first and then of what should be; false when none is left.
Result<bool> Exporter::take_page() {
  constexpr std::uint64_t records_at_once = 50;
  page_.clear();
  next_ = 0;
  while (true) {
    if (ended_ && which_ == graph::Which::expected)
      return false;
    if (ended_) {
      which_ = graph::Which::expected;
      after_.reset();
    }
    graph::Query query;
    query.tenant = tenant_;
    query.families = {model::family_service, model::family_resource};
    query.which = which_;
    query.after = after_;
    query.count = false;
    query.limit = records_at_once;
    graph::Page page = TRY(read(std::move(query)));
    page_ = std::move(page.records);
    after_ = std::move(page.next);
    ended_ = !after_;
    if (!page_.empty())
      return true;
  }
}

Result<bool> Exporter::next(std::string& out) {
  constexpr std::size_t bytes_at_once = std::size_t{64} << 10;
  const std::size_t before = out.size();
  while (out.size() - before < bytes_at_once) {
    if (next_ == page_.size() && !TRY(take_page()))
      break;
    tmf::export_line(*page_[next_++], pinned_->schema(), out);
    out += '\n';
  }
  return out.size() > before;
}

} // namespace diffo::server

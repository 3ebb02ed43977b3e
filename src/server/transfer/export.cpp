#include "server/transfer/export.h"

#include "model/api.h"
#include "model/declared.h"
#include "model/model.h"
#include "model/schema.h"
#include "rules/assignment_line.h"
#include "rules/enforce.h"
#include "tmf/import_line.h"

#include <utility>

namespace diffo::server {

namespace {

/// The specifications of declared kinds come with the model.
bool is_declared(const graph::Record& record, const graph::Schema& schema) {
  return record.family() == model::family_specification &&
         model::model_of(schema).declared().specified(record.id()) != nullptr;
}

/// A stand-in for a party or place that others keep elsewhere, which the shared graph has alone: no
/// API has such an entity, so no line could be read as one.
bool is_stand_in(const graph::Record& record, const graph::Schema& schema) {
  return (record.family() == model::family_party || record.family() == model::family_place) &&
         !model::api_of_root(record.root(schema.dictionary()).kind());
}

} // namespace

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

/// Takes the next records: of what is, then of what should be, then what has been assigned; false
/// when none is left.
Result<bool> Exporter::take_page() {
  constexpr std::uint64_t records_at_once = 50;
  page_.clear();
  next_ = 0;
  while (true) {
    if (ended_) {
      if (part_ == Part::assignments)
        return false;
      part_ = part_ == Part::actual ? Part::expected : Part::assignments;
      after_.reset();
    }
    graph::Query query;
    query.tenant = tenant_;
    query.families = {model::family_service, model::family_resource,      model::family_party,
                      model::family_place,   model::family_specification, model::family_catalog,
                      model::family_topic};
    if (part_ == Part::assignments)
      query.families = {model::family_assignment};
    query.which = part_ == Part::expected ? graph::Which::expected : graph::Which::actual;
    query.after = after_;
    query.count = false;
    query.limit = records_at_once;
    graph::Page page = TRY(read(std::move(query)));
    page_ = std::move(page.records);
    std::erase_if(page_, [this](const graph::RecordRef& record) {
      return is_declared(*record, pinned_->schema()) || is_stand_in(*record, pinned_->schema());
    });
    after_ = std::move(page.next);
    ended_ = !after_;
    if (!page_.empty())
      return true;
  }
}

Result<void> Exporter::write_line(const graph::Record& record, std::string& out) {
  if (record.family() != model::family_assignment) {
    tmf::export_line(record, pinned_->schema(), out);
    return {};
  }
  const rules::Assigned assigned = rules::read_assigned(record, pinned_->schema());
  graph::FetchPlan plan;
  plan.records.emplace_back(record.tenant(), assigned.assigner.family, assigned.assigner.id);
  pinned_->announce(plan);
  const graph::RecordRef assigner = pinned_->find(plan.records.front());
  const model::DeclaredKind* kind =
      assigner ? rules::kind_of(model::model_of(pinned_->schema()), *assigner) : nullptr;
  const model::Pool* pool = kind != nullptr ? kind->pool(assigned.pool) : nullptr;
  json::write(
      rules::assignment_line(assigned, pool != nullptr && pool->units == model::Units::blocks),
      out);
  return {};
}

Result<bool> Exporter::next(std::string& out) {
  constexpr std::size_t bytes_at_once = std::size_t{64} << 10;
  const std::size_t before = out.size();
  while (out.size() - before < bytes_at_once) {
    if (next_ == page_.size() && !TRY(take_page()))
      break;
    TRY(write_line(*page_[next_++], out));
    out += '\n';
  }
  return out.size() > before;
}

} // namespace diffo::server

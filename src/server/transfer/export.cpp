#include "server/transfer/export.h"

#include "model/schema.h"
#include "tmf/import_line.h"

namespace diffo::server {

bool Exporter::next(std::string& out) {
  constexpr std::uint64_t records_at_once = 50;
  while (true) {
    graph::Query query;
    query.tenant = tenant_;
    query.families = {model::family_service, model::family_resource};
    query.which = which_;
    query.after = after_;
    query.count = false;
    query.limit = records_at_once;
    const auto page = ended_ ? graph::Page() : revision_->query(query);
    if (page && !page->records.empty()) {
      for (const graph::RecordRef& record : page->records) {
        tmf::export_line(*record, out);
        out += '\n';
      }
      after_ = page->next;
      ended_ = !after_;
      return true;
    }
    if (which_ == graph::Which::expected)
      return false;
    which_ = graph::Which::expected;
    after_.reset();
    ended_ = false;
  }
}

} // namespace diffo::server

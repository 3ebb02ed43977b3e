#include "testing/added_model.h"

#include <string_view>
#include <utility>
#include <vector>

namespace diffo::testing {
namespace {

using model::Api;

model::Attribute text_row(graph::ElementKind owner, std::string_view name) {
  return {.owner = owner, .name = name, .reading = Reading::text};
}

std::vector<model::Attribute> attributes() {
  auto rows = model::inventory_attributes();
  model::Attribute tier = text_row(model::kinds::service, "tier");
  tier.words = "gold silver bronze";
  tier.schema = "Tier";
  tier.property = "tier";
  tier.index = 40;
  rows.push_back(tier);
  rows.push_back({.owner = model::kinds::service,
                  .name = "checkpoint",
                  .home = model::Home::part,
                  .v4 = model::Form::objects,
                  .v5 = model::Form::objects,
                  .holds = checkpoint});
  rows.push_back({.owner = model::kinds::service,
                  .name = "backup",
                  .home = model::Home::edge,
                  .v4 = model::Form::objects,
                  .v5 = model::Form::objects,
                  .holds = backup_reference});
  for (const char* name : {"code", "remark", "@type"})
    rows.push_back(text_row(checkpoint, name));
  for (const char* name : {"id", "href", "name", "@type"})
    rows.push_back(text_row(backup_reference, name));
  return rows;
}

std::vector<model::Kind> kinds() {
  auto all = model::inventory_kinds();
  all.push_back({.kind = checkpoint,
                 .name = "checkpoint",
                 .type = {"Checkpoint", "Checkpoint"},
                 .keys = "code",
                 .labels = "Checkpoint",
                 .relationship = "HAS",
                 .schema = "Checkpoint",
                 .about = "Where it was looked at."});
  all.push_back({.kind = backup_reference,
                 .name = "backup",
                 .role = graph::ElementRole::edge,
                 .build = model::Build::reference,
                 .target = model::family_service,
                 .inner_type = {"ServiceRef", "ServiceRef"},
                 .keys = "id",
                 .relationship = "BACKED_UP_BY",
                 .schema = "Reference",
                 .about = "What stands in for it."});
  return all;
}

} // namespace

const model::Model& added_model() {
  static const model::Model model(attributes(), kinds());
  return model;
}

} // namespace diffo::testing

#include "server/surfaces/outstanding_view.h"

#include "base/time.h"
#include "loop/document_fields.h"
#include <utility>

namespace diffo::server {
namespace {

json::Value residue_of(const outstanding::Evaluation& evaluation) {
  return evaluation.residue ? *evaluation.residue : json::Value();
}

json::Value footprint_view(const graph::Footprint& footprint, outstanding::Profile profile,
                           const graph::Schema& schema) {
  json::Array reads;
  for (const graph::Footprint::RecordRead& read : footprint.records) {
    json::Array attributes;
    for (std::string& attribute : loop::attributes_of(read, schema, profile))
      attributes.emplace_back(std::move(attribute));
    const graph::FamilyDefinition* family = schema.family(read.key.family);
    reads.push_back(json::Object{{"family", family != nullptr ? family->name : std::string()},
                                 {"id", read.key.id},
                                 {"attributes", std::move(attributes)}});
  }
  return reads;
}

json::Value target_view(const loop::TargetResidue& target, outstanding::Profile profile,
                        const loop::EvaluateOptions& options, const graph::Schema& schema) {
  json::Object view;
  if (!target.family.empty())
    view.append("family", target.family);
  if (!target.id.empty())
    view.append("id", target.id);
  view.append("exists", target.sequence != 0);
  if (target.sequence != 0)
    view.append("sequence", static_cast<std::int64_t>(target.sequence));
  view.append("outstanding", residue_of(target.evaluation));
  view.append("unmet", static_cast<std::int64_t>(target.evaluation.unmet));
  if (options.explain == outstanding::Explain::yes) {
    view.append("explain", outstanding::explanation_json(target.evaluation, options.now));
    view.append("footprint", footprint_view(target.footprint, profile, schema));
  }
  return view;
}

bool about_one_thing(const loop::ExpectationTarget& target) {
  return std::holds_alternative<loop::TargetById>(target) ||
         std::holds_alternative<loop::TargetByKey>(target);
}

} // namespace

json::Value outstanding_view(const loop::ExpectationDocument& expectation, const std::string& id,
                             const loop::ExpectationResidue& residue,
                             const loop::EvaluateOptions& options,
                             const graph::Subgraph& subgraph) {
  json::Object view;
  if (!id.empty())
    view.append("id", id);
  if (!expectation.name.empty())
    view.append("name", expectation.name);
  if (!expectation.owner.empty())
    view.append("owner", expectation.owner);
  view.append("met", !residue.outstanding());
  if (!residue.in_force)
    view.append("inForce", false);
  if (residue.targets.size() == 1 && about_one_thing(expectation.target))
    view.append("outstanding", residue_of(residue.targets.front().evaluation));
  json::Array targets;
  for (const loop::TargetResidue& target : residue.targets)
    targets.push_back(target_view(target, expectation.profile, options, subgraph.schema()));
  view.append("targets", std::move(targets));
  view.append("sequence", static_cast<std::int64_t>(subgraph.sequence()));
  view.append("evaluatedAt", text_of(Timestamp{options.now.microseconds}));
  if (residue.next_flip)
    view.append("nextFlip", text_of(Timestamp{residue.next_flip->microseconds}));
  return view;
}

} // namespace diffo::server

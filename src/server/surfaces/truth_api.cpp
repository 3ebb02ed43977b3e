#include "server/surfaces/truth_api.h"

#include "base/time.h"
#include "graph/unseen.h"
#include "rules/instances.h"
#include "server/parameters.h"
#include "server/surfaces/evaluate_options.h"
#include "server/surfaces/instance_view.h"
#include "server/surfaces/standing.h"

#include <algorithm>
#include <utility>

namespace diffo::server {
namespace {

/// Of all expectations of an instance together.
constexpr std::size_t most_leaves = 10'000;

/// A leaf that is met, or one that does not stand because nothing of its expectation does.
json::Object plain_view(const outstanding::Leaf& leaf, const std::string& expectation) {
  json::Object view{{"expectation", expectation},
                    {"pointer", leaf.pointer},
                    {"address", leaf.address},
                    {"expected", leaf.expected}};
  if (leaf.actual)
    view.append("actual", *leaf.actual);
  view.append("rule", leaf.rule);
  view.append("met", leaf.met);
  if (leaf.provenance && !leaf.provenance->source.empty())
    view.append("source", leaf.provenance->source);
  if (leaf.provenance && leaf.provenance->observed_at)
    view.append("observedAt", text_of(Timestamp{leaf.provenance->observed_at->microseconds}));
  if (leaf.next_flip)
    view.append("nextFlip", text_of(Timestamp{leaf.next_flip->microseconds}));
  view.append("outstanding", !leaf.met);
  return view;
}

/// All that is expected of one target, leaf by leaf.
class Truth {
public:
  Truth(const loop::Standing& standing, ResidueRows& rows, const loop::EvaluateOptions& options,
        std::string origin)
      : rows_(rows), options_(options), origin_(std::move(origin)), index_(*standing.index) {}

  Result<void> add(const graph::Key& target, const graph::Key& expectation) {
    loop::Residue asked;
    asked.expectation = expectation;
    asked.target = target;
    const auto detail = rows_.evaluated(asked, options_);
    const ExpectationFacts& facts = rows_.facts_of(expectation);
    json::Object view{{"expectation", expectation.id}};
    if (!facts.name.empty())
      view.append("name", facts.name);
    if (!facts.owner.empty())
      view.append("owner", facts.owner);
    view.append("side", facts.side);
    view.append("mode", facts.mode);
    const auto residues = index_.find(target);
    const loop::Residue* residue = residues ? residues->find(expectation) : nullptr;
    view.append("outstanding", residue != nullptr && residue->is_outstanding());
    if (!detail)
      view.append("error", "cannot be evaluated");
    expectations_.emplace_back(std::move(view));
    const bool in_force = detail && loop::in_force(detail->document, options_.now).now;
    if (!in_force)
      return {};
    if (leaves_.size() + detail->leaves.size() > most_leaves)
      return Error{ErrorCode::too_large, "more than 10000 leaves are expected of the instance"};
    add_leaves(*detail, residue, expectation);
    return {};
  }

  json::Object finish(const graph::Key& target, const std::string& kind,
                      const std::optional<graph::Unseen>& unseen) {
    std::stable_sort(leaves_.begin(), leaves_.end(), [](const auto& a, const auto& b) {
      return a.text_of("address") < b.text_of("address");
    });
    json::Object view{{"id", target.id},
                      {"family", target.family == model::family_service ? "service" : "resource"}};
    if (!kind.empty())
      view.append("kind", kind);
    if (unseen)
      view.append("unseen", json::Object{{"source", unseen->source},
                                         {"since", text_of(Timestamp{unseen->at})},
                                         {"means", unseen->gone ? "missing" : "unknown"}});
    view.append("expectations", std::move(expectations_));
    view.append("leaves", std::move(leaves_));
    return view;
  }

private:
  void add_leaves(const ResidueRows::Detail& detail, const loop::Residue* residue,
                  const graph::Key& expectation) {
    const auto standing = loop::leaves_by_id(residue);
    for (const auto& [id, leaf] : detail.leaves) {
      const auto stands = standing.find(id);
      if (stands == standing.end()) {
        leaves_.emplace_back(plain_view(leaf, expectation.id));
        continue;
      }
      json::Object view = rows_.leaf_view(*residue, *stands->second, origin_, options_);
      view.erase("target");
      view.append("met", false);
      leaves_.emplace_back(std::move(view));
    }
  }

  ResidueRows& rows_;
  const loop::EvaluateOptions& options_;
  std::string origin_;
  const loop::ResidueIndex& index_;
  json::Array expectations_;
  json::Array leaves_;
};

} // namespace

void TruthApi::add_routes(http::Router& router) {
  add_route(router, http::Method::get, "/diffo/v1/instances/{id}/truth",
            [this](const CallRef& call) { start(call); }, {.produces = {json_type}});
}

/// Which instance is meant, and then what is expected of it.
void TruthApi::start(const CallRef& call) const {
  graph::FetchPlan plan;
  plan.records = instance_keys(*call->principal, std::string(call->request.parameter("id")));
  services_.store.read({}, std::move(plan), nullptr, [this, call](Result<graph::Subgraph> read) {
    if (!read)
      return answer_error(*call, read.error());
    const auto found = [&]() -> Result<graph::Key> {
      const Parameters parameters = TRY(Parameters::parse(call->request, {"family"}));
      return TRY(instance_asked_for(*call, parameters, *read))->key();
    }();
    if (!found)
      return answer_error(*call, found.error());
    const graph::Key& target = *found;
    services_.residues.when(
        read->sequence(), target,
        [this, call, target](const loop::StandingRef& standing,
                             const loop::StandingResidues::Expectations& expectations) {
          if (!expectations)
            return answer_error(*call, expectations.error());
          answer_on_worker(
              services_, call, standing,
              [this, target, about = *expectations](Call& asked, const loop::StandingRef& stands) {
                return answer_truth(asked, stands, target, about);
              });
        });
  });
}

Result<void> TruthApi::answer_truth(Call& call, const loop::StandingRef& standing,
                                    const graph::Key& target,
                                    const std::vector<graph::Key>& expectations) const {
  loop::EvaluateOptions options = options_at(services_, *standing, target.tenant);
  options.explain = outstanding::Explain::all;
  json::Object view;
  const auto conclude = [&](graph::Subgraph& subgraph) -> Result<void> {
    ResidueRows rows(*standing, target.tenant, subgraph);
    Truth truth(*standing, rows, options, origin_of(call.request, services_.public_url));
    for (const graph::Key& expectation : expectations)
      TRY(truth.add(target, expectation));
    const std::string kind = rows.kind_of(target);
    const graph::RecordRef record = subgraph.find(target);
    view = truth.finish(target, kind,
                        record ? graph::unseen_of(record->root(subgraph.schema().dictionary()))
                               : std::nullopt);
    return {};
  };
  TRY(graph::read_in_rounds(services_.store, {.at = standing->sequence}, {}, nullptr, conclude));
  answer(call, 200, json::to_text(view), {revision_header(*standing)});
  return {};
}

} // namespace diffo::server

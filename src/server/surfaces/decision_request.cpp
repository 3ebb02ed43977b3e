#include "server/surfaces/decision_request.h"

#include "base/dates.h"
#include "loop/expectation_record.h"
#include "loop/kind_expectation.h"
#include "loop/targets.h"
#include "model/kinds.h"

#include <algorithm>
#include <set>
#include <utility>

namespace diffo::server {
namespace {

using json::Value;
using Rows = std::vector<ResidueRows::Row>;

Error invalid(std::string message, std::string path) {
  return {ErrorCode::invalid, std::move(message), std::move(path)};
}

Result<std::string> text_member(const Value& body, const char* name) {
  const Value* value = body.find(name);
  if (value == nullptr)
    return std::string();
  if (!value->is_string() || value->string().size() > longest_reason)
    return invalid("must be a text of at most 2000 bytes", std::string("/") + name);
  return value->string();
}

Result<loop::Verdict> read_verdict(const Value& body) {
  const std::string_view given = body.text_of("decision");
  const auto verdict = loop::verdict_of(given);
  if (!verdict)
    return invalid("must be push, adopt or approve", "/decision");
  return *verdict;
}

Result<void> check_members(const Value& body) {
  constexpr std::string_view known[] = {"leaves", "residue", "filter", "decision",
                                        "reason", "until",   "scope",  "dryRun"};
  for (const json::Member& member : body.object())
    if (std::find(std::begin(known), std::end(known), member.name) == std::end(known))
      return invalid("is not a member of a decision", '/' + member.name);
  return {};
}

/// Refuses to let an expectation of several targets follow one of them.
Result<void> check_scope(const DecisionRequest& request, const loop::ExpectationDocument& document,
                         const std::string& id, graph::Tenant tenant, graph::Subgraph& subgraph) {
  if (request.all_targets || std::holds_alternative<loop::TargetById>(document.target))
    return {};
  const auto targets = TRY(
      loop::targets_of(document.target, subgraph, tenant, loop::EvaluateOptions().most_targets));
  if (targets.size() <= 1)
    return {};
  return Error{ErrorCode::conflict,
               "the expectation " + id + " is about " + std::to_string(targets.size()) +
                   " instances, of which one would be followed by all: say \"scope\": \"all\" to "
                   "mean that"};
}

/// All of a push or nothing.
Result<void> refuse_unreachable(const Plan& plan) {
  constexpr std::size_t most_told = 100; ///< leaves that are told of
  std::vector<Error> problems;
  for (const Unreachable& one : plan.unreachable)
    if (problems.size() < most_told)
      problems.push_back({ErrorCode::conflict, "the leaf " + one.row.id.text() + " (" +
                                                   one.row.leaf->address +
                                                   ") cannot be pushed: " + one.reason});
  if (problems.empty())
    return {};
  return joined(std::move(problems));
}

/// The expectations that follow what is there at the rows.
Result<std::vector<Adoption>> adoptions_of(const DecisionRequest& request, const Rows& chosen,
                                           ResidueRows& rows, graph::Subgraph& subgraph,
                                           const loop::EvaluateOptions& options,
                                           const graph::Context& context) {
  std::map<graph::Key, std::vector<AdoptedLeaf>> by_expectation;
  std::map<graph::Key, std::set<std::string>> pointers;
  for (const ResidueRows::Row& row : chosen) {
    const outstanding::Leaf* leaf = rows.detail_of(*row.residue, row.id, options);
    if (leaf == nullptr)
      return Error{ErrorCode::conflict, "the leaf " + row.id.text() + " cannot be evaluated"};
    // Several targets may lack the same.
    if (leaf->rule == "$only" || pointers[row.residue->expectation].insert(leaf->pointer).second)
      by_expectation[row.residue->expectation].push_back({*leaf, row.residue->target});
  }
  std::vector<Adoption> adoptions;
  for (const auto& [expectation, leaves] : by_expectation) {
    if (loop::is_kind_expectation(expectation))
      return Error{ErrorCode::conflict, leaves.front().leaf.address +
                                            " cannot be adopted: the kind " +
                                            loop::kind_of_expectation(expectation) +
                                            " demands it, which a model alone changes"};
    const graph::RecordRef record = subgraph.find(expectation);
    if (!record)
      return Error{ErrorCode::conflict, "the expectation " + expectation.id + " is gone"};
    TRY(check_scope(request, TRY(loop::expectation_of(*record, subgraph)), expectation.id,
                    expectation.tenant, subgraph));
    adoptions.push_back(TRY(adoption_of(record, leaves, subgraph, options, context)));
  }
  return adoptions;
}

} // namespace

Result<DecisionRequest> read_decision_request(std::string_view body_text, std::int64_t now) {
  const Value body = TRY(read_json(body_text));
  if (!body.is_object())
    return invalid("a decision is an object", "");
  TRY(check_members(body));
  DecisionRequest request;
  request.verdict = TRY(read_verdict(body));
  request.reason = TRY(text_member(body, "reason"));
  if (const std::string until = TRY(text_member(body, "until")); !until.empty()) {
    const auto instants = parse_instants(until);
    if (!instants)
      return invalid("must be a date or a date-time", "/until");
    if (instants->from <= now)
      return invalid("must be ahead", "/until");
    if (request.verdict != loop::Verdict::approve)
      return invalid("is only of an approval", "/until");
    request.until = instants->from;
  }
  if (const std::string scope = TRY(text_member(body, "scope")); !scope.empty()) {
    if (scope != "all")
      return invalid("must be all", "/scope");
    request.all_targets = true;
  }
  if (const Value* dry_run = body.find("dryRun")) {
    if (!dry_run->is_boolean())
      return invalid("must be true or false", "/dryRun");
    request.dry_run = dry_run->boolean();
  }
  request.what = TRY(read_asked_leaves(body));
  return request;
}

Result<DecidedOn> decided_on(const DecisionRequest& request, const loop::Standing& standing,
                             graph::Tenant tenant, graph::Subgraph& subgraph,
                             const loop::EvaluateOptions& options, const TaskSettings& settings,
                             const graph::Context& context) {
  ResidueRows rows(standing, tenant, subgraph);
  const Rows chosen = TRY(chosen_rows(request.what, rows, options));
  DecidedOn decided;
  decided.decision.verdict = request.verdict;
  decided.decision.reason = request.reason;
  decided.decision.until = request.until;
  for (const ResidueRows::Row& row : chosen)
    decided.decision.leaves.push_back({row.id, row.leaf->fingerprint, row.residue->expectation,
                                       row.residue->target, row.leaf->address});
  if (request.verdict == loop::Verdict::adopt)
    decided.adoptions = TRY(adoptions_of(request, chosen, rows, subgraph, options, context));
  if (request.verdict == loop::Verdict::push) {
    decided.plan = TRY(plan_of(chosen, rows, subgraph, options, settings));
    TRY(refuse_unreachable(decided.plan));
    decided.replaced = TRY(replaced_by(decided.plan, subgraph, context.now));
  }
  return decided;
}

} // namespace diffo::server

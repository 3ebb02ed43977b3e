#include "server/surfaces/decision_request.h"

#include "base/dates.h"
#include "loop/adopt.h"
#include "loop/expectation_record.h"
#include "loop/targets.h"
#include "model/kinds.h"

#include <algorithm>
#include <set>
#include <utility>

namespace diffo::server {
namespace {

using json::Value;
using Rows = std::vector<ResidueRows::Row>;

constexpr std::size_t most_leaves = 10'000;
constexpr std::size_t most_told = 100; ///< leaves that are shown as they are now

Error invalid(std::string message, std::string path) {
  return {ErrorCode::invalid, std::move(message), std::move(path)};
}

Result<std::string> text_member(const Value& body, const char* name) {
  const Value* value = body.find(name);
  if (value == nullptr)
    return std::string();
  if (!value->is_string())
    return invalid("must be a text", std::string("/") + name);
  return value->string();
}

Result<DecisionRequest::AskedLeaf> asked_leaf(const Value& value, const std::string& path) {
  const std::string* text = value.if_string();
  const Value* id_member = value.find("id");
  if (text == nullptr && id_member != nullptr)
    text = id_member->if_string();
  const auto id = text != nullptr ? loop::LeafId::parse(*text) : std::nullopt;
  if (!id)
    return invalid("must be the id of a leaf, or an object with id and fingerprint", path);
  DecisionRequest::AskedLeaf leaf{*id, {}};
  if (const Value* fingerprint = value.find("fingerprint")) {
    if (fingerprint->is_string())
      leaf.fingerprint = loop::fingerprint_of(fingerprint->string());
    if (!leaf.fingerprint)
      return invalid("must be the fingerprint of a leaf", path + "/fingerprint");
  }
  return leaf;
}

Result<void> read_leaves(const Value& leaves, DecisionRequest& request) {
  if (!leaves.is_array() || leaves.array().empty())
    return invalid("must be a list of leaves", "/leaves");
  if (leaves.array().size() > most_leaves)
    return Error{ErrorCode::too_large, "at most 10000 leaves are decided on at once", "/leaves"};
  for (std::size_t at = 0; at < leaves.array().size(); ++at)
    request.leaves.push_back(TRY(asked_leaf(leaves.array()[at], "/leaves/" + std::to_string(at))));
  return {};
}

Result<void> read_residue(const Value& residue, DecisionRequest& request) {
  ResidueFilter filter;
  filter.expectation = residue.text_of("expectation");
  filter.target = residue.text_of("target");
  if (const Value* target = residue.find("target"); target != nullptr && target->is_object())
    filter.target = target->text_of("id");
  if (filter.expectation.empty())
    return invalid("must name an expectation, and may name a target", "/residue");
  request.filter = std::move(filter);
  return {};
}

Result<void> read_what(const Value& body, DecisionRequest& request) {
  const Value* leaves = body.find("leaves");
  const Value* residue = body.find("residue");
  const Value* filter = body.find("filter");
  const int given =
      (leaves != nullptr ? 1 : 0) + (residue != nullptr ? 1 : 0) + (filter != nullptr ? 1 : 0);
  if (given != 1)
    return invalid("give one of leaves, residue and filter", "");
  if (leaves != nullptr)
    return read_leaves(*leaves, request);
  if (residue != nullptr)
    return read_residue(*residue, request);
  if (!filter->is_string())
    return invalid("must be a text such as \"owner=orders&category=missing\"", "/filter");
  auto parameters = Parameters::parse(filter->string(), residue_filter_parameters);
  if (!parameters)
    return invalid(parameters.error().text(), "/filter");
  auto read = read_residue_filter(*parameters);
  if (!read)
    return invalid(read.error().text(), "/filter");
  request.filter = *std::move(read);
  return {};
}

Result<loop::Verdict> read_verdict(const Value& body) {
  const std::string_view given = body.text_of("decision");
  if (given == "push")
    return Error{ErrorCode::unsupported,
                 "this build makes no tasks yet: change the instance itself, or adopt or approve",
                 "/decision"};
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

/// The rows that are asked for; of leaves that are none any more, what is wrong.
Result<Rows> rows_of(const DecisionRequest& request, ResidueRows& rows,
                     const loop::EvaluateOptions& options) {
  if (request.filter) {
    Rows chosen = rows.choose(*request.filter, true);
    if (chosen.empty())
      return Error{ErrorCode::not_found, "no leaf is outstanding there"};
    if (chosen.size() > most_leaves)
      return Error{ErrorCode::too_large, "these are " + std::to_string(chosen.size()) +
                                             " leaves: at most 10000 are decided on at once"};
    return chosen;
  }
  std::map<loop::LeafId, ResidueRows::Row> all;
  for (const ResidueRows::Row& row : rows.choose({}, true))
    all.emplace(row.id, row);
  Rows chosen;
  std::vector<Error> problems;
  std::set<loop::LeafId> seen;
  for (std::size_t at = 0; at < request.leaves.size(); ++at) {
    const DecisionRequest::AskedLeaf& asked = request.leaves[at];
    const std::string path = "/leaves/" + std::to_string(at);
    const auto found = all.find(asked.id);
    if (problems.size() == most_told)
      break;
    if (found == all.end()) {
      problems.push_back({ErrorCode::conflict,
                          "nothing is outstanding at the leaf " + asked.id.text() + " any more",
                          path});
    } else if (asked.fingerprint && *asked.fingerprint != found->second.leaf->fingerprint) {
      const ResidueRows::Row& row = found->second;
      problems.push_back({ErrorCode::conflict,
                          "the leaf has changed; it is now " +
                              json::to_text(rows.leaf_view(*row.residue, *row.leaf, {}, options)),
                          path});
    } else if (seen.insert(asked.id).second) {
      chosen.push_back(found->second);
    }
  }
  if (!problems.empty())
    return joined(std::move(problems));
  return chosen;
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

/// The expectations that follow what is there at the rows.
Result<std::vector<DecidedOn::Adoption>> adoptions_of(const DecisionRequest& request,
                                                      const Rows& chosen, ResidueRows& rows,
                                                      graph::Subgraph& subgraph,
                                                      const loop::EvaluateOptions& options) {
  std::map<graph::Key, std::vector<outstanding::Leaf>> by_expectation;
  std::map<graph::Key, std::set<std::string>> pointers;
  for (const ResidueRows::Row& row : chosen) {
    const outstanding::Leaf* leaf = rows.detail_of(*row.residue, row.id, options);
    if (leaf == nullptr)
      return Error{ErrorCode::conflict, "the leaf " + row.id.text() + " cannot be evaluated"};
    if (row.residue->expectation.family != model::family_expectation)
      return Error{ErrorCode::conflict, "what the expected instance " +
                                            row.residue->expectation.id +
                                            " says is changed by changing it"};
    // Several targets may lack the same.
    if (leaf->rule == "$only" || pointers[row.residue->expectation].insert(leaf->pointer).second)
      by_expectation[row.residue->expectation].push_back(*leaf);
  }
  std::vector<DecidedOn::Adoption> adoptions;
  for (const auto& [expectation, leaves] : by_expectation) {
    const graph::RecordRef record = subgraph.find(expectation);
    if (!record)
      return Error{ErrorCode::conflict, "the expectation " + expectation.id + " is gone"};
    TRY(check_scope(request, TRY(loop::stored_expectation(*record, subgraph.schema())),
                    expectation.id, expectation.tenant, subgraph));
    adoptions.push_back(
        {record,
         TRY(loop::adopted(loop::expectation_document(*record, subgraph.schema()), leaves))});
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
  TRY(read_what(body, request));
  return request;
}

Result<DecidedOn> decided_on(const DecisionRequest& request, const loop::Standing& standing,
                             graph::Tenant tenant, graph::Subgraph& subgraph,
                             const loop::EvaluateOptions& options) {
  ResidueRows rows(standing, tenant, subgraph);
  const Rows chosen = TRY(rows_of(request, rows, options));
  DecidedOn decided;
  decided.decision.verdict = request.verdict;
  decided.decision.reason = request.reason;
  decided.decision.until = request.until;
  for (const ResidueRows::Row& row : chosen)
    decided.decision.leaves.push_back({row.id, row.leaf->fingerprint, row.residue->expectation,
                                       row.residue->target, row.leaf->address});
  if (request.verdict == loop::Verdict::adopt)
    decided.adoptions = TRY(adoptions_of(request, chosen, rows, subgraph, options));
  return decided;
}

} // namespace diffo::server

#include "server/surfaces/asked_leaves.h"

#include <map>
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

Result<AskedLeaves::Leaf> asked_leaf(const Value& value, const std::string& path) {
  const std::string* text = value.if_string();
  const Value* id_member = value.find("id");
  if (text == nullptr && id_member != nullptr)
    text = id_member->if_string();
  const auto id = text != nullptr ? loop::LeafId::parse(*text) : std::nullopt;
  if (!id)
    return invalid("must be the id of a leaf, or an object with id and fingerprint", path);
  AskedLeaves::Leaf leaf{*id, {}};
  if (const Value* fingerprint = value.find("fingerprint")) {
    if (fingerprint->is_string())
      leaf.fingerprint = loop::fingerprint_of(fingerprint->string());
    if (!leaf.fingerprint)
      return invalid("must be the fingerprint of a leaf", path + "/fingerprint");
  }
  return leaf;
}

Result<void> read_leaves(const Value& leaves, AskedLeaves& asked) {
  if (!leaves.is_array() || leaves.array().empty())
    return invalid("must be a list of leaves", "/leaves");
  if (leaves.array().size() > most_leaves)
    return Error{ErrorCode::too_large, "at most 10000 leaves are decided on at once", "/leaves"};
  for (std::size_t at = 0; at < leaves.array().size(); ++at)
    asked.leaves.push_back(TRY(asked_leaf(leaves.array()[at], "/leaves/" + std::to_string(at))));
  return {};
}

Result<void> read_residue(const Value& residue, AskedLeaves& asked) {
  ResidueFilter filter;
  filter.expectation = residue.text_of("expectation");
  filter.target = residue.text_of("target");
  if (const Value* target = residue.find("target"); target != nullptr && target->is_object())
    filter.target = target->text_of("id");
  if (filter.expectation.empty())
    return invalid("must name an expectation, and may name a target", "/residue");
  asked.filter = std::move(filter);
  return {};
}

} // namespace

Result<AskedLeaves> read_asked_leaves(const Value& body) {
  AskedLeaves asked;
  const Value* leaves = body.find("leaves");
  const Value* residue = body.find("residue");
  const Value* filter = body.find("filter");
  const int given =
      (leaves != nullptr ? 1 : 0) + (residue != nullptr ? 1 : 0) + (filter != nullptr ? 1 : 0);
  if (given != 1)
    return invalid("give one of leaves, residue and filter", "");
  if (leaves != nullptr) {
    TRY(read_leaves(*leaves, asked));
    return asked;
  }
  if (residue != nullptr) {
    TRY(read_residue(*residue, asked));
    return asked;
  }
  if (!filter->is_string())
    return invalid("must be a text such as \"owner=orders&category=missing\"", "/filter");
  auto parameters = Parameters::parse(filter->string(), residue_filter_parameters);
  if (!parameters)
    return invalid(parameters.error().text(), "/filter");
  auto read = read_residue_filter(*parameters);
  if (!read)
    return invalid(read.error().text(), "/filter");
  asked.filter = *std::move(read);
  return asked;
}

Result<Rows> bounded_rows(const ResidueFilter& filter, ResidueRows& rows) {
  const std::vector<ResidueRows::Place> places = rows.choose(filter, true);
  if (places.size() > most_leaves)
    return Error{ErrorCode::too_large, "these are " + std::to_string(places.size()) +
                                           " leaves: at most 10000 are decided on at once"};
  Rows chosen;
  chosen.reserve(places.size());
  for (const ResidueRows::Place& place : places)
    chosen.push_back(rows.row_at(place));
  return chosen;
}

Result<Rows> chosen_rows(const AskedLeaves& request, ResidueRows& rows,
                         const loop::EvaluateOptions& options) {
  if (request.filter) {
    Rows chosen = TRY(bounded_rows(*request.filter, rows));
    if (chosen.empty())
      return Error{ErrorCode::not_found, "no leaf is outstanding there"};
    return chosen;
  }
  std::set<loop::LeafId> wanted;
  for (const AskedLeaves::Leaf& asked : request.leaves)
    wanted.insert(asked.id);
  std::map<loop::LeafId, ResidueRows::Row> standing;
  for (const ResidueRows::Place& place : rows.choose({}, true))
    if (wanted.contains(place.id))
      standing.emplace(place.id, rows.row_at(place));
  Rows chosen;
  std::vector<Error> problems;
  std::set<loop::LeafId> seen;
  for (std::size_t at = 0; at < request.leaves.size(); ++at) {
    const AskedLeaves::Leaf& asked = request.leaves[at];
    const std::string path = "/leaves/" + std::to_string(at);
    const auto found = standing.find(asked.id);
    if (problems.size() == most_told)
      break;
    if (found == standing.end()) {
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

} // namespace diffo::server

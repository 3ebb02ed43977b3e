// A published index stays what it was, whatever is put into the one it was copied from.
#include "loop/residue.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace diffo::loop {
namespace {

using Revisions = std::map<std::string, graph::Sequence>; ///< of the residue at each target

graph::Key key(const std::string& id) {
  return {0, 1, id};
}

/// What stands at a target of which nothing does is put as nothing.
TargetResidues residues(const std::string& target, graph::Sequence revision) {
  TargetResidues made{.target = key(target), .residues = {}};
  if (revision != 0)
    made.residues.push_back({.expectation = key("e"),
                             .target = key(target),
                             .revision = revision,
                             .leaves = {},
                             .error = "refused"});
  return made;
}

Revisions all_of(const ResidueIndex& index) {
  Revisions found;
  index.for_each([&](const TargetResidues& one) {
    found.emplace(one.target.id, one.residues.front().revision);
    return true;
  });
  return found;
}

TEST_CASE("a copy of an index does not change with it") {
  CHECK(rc::check([] {
    ResidueIndex index;
    Revisions expected;
    std::vector<std::pair<ResidueIndex, Revisions>> copies;
    const int steps = *rc::gen::inRange(1, 200);
    for (int step = 1; step <= steps; ++step) {
      const std::string target = std::to_string(*rc::gen::inRange(0, 40));
      const auto revision = static_cast<graph::Sequence>(*rc::gen::inRange(0, 3) == 0 ? 0 : step);
      index.put(residues(target, revision));
      if (revision == 0)
        expected.erase(target);
      else
        expected[target] = revision;
      if (*rc::gen::inRange(0, 5) == 0)
        copies.emplace_back(index, expected);
    }
    copies.emplace_back(index, expected);
    for (const auto& [copy, then] : copies) {
      RC_ASSERT(all_of(copy) == then);
      RC_ASSERT(copy.size() == then.size());
      for (int id = 0; id < 40; ++id) {
        const auto found = copy.find(key(std::to_string(id)));
        RC_ASSERT(static_cast<bool>(found) == then.contains(std::to_string(id)));
        if (found)
          RC_ASSERT(found->residues.front().revision == then.at(std::to_string(id)));
      }
    }
  }));
}

TEST_CASE("a visit ends when it is told to") {
  ResidueIndex index;
  for (int id = 0; id < 100; ++id)
    index.put(residues(std::to_string(id), 1));
  int visited = 0;
  index.for_each([&](const TargetResidues&) { return ++visited < 7; });
  CHECK(visited == 7);
}

} // namespace
} // namespace diffo::loop

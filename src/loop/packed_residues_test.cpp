// What is packed comes out as it went in, whatever lies beside it.
#include "loop/packed_residues.h"

#include "loop/residue.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <limits>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace diffo::loop {
namespace {

/// Texts of any bytes, now and then longer than what one byte counts.
std::string any_text() {
  std::string text = *rc::gen::arbitrary<std::string>();
  if (*rc::gen::inRange(0, 20) == 0)
    text.resize(300, 'x');
  return text;
}

graph::Key any_key() {
  return {*rc::gen::arbitrary<graph::Tenant>(), *rc::gen::arbitrary<graph::Family>(), any_text()};
}

StandingLeaf any_leaf() {
  StandingLeaf leaf;
  for (std::uint8_t& byte : leaf.id.bytes)
    byte = *rc::gen::arbitrary<std::uint8_t>();
  leaf.fingerprint = *rc::gen::arbitrary<Fingerprint>();
  leaf.address = any_text();
  leaf.since = *rc::gen::element(std::int64_t{0}, std::int64_t{1'790'000'000'000'000},
                                 std::numeric_limits<std::int64_t>::max());
  leaf.category =
      *rc::gen::element(outstanding::Category::missing, outstanding::Category::misaligned,
                        outstanding::Category::undesired, outstanding::Category::unknown);
  leaf.closable = *rc::gen::arbitrary<bool>();
  if (*rc::gen::inRange(0, 3) == 0)
    leaf.approval = std::make_shared<const Approval>(
        Approval{any_text(), leaf.fingerprint,
                 *rc::gen::arbitrary<bool>() ? std::optional(leaf.since) : std::nullopt, any_text(),
                 any_text()});
  if (*rc::gen::inRange(0, 3) == 0)
    leaf.overruled_by = std::make_shared<const graph::Key>(any_key());
  if (*rc::gen::inRange(0, 3) == 0)
    leaf.contradicted_by = std::make_shared<const graph::Key>(any_key());
  return leaf;
}

TargetResidues any_residues(const graph::Key& target) {
  TargetResidues made{.target = target, .residues = {}};
  for (int left = *rc::gen::inRange(0, 4); left > 0; --left) {
    Residue residue{.expectation = any_key(),
                    .target = target,
                    .revision = *rc::gen::arbitrary<graph::Sequence>(),
                    .leaves = {},
                    .error = *rc::gen::arbitrary<bool>() ? any_text() : std::string()};
    for (int leaves = *rc::gen::inRange(0, 4); leaves > 0; --leaves)
      residue.leaves.push_back(any_leaf());
    made.residues.push_back(std::move(residue));
  }
  return made;
}

void require_same(const TargetResidues& found, const TargetResidues& wanted) {
  RC_ASSERT(found.target == wanted.target);
  RC_ASSERT(found.residues == wanted.residues);
  for (std::size_t at = 0; at < wanted.residues.size(); ++at) {
    const Residue& one = found.residues[at];
    RC_ASSERT(one.target == wanted.target);
    // What is equal without them.
    for (std::size_t leaf = 0; leaf < one.leaves.size(); ++leaf) {
      RC_ASSERT(one.leaves[leaf].address == wanted.residues[at].leaves[leaf].address);
      RC_ASSERT(one.leaves[leaf].category == wanted.residues[at].leaves[leaf].category);
    }
  }
}

TEST_CASE("what stands is unpacked as it was put") {
  CHECK(rc::check([] {
    std::vector<graph::Key> keys;
    for (int id = 0; id < 8; ++id)
      keys.push_back(any_key());
    std::map<graph::Key, TargetResidues> wanted;
    PackedResidues packed;
    for (int step = *rc::gen::inRange(0, 30); step > 0; --step) {
      const graph::Key& target = keys[*rc::gen::inRange<std::size_t>(0, keys.size())];
      TargetResidues made = any_residues(target);
      packed = packed.with(made);
      wanted.erase(target);
      if (!made.residues.empty())
        wanted.emplace(target, std::move(made));
    }
    RC_ASSERT(packed.empty() == wanted.empty());
    TargetResidues unpacked; // used again, so that nothing may be left of the one before
    auto next = wanted.begin();
    RC_ASSERT(packed.for_each([&](PackedResidues::Place place) {
      PackedResidues::unpack(place, unpacked);
      require_same(unpacked, next++->second);
      return true;
    }));
    RC_ASSERT(next == wanted.end());
    for (const graph::Key& key : keys) {
      const PackedResidues::Place place = packed.find(key);
      RC_ASSERT((place != nullptr) == wanted.contains(key));
      if (place == nullptr)
        continue;
      PackedResidues::unpack(place, unpacked);
      require_same(unpacked, wanted.at(key));
    }
  }));
}

} // namespace
} // namespace diffo::loop

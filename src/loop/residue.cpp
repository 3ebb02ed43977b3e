#include "loop/residue.h"

#include "base/sha256.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

namespace diffo::loop {
namespace {

void append_part(std::string& text, std::string_view part) {
  text += std::to_string(part.size());
  text += ':';
  text += part;
}

void append_key(std::string& text, const graph::KeyView& key) {
  text += std::to_string(key.tenant) + '/' + std::to_string(key.family) + '/';
  append_part(text, key.id);
}

std::optional<std::uint8_t> digit_of(char character) {
  if (character >= '0' && character <= '9')
    return static_cast<std::uint8_t>(character - '0');
  if (character >= 'a' && character <= 'f')
    return static_cast<std::uint8_t>(character - 'a' + 10);
  return std::nullopt;
}

} // namespace

std::string LeafId::text() const {
  return hexadecimal(bytes);
}

std::optional<LeafId> LeafId::parse(std::string_view text) {
  LeafId id;
  if (text.size() != 2 * id.bytes.size())
    return std::nullopt;
  for (std::size_t at = 0; at < id.bytes.size(); ++at) {
    const auto high = digit_of(text[2 * at]);
    const auto low = digit_of(text[2 * at + 1]);
    if (!high || !low)
      return std::nullopt;
    id.bytes[at] = static_cast<std::uint8_t>(*high * 16 + *low);
  }
  return id;
}

std::string text_of(Fingerprint fingerprint) {
  std::array<std::uint8_t, sizeof fingerprint> bytes{};
  for (std::size_t at = bytes.size(); at-- > 0; fingerprint >>= 8U)
    bytes[at] = static_cast<std::uint8_t>(fingerprint & 0xffU);
  return hexadecimal(bytes);
}

std::optional<Fingerprint> fingerprint_of(std::string_view text) {
  Fingerprint fingerprint = 0;
  const auto [end, problem] =
      std::from_chars(text.data(), text.data() + text.size(), fingerprint, 16);
  if (text.size() != 2 * sizeof fingerprint || problem != std::errc() ||
      end != text.data() + text.size())
    return std::nullopt;
  return fingerprint;
}

LeafId leaf_id(const graph::KeyView& expectation, const graph::KeyView& target,
               std::string_view address) {
  std::string text;
  append_key(text, expectation);
  append_key(text, target);
  append_part(text, address);
  const Sha256 hash = sha256(text);
  LeafId id;
  std::copy_n(hash.begin(), id.bytes.size(), id.bytes.begin());
  return id;
}

Fingerprint fingerprint_of(const outstanding::Leaf& leaf) {
  std::string text(outstanding::name_of(leaf.category));
  append_part(text, json::to_text(leaf.expected));
  if (leaf.actual)
    append_part(text, json::to_text(*leaf.actual));
  const Sha256 hash = sha256(text);
  Fingerprint fingerprint = 0;
  std::memcpy(&fingerprint, hash.data(), sizeof fingerprint);
  return fingerprint;
}

bool operator==(const StandingLeaf& a, const StandingLeaf& b) {
  const auto same = [](const auto& one, const auto& other) {
    return one == other || (one && other && *one == *other);
  };
  return a.id == b.id && a.fingerprint == b.fingerprint && a.since == b.since &&
         a.closable == b.closable && same(a.approval, b.approval) &&
         same(a.overruled_by, b.overruled_by) && same(a.contradicted_by, b.contradicted_by);
}

bool Residue::same_as(const Residue& other) const {
  return error == other.error &&
         std::equal(leaves.begin(), leaves.end(), other.leaves.begin(), other.leaves.end(),
                    [](const StandingLeaf& a, const StandingLeaf& b) {
                      return a.id == b.id && a.fingerprint == b.fingerprint;
                    });
}

bool operator==(const Residue& a, const Residue& b) {
  return a.expectation == b.expectation && a.revision == b.revision && a.error == b.error &&
         a.leaves == b.leaves;
}

bool Residue::is_outstanding() const {
  return !error.empty() || std::any_of(leaves.begin(), leaves.end(),
                                       [](const StandingLeaf& leaf) { return leaf.is_open(); });
}

std::int64_t Residue::since() const {
  std::int64_t since = 0;
  for (const StandingLeaf& leaf : leaves)
    since = since == 0 ? leaf.since : std::min(since, leaf.since);
  return since;
}

const Residue* TargetResidues::find(const graph::Key& expectation) const {
  const auto found = std::lower_bound(
      residues.begin(), residues.end(), expectation,
      [](const Residue& residue, const graph::Key& key) { return residue.expectation < key; });
  return found != residues.end() && found->expectation == expectation ? &*found : nullptr;
}

std::map<LeafId, const StandingLeaf*> leaves_by_id(const Residue* residue) {
  std::map<LeafId, const StandingLeaf*> leaves;
  if (residue != nullptr)
    for (const StandingLeaf& leaf : residue->leaves)
      leaves.emplace(leaf.id, &leaf);
  return leaves;
}

graph::Key selector_of(const graph::KeyView& expectation) {
  return {expectation.tenant, 0,
          std::to_string(expectation.family) + '/' + std::string(expectation.id)};
}

TargetResiduesRef ResidueIndex::at(Place place) {
  auto unpacked = std::make_shared<TargetResidues>();
  PackedResidues::unpack(place, *unpacked);
  return unpacked;
}

ResidueIndex::Place ResidueIndex::place_of(const graph::KeyView& target) const {
  const PackedResidues* part = parts_.find(part_of(target));
  return part != nullptr ? part->find(target) : nullptr;
}

TargetResiduesRef ResidueIndex::find(const graph::KeyView& target) const {
  const Place place = place_of(target);
  return place != nullptr ? at(place) : TargetResiduesRef();
}

void ResidueIndex::put(const TargetResidues& residues) {
  const std::size_t number = part_of(residues.target);
  const PackedResidues* part = parts_.find(number);
  const bool known = place_of(residues.target) != nullptr;
  const bool stands = !residues.residues.empty();
  if (!known && !stands)
    return;
  PackedResidues made = part != nullptr ? part->with(residues) : PackedResidues().with(residues);
  parts_.set(number, made.empty() ? std::shared_ptr<const PackedResidues>()
                                  : std::make_shared<const PackedResidues>(std::move(made)));
  size_ += stands ? 1 : 0;
  size_ -= known ? 1 : 0;
}

void ResidueIndex::for_each_place(
    const std::function<bool(Place, const TargetResidues&)>& visit) const {
  TargetResidues unpacked;
  const auto open = [&](Place place) {
    PackedResidues::unpack(place, unpacked);
    return visit(place, unpacked);
  };
  for (std::size_t number = 0; number < part_count; ++number)
    if (const PackedResidues* part = parts_.find(number); part != nullptr && !part->for_each(open))
      return;
}

void ResidueIndex::for_each(const std::function<bool(const TargetResidues&)>& visit) const {
  for_each_place([&visit](Place, const TargetResidues& one) { return visit(one); });
}

void ResidueIndex::for_each_in(std::size_t part,
                               const std::function<void(const TargetResidues&)>& visit) const {
  TargetResidues unpacked;
  if (const PackedResidues* found = parts_.find(part))
    found->for_each([&](Place place) {
      PackedResidues::unpack(place, unpacked);
      visit(unpacked);
      return true;
    });
}

} // namespace diffo::loop

#include "loop/packed_residues.h"

#include "base/byte_order.h"
#include "graph/packed.h"
#include "loop/residue.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace diffo::loop {
namespace {

using graph::append_varint;
using graph::PackedReader;

// What a leaf has, in one byte: its category below, then a bit for each of these.
constexpr unsigned category_bits = 2;
constexpr unsigned bit_closable = 1U << 2U;
constexpr unsigned bit_approved = 1U << 3U;
constexpr unsigned bit_overruled = 1U << 4U;
constexpr unsigned bit_contradicted = 1U << 5U;

void append_sized(std::string& out, std::string_view text) {
  append_varint(out, text.size());
  out += text;
}

std::string_view sized(PackedReader& in) {
  return in.bytes(in.varint());
}

void append_key(std::string& out, const graph::KeyView& key) {
  append_varint(out, key.tenant);
  out += static_cast<char>(key.family);
  append_sized(out, key.id);
}

graph::KeyView key_in(PackedReader& in) {
  graph::KeyView key;
  key.tenant = static_cast<graph::Tenant>(in.varint());
  key.family = in.byte();
  key.id = sized(in);
  return key;
}

void assign(graph::Key& key, const graph::KeyView& view) {
  key.tenant = view.tenant;
  key.family = view.family;
  key.id = view.id;
}

void append_approval(std::string& out, const Approval& approval) {
  append_sized(out, approval.decision);
  append_little_endian(out, approval.fingerprint);
  out += approval.until ? '\1' : '\0';
  if (approval.until)
    append_varint(out, static_cast<std::uint64_t>(*approval.until));
  append_sized(out, approval.by);
  append_sized(out, approval.reason);
}

Fingerprint fingerprint_in(PackedReader& in) {
  return little_endian(in.bytes(sizeof(Fingerprint)));
}

Approval approval_in(PackedReader& in) {
  Approval approval;
  approval.decision = sized(in);
  approval.fingerprint = fingerprint_in(in);
  if (in.byte() != 0)
    approval.until = static_cast<std::int64_t>(in.varint());
  approval.by = sized(in);
  approval.reason = sized(in);
  return approval;
}

void append_leaf(std::string& out, const StandingLeaf& leaf) {
  unsigned bits = static_cast<unsigned>(leaf.category);
  bits |= leaf.closable ? bit_closable : 0;
  bits |= leaf.approval ? bit_approved : 0;
  bits |= leaf.overruled_by ? bit_overruled : 0;
  bits |= leaf.contradicted_by ? bit_contradicted : 0;
  out += static_cast<char>(bits);
  out.append(leaf.id.bytes.begin(), leaf.id.bytes.end());
  append_little_endian(out, leaf.fingerprint);
  append_varint(out, static_cast<std::uint64_t>(leaf.since));
  append_sized(out, leaf.address);
  if (leaf.approval)
    append_approval(out, *leaf.approval);
  if (leaf.overruled_by)
    append_key(out, *leaf.overruled_by);
  if (leaf.contradicted_by)
    append_key(out, *leaf.contradicted_by);
}

void read_leaf(PackedReader& in, StandingLeaf& leaf) {
  const unsigned bits = in.byte();
  leaf.category = static_cast<outstanding::Category>(bits & ((1U << category_bits) - 1));
  leaf.closable = (bits & bit_closable) != 0;
  const std::string_view id = in.bytes(leaf.id.bytes.size());
  std::copy(id.begin(), id.end(), leaf.id.bytes.begin());
  leaf.fingerprint = fingerprint_in(in);
  leaf.since = static_cast<std::int64_t>(in.varint());
  leaf.address = sized(in);
  leaf.approval = (bits & bit_approved) != 0 ? std::make_shared<const Approval>(approval_in(in))
                                             : std::shared_ptr<const Approval>();
  const auto key_if = [&in, bits](unsigned bit) {
    return (bits & bit) != 0 ? std::make_shared<const graph::Key>(key_in(in))
                             : std::shared_ptr<const graph::Key>();
  };
  leaf.overruled_by = key_if(bit_overruled);
  leaf.contradicted_by = key_if(bit_contradicted);
}

void append_residue(std::string& out, const Residue& residue) {
  append_key(out, residue.expectation);
  append_varint(out, residue.revision);
  append_sized(out, residue.error);
  append_varint(out, residue.leaves.size());
  for (const StandingLeaf& leaf : residue.leaves)
    append_leaf(out, leaf);
}

void read_residue(PackedReader& in, const graph::Key& target, Residue& residue) {
  assign(residue.expectation, key_in(in));
  residue.target = target;
  residue.revision = in.varint();
  residue.error = sized(in);
  residue.leaves.resize(in.varint());
  for (StandingLeaf& leaf : residue.leaves)
    read_leaf(in, leaf);
}

void append_residues(std::string& out, const TargetResidues& one) {
  std::string bytes;
  append_key(bytes, one.target);
  append_varint(bytes, one.residues.size());
  for (const Residue& residue : one.residues)
    append_residue(bytes, residue);
  append_sized(out, bytes);
}

/// The bytes of a target without their number, and then those that follow.
PackedReader reader_at(PackedResidues::Place place) {
  constexpr std::size_t longest_varint = 10; // and no target has fewer bytes
  PackedReader number(std::string_view(place, longest_varint));
  const std::uint64_t count = number.varint();
  return PackedReader(number.position(), number.position() + count);
}

} // namespace

PackedResidues::Place PackedResidues::find(const graph::KeyView& target) const {
  PackedReader all(bytes_);
  while (!all.at_end()) {
    const auto* begin = reinterpret_cast<Place>(all.position());
    PackedReader one(sized(all));
    const graph::KeyView key = key_in(one);
    if (key == target)
      return begin;
    if (target < key)
      break;
  }
  return nullptr;
}

void PackedResidues::unpack(Place place, TargetResidues& into) {
  PackedReader in = reader_at(place);
  assign(into.target, key_in(in));
  into.residues.resize(in.varint());
  for (Residue& residue : into.residues)
    read_residue(in, into.target, residue);
}

bool PackedResidues::for_each(const std::function<bool(Place)>& visit) const {
  PackedReader all(bytes_);
  while (!all.at_end()) {
    const auto* begin = reinterpret_cast<Place>(all.position());
    sized(all);
    if (!visit(begin))
      return false;
  }
  return true;
}

PackedResidues PackedResidues::with(const TargetResidues& residues) const {
  const graph::KeyView target = residues.target;
  std::size_t begin = bytes_.size(); // of what is replaced
  std::size_t end = bytes_.size();
  PackedReader all(bytes_);
  while (!all.at_end()) {
    const std::size_t at = bytes_.size() - all.left();
    PackedReader one(sized(all));
    const graph::KeyView key = key_in(one);
    if (key < target)
      continue;
    begin = at;
    end = key == target ? bytes_.size() - all.left() : at;
    break;
  }
  std::string fresh;
  if (!residues.residues.empty())
    append_residues(fresh, residues);
  PackedResidues made;
  made.bytes_.reserve(begin + fresh.size() + (bytes_.size() - end)); // and no more
  made.bytes_.append(bytes_, 0, begin).append(fresh).append(bytes_, end);
  return made;
}

} // namespace diffo::loop

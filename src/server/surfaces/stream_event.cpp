#include "server/surfaces/stream_event.h"

#include "model/kinds.h"

#include <algorithm>
#include <array>
#include <utility>

namespace diffo::server {
namespace {

constexpr std::array<std::string_view, 5> kind_names{"leaf", "residue", "decision", "task",
                                                     "change"};

bool fits(const ResidueFilter& filter, const StreamSubject& subject) {
  const auto same = [](const std::string& wanted, const std::string& is) {
    return wanted.empty() || wanted == is;
  };
  return same(filter.expectation, subject.expectation) && same(filter.target, subject.target) &&
         same(filter.family, subject.family) && same(filter.kind, subject.kind) &&
         same(filter.owner, subject.owner) && same(filter.side, subject.side) &&
         same(filter.mode, subject.mode);
}

} // namespace

std::string StreamPosition::text() const {
  return std::to_string(sequence) + '-' + std::to_string(ordinal);
}

std::string_view name_of(StreamKind kind) {
  return kind_names[static_cast<std::size_t>(kind)];
}

Result<std::uint8_t> stream_kinds(std::string_view list) {
  unsigned kinds = 0;
  while (!list.empty()) {
    const std::string_view name = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), name.size() + 1));
    const auto* const found = std::find(kind_names.begin(), kind_names.end(), name);
    if (found == kind_names.end())
      return Error{ErrorCode::invalid,
                   "events: must be some of leaf, residue, decision, task, change"};
    kinds |= 1U << static_cast<unsigned>(found - kind_names.begin());
  }
  constexpr unsigned all = (1U << kind_names.size()) - 1;
  return static_cast<std::uint8_t>(kinds == 0 ? all : kinds);
}

std::size_t StreamEvent::bytes() const {
  std::size_t bytes = sizeof *this + leaves.size() * (sizeof(loop::StandingLeaf) + 64);
  for (const std::string& piece : data)
    bytes += sizeof(std::string) + piece.size();
  return bytes;
}

bool StreamFilter::takes(const StreamEvent& event) const {
  if (event.tenant != tenant || !takes(event.kind))
    return false;
  if (event.kind != StreamKind::leaf && event.kind != StreamKind::residue)
    return true;
  if (!fits(residues, event.subject))
    return false;
  if (event.leaves.empty()) // what cannot be evaluated
    return !residues.asks_leaves();
  return std::any_of(event.leaves.begin(), event.leaves.end(),
                     [&](const auto& leaf) { return ResidueRows::fits(residues, leaf); });
}

void append_stream_event(std::string& out, std::string_view name,
                         const std::optional<StreamPosition>& at, std::string_view data) {
  out.append("event: ").append(name);
  if (at)
    out.append("\nid: ").append(at->text());
  out.append("\ndata: ").append(data).append("\n\n");
}

void append_stream_event(std::string& out, const StreamEvent& event, std::string_view origin) {
  std::string data;
  for (std::size_t piece = 0; piece < event.data.size(); ++piece)
    data.append(piece == 0 ? std::string_view() : origin).append(event.data[piece]);
  append_stream_event(out, name_of(event.kind), event.at, data);
}

} // namespace diffo::server

#pragma once

#include "loop/standing_residues.h"
#include "server/services.h"
#include "server/surfaces/residue_rows.h"

#include <diffo/result.h>

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The events of GET /diffo/v1/stream (wire.md §7.1): what they are and for whom.
namespace diffo::server {

/// Which event it is: the revision that was published, and a number that grows among those that
/// were told of it.
struct StreamPosition {
  graph::Sequence sequence = 0;
  std::uint64_t ordinal = 0;
  friend auto operator<=>(const StreamPosition&, const StreamPosition&) = default;

  [[nodiscard]] std::string text() const; ///< "7-2"
};

enum class StreamKind : std::uint8_t { leaf, residue, decision, task, change };
std::string_view name_of(StreamKind kind);

/// Whom a residue or leaf is about, as far as filters ask.
struct StreamSubject {
  std::string expectation;
  std::string target;
  std::string family;
  std::string kind;
  std::string owner;
  std::string side;
  std::string mode;
};

/// One event, rendered once for all who read. Thread rule: immutable once it has its position.
struct StreamEvent {
  StreamKind kind = StreamKind::change;
  StreamPosition at;
  bool by_commit = true; ///< else only the clock has moved on since the one before
  graph::Tenant tenant = 0;
  std::vector<std::string> data; ///< JSON, cut where the reader's name for the server goes
  StreamSubject subject;
  /// Of a leaf or residue, as it was and as it is: a reader is told when one of them fits.
  std::vector<loop::StandingLeaf> leaves;

  [[nodiscard]] std::size_t bytes() const;
};

/// Which events somebody reads.
struct StreamFilter {
  graph::Tenant tenant = 0;
  ResidueFilter residues;
  std::uint8_t kinds = 0; ///< a bit for each

  [[nodiscard]] bool takes(StreamKind kind) const {
    return (kinds & (1U << static_cast<unsigned>(kind))) != 0;
  }
  [[nodiscard]] bool takes(const StreamEvent& event) const;
};

/// `leaf,residue`; all for nothing. Errors: invalid.
Result<std::uint8_t> stream_kinds(std::string_view list);

/// Appends an event as it is sent (text/event-stream); of no position, it has no id.
void append_stream_event(std::string& out, std::string_view name,
                         const std::optional<StreamPosition>& at, std::string_view data);
void append_stream_event(std::string& out, const StreamEvent& event, std::string_view origin);

/// Makes events of publications. Thread rule: one thread.
class StreamWriter {
public:
  /// More targets than these in one publication, or more events of what stands at them, are not
  /// told one by one.
  static constexpr std::size_t most_targets = 4096;
  static constexpr std::size_t most_events = 4096;

  explicit StreamWriter(Services& services);

  /// What is different, without positions; nothing where that cannot be told, or is too much.
  /// Errors: those of reading.
  Result<std::optional<std::vector<StreamEvent>>> events_of(const loop::Publication& publication);

private:
  using Events = std::vector<StreamEvent>;
  void add_commit(const graph::Delta& commit, const graph::Schema& schema, Events& events) const;
  void add_decided(const graph::Record& record, const graph::Schema& schema, Events& events) const;
  void add_gone(const loop::Publication& publication, const std::vector<graph::Key>& targets,
                graph::Subgraph& before, Events& events) const;
  void add_present(const loop::Publication& publication, const std::vector<graph::Key>& targets,
                   graph::Subgraph& now, Events& events) const;
  [[nodiscard]] std::vector<std::string> cut(const json::Value& data) const;

  Services& services_;
  std::string mark_; ///< stands for the reader's name for the server
};

/// What stands, leaf by leaf, as `leaf` events, for one who has missed something. Holds the
/// revision, and otherwise no more than a piece. Thread rule: one thread.
class StreamState {
public:
  StreamState(Services& services, loop::StandingRef standing, const StreamFilter& filter,
              std::string origin);
  /// Appends some more; false at the end. Errors: those of reading.
  Result<bool> next(std::string& out);
  [[nodiscard]] std::uint64_t leaves() const { return leaves_; }
  [[nodiscard]] graph::Sequence sequence() const { return standing_->sequence; }

private:
  struct Place {
    std::size_t part = 0;
    std::size_t target = 0; ///< of the part
    std::uint64_t leaves = 0;
  };
  [[nodiscard]] Place append_from(Place place, graph::Subgraph& subgraph, std::string& out) const;

  Services& services_;
  loop::StandingRef standing_;
  StreamFilter filter_;
  std::string origin_;
  Place place_;
  std::uint64_t leaves_ = 0;
};

} // namespace diffo::server

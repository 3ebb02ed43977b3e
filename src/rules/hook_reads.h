#pragma once

#include "model/model.h"
#include "rules/traverse.h"

#include <diffo/hooks.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace diffo::rules {

/// A record as functions in C++ see it.
hooks::Record seen_by_hooks(const graph::RecordDraft& draft, const model::Model& model);

/// What functions in C++ read beside the instance they are asked about: bounded, and noted. Thread
/// rule: one thread.
class HookReads {
public:
  /// What is referred to must outlive it.
  HookReads(graph::Subgraph& subgraph, const graph::Key& instance, std::int64_t now)
      : subgraph_(subgraph), instance_(instance), now_(now) {}

  /// hooks::Reader.
  Result<std::optional<hooks::Record>> find(const hooks::Id& id);
  Result<std::vector<hooks::Record>> along(const hooks::Id& from,
                                           const std::vector<std::string>& chain);

  /// Whether more was asked for than there is: then nothing that was concluded counts.
  [[nodiscard]] bool is_exceeded() const { return exceeded_; }
  static Error too_much();

  /// (key, sequence) of all that was read since it was taken last.
  std::string take_contributed() { return std::exchange(contributed_, {}); }
  std::vector<Step> take_steps() { return std::exchange(steps_, {}); }

private:
  [[nodiscard]] Result<graph::Key> key_of(const hooks::Id& id) const;
  Result<void> spend(std::size_t count);
  void note(const graph::Key& key, graph::Sequence sequence);

  graph::Subgraph& subgraph_;
  const graph::Key& instance_;
  std::int64_t now_;
  std::size_t left_ = hooks::Reader::most_read;
  bool exceeded_ = false;
  std::string contributed_;
  std::vector<Step> steps_;
};

} // namespace diffo::rules

#pragma once

#include "graph/schema.h"
#include "store/claim_set.h"
#include "store/disk.h"
#include "store/folder.h"
#include "store/schema_source.h"
#include "store/tip.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace diffo::store {

/// Where the kept journal begins: the last entry that was dropped.
struct SealedPrefix {
  graph::Sequence sequence = 0;
  graph::Hash hash{};
  std::uint64_t bytes = 0; ///< of all dropped entries
};
inline constexpr std::string_view sealed_key = "sealed";
std::string encode_sealed(const SealedPrefix& sealed);
Result<SealedPrefix> decode_sealed(std::string_view stored);

inline constexpr std::string_view words_key = "words";

std::string tenant_key(graph::Tenant tenant);

/// All that a store needs in memory, as read from its tables.
struct LoadedState {
  std::unique_ptr<IdentityTable> identities;
  std::vector<std::string> tenants;               ///< by number
  std::map<std::string, graph::Sequence> cursors; ///< by consumer
  std::shared_ptr<const graph::Schema> schema;    ///< that holds, with words that the folder has
  std::size_t words = 0;                          ///< of the folder
  bool has_seen = false;                          ///< something is in the table `seen`
  SealedPrefix sealed;
  Head head;
  State state;
  std::vector<ImageNumber> images;       ///< all that an entry among the settings keeps
  TextMap<ImageNumber> images_by_record; ///< of newest versions, by key of the table
};

/// Reads the tables. Errors: corrupt, when an entry is damaged or entries are missing.
Result<LoadedState> load_state(const Disk& disk, const SchemaSource& source);
/// Compares with what was acknowledged last. Errors: corrupt, when acknowledged commits are
/// missing.
Result<void> compare_with_mark(const Disk& disk, const LoadedState& loaded,
                               const std::optional<AcknowledgedMark::Content>& mark);
} // namespace diffo::store

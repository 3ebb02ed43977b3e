#pragma once

#include "graph/store.h"
#include "rules/enforce.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

/// The rules for creating, changing and deleting roots. Each yields a `Decide`, to be run by a
/// store at its tip.
namespace diffo::rules {

/// What the caller demands of the record that is there before it is changed or deleted; its error
/// is the rule's. Without `demand` there is none.
struct Precondition {
  std::function<Result<void>(const graph::Record& present)> demand;
};

/// Adds what a write does beside. Records among it are copied: the store stamps them, and the next
/// call of a rule needs others.
void add(graph::ChangeSet& changes, const Further& further);

/// The error for a root that is not there.
Error not_found(const graph::Schema& schema, const graph::KeyView& key);

/// Creates the root, and does what else that means. Errors: conflict when the id is taken (a stub
/// of that id is filled).
graph::Decide create(graph::RecordRef fresh, Further further = {});

/// Whether two records say the same, times and versions aside.
using SameContent = std::function<bool(const graph::Record& present, const graph::Record& fresh,
                                       const graph::Schema& schema)>;

/// A record as it is stored, and what else that means.
struct Settled {
  graph::RecordRef record;
  Further further{};
};
/// Settles what a line says by what there is.
using Settle = std::function<Result<Settled>(graph::Subgraph& subgraph)>;

/// A root as it is elsewhere, and the line that said so.
struct Adoption {
  graph::RecordRef record;
  std::uint64_t line = 0;
  Settle settle{}; ///< none: it is stored as it is
};

/// Takes over a root as it is elsewhere. One that is here already with the same content stays as it
/// is, so that an import can be repeated. Errors: conflict when it is here with other content;
/// those of settling.
graph::Decide adopt(Adoption adoption, SameContent same);

/// Why a line cannot be taken over.
struct Clash {
  std::uint64_t line = 0;
  std::string id;
  Error error;
};

/// Takes over many roots, all or none; they are created in the order of their lines, and lines that
/// say the same of one root count once. `adoptions` are sorted by key, then line; `clashes` gets
/// all that is in the way, anew by each call. Both outlive the rule. Errors: conflict when there
/// are clashes.
graph::Decide adopt_all(std::span<const Adoption> adoptions, SameContent same,
                        std::vector<Clash>& clashes);

/// The error when a commit has replaced the schema by which something was read.
Error model_replaced();

/// The rule, as long as the schema is the one that its records were encoded with; else
/// model_replaced().
graph::Decide under(const graph::Schema& schema, graph::Decide decide);

/// The new content of a root, and what else its change means.
struct Revision {
  graph::RecordDraft draft;
  Further further{};
  /// When somebody wrote it over the API, microseconds since 1970: where it was observed that is
  /// noted (annotating.h). 0: nobody did.
  std::int64_t written_at = 0;
};
/// Makes the new content of a root from its present content; nothing when it is to stay as it is.
using Revise = std::function<Result<std::optional<Revision>>(const graph::Record& present,
                                                             graph::Subgraph& subgraph)>;
/// What the deletion of a root means beside.
using Release =
    std::function<Result<Further>(const graph::Record& present, graph::Subgraph& subgraph)>;

/// Notes in a draft that what differs from the record was written over the API, where the record
/// has been observed.
void note_api(const graph::Record& present, graph::RecordDraft& after, std::int64_t at,
              const graph::Schema& schema);

/// Changes the root. Errors: not_found, precondition_failed, those of `revise`.
graph::Decide change(graph::Key key, Precondition precondition, Revise revise);

/// Deletes the root. References to it become stubs, unless their edges guard it. Errors: not_found,
/// precondition_failed, conflict naming (some of) those that refer to it.
graph::Decide erase(graph::Key key, Precondition precondition, Release release = {});

/// What a rule reads of a root, for stores that must fetch it first.
graph::FetchPlan plan_for(const graph::Key& key);

/// What erase() reads: the root and those that refer to it through an edge that guards it.
graph::FetchPlan plan_for_erasing(const graph::Schema& schema, const graph::Key& key);

} // namespace diffo::rules

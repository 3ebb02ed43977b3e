#pragma once

#include "model/declared.h"
#include "rules/instances.h"

#include <diffo/domain_model.h>

#include <optional>

/// What a new model makes of the records that are there (design: changing a model with live data).
namespace diffo::rules {

/// A record under another model than the one that it was written under: brought into the form of
/// its kind there, with what its domain declares as migration done first. Nothing when it stays as
/// it is. Errors: what of it breaks the new model; conflict when its kind would go.
Result<std::optional<Revision>> conform(const graph::Context& context, graph::Subgraph& subgraph,
                                        const model::Model& next, const graph::Record& record);

/// What a kind's domain says of its instances that come of an older model, or of an older version
/// of the kind; null: nothing.
const model::Migration* migration_for(const model::DeclaredKinds& declared,
                                      const model::DeclaredKind& kind);

/// The kind that an instance comes from, among those that were declared then. It looks into them.
struct Former {
  const model::DeclaredKind* kind = nullptr; ///< none: it is generic
  const model::DeclaredKinds& kinds;
};

/// Renames, drops and fills in what a migration says, on the way of an instance from one kind to
/// another of the model; paths are `attribute`, `characteristic`, or `characteristic.field`. What
/// is taken is named as the former kind names it, what is put as the new one does. Errors: invalid
/// for what an attribute cannot hold.
Result<void> migrate(const model::Migration& migration, const model::Model& model,
                     const Former& from, const model::DeclaredKind& to, graph::RecordDraft& draft);

} // namespace diffo::rules

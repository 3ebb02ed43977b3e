#pragma once

#include "model/model.h"

#include <diffo/domain_model.h>
#include <diffo/hooks.h>
#include <diffo/result.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace diffo::model {

/// What a store keeps of the domains of a schema, and from which it is made again
/// (graph::SchemaOrigin). Empty for no domains.
std::string description_of(const DomainModel& model);

/// The inventory with those domains, for a store that knows these words. Errors: invalid for a
/// description that cannot be read, naming where.
Result<std::shared_ptr<const Model>> model_described(std::string_view description,
                                                     const std::vector<std::string>& words,
                                                     hooks::SharedRegistry hooks = {});

/// The inventory with domains that have been verified, for a store that knows these words.
std::shared_ptr<const Model> model_of_domains(DomainModel domains,
                                              const std::vector<std::string>& words,
                                              hooks::SharedRegistry hooks = {});

/// The schema of a model, which lives as long as anybody shares it.
std::shared_ptr<const graph::Schema> shared_schema(std::shared_ptr<const Model> model);

/// Whether the names that domains declare still fit into a store's dictionary, which only grows and
/// whose words are numbered. Errors: too_large.
Result<void> check_words(const DomainModel& domains, const graph::Dictionary& dictionary);

/// The functions that domains ask for and a program has not: `Shelf.total hook shelf_total`, in the
/// order of their declaration. A null pointer: it has none.
std::vector<std::string> lacking_hooks(const DomainModel& domains, const hooks::Registry* hooks);

/// The words of a dictionary, in their order.
std::vector<std::string> words_of(const graph::Dictionary& dictionary);

} // namespace diffo::model

#pragma once

#include "base/cancellation.h"
#include "graph/store.h"

#include <diffo/domain_model.h>
#include <diffo/hooks.h>
#include <diffo/json.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

/// The domains of a store: loading them, and putting others in their place.
namespace diffo::server {

/// Whether problems of a model keep it from being used.
enum class Strictness : std::uint8_t { strict, warn };

/// Reads and verifies files of YAML or JSON. Errors: io; invalid with all problems, each with file,
/// line and path in its text. Where they only warn, `warnings` gets those of verifying.
Result<model::DomainModel> read_models(const std::vector<std::string>& files,
                                       Strictness strictness = Strictness::strict,
                                       std::vector<std::string>* warnings = nullptr);
/// Reads one text, which may declare several domains. Errors: invalid.
Result<model::DomainModel> parse_models(std::string_view name, std::string_view text);
/// Errors: invalid with all that does not hold together.
Result<void> judge_models(const model::DomainModel& model);

/// The domains that hold now.
const model::DomainModel& models_of(const graph::Store& store);

/// Puts domains in the place of those that hold, with the specifications of their kinds, in one
/// commit; records that are there are brought into the form of their kinds, by what migrations say.
/// Nothing happens when they are the same. Others write meanwhile: all instances are looked at
/// aside, and those that were written since once more, the last of them with the commit. Errors:
/// conflict when records would break the new model, naming some of them; too_large; unsupported
/// where the store cannot, and for functions that the program lacks, naming them; unavailable when
/// it was cancelled, or others change too much at once. Waits: never on a thread of the store.
Result<void> put_models(graph::Store& store, const graph::Context& context,
                        const model::DomainModel& domains, const hooks::SharedRegistry& hooks,
                        Cancellation cancellation = {});
/// Puts domains into a store to which the records that go with them are going to be brought as they
/// are, the specifications of kinds among them; it knows all these words then. Nothing happens when
/// they are the same. Errors: too_large; unsupported where the store cannot. Waits.
Result<void> bring_models(graph::Store& store, const graph::Context& context,
                          const model::DomainModel& domains, const std::vector<std::string>& words);
/// Tells what put_models() would refuse.
Result<void> try_models(graph::Store& store, const graph::Context& context,
                        const model::DomainModel& domains, const hooks::SharedRegistry& hooks,
                        Cancellation cancellation = {});

} // namespace diffo::server

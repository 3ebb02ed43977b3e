#pragma once

#include "model/domain/loader.h"

#include <diffo/domain_model.h>
#include <diffo/result.h>

#include <span>
#include <string>

namespace diffo::model {

/// A domain with one kind of resource for each device type of the texts, which are in the format of
/// the public device type library: what it is as defaults of its hardware, what others take of it
/// as pools (interfaces and ports by their type, outlets, bays), with the names of the units by
/// number, and the power that it draws. The id of a specification depends on manufacturer and slug
/// alone. Keys that are not known are left out. Linear in the length of the texts. Errors: invalid,
/// with file and place.
Result<Domain> domain_of_device_types(std::span<const ModelSource> sources, std::string name);

} // namespace diffo::model

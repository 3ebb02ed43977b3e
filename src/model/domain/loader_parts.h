#pragma once

#include "model/domain/block.h"

/// How the parts of a kind are read: each from a node and its name, in every form that there is for
/// it. Problems go where the spot says.
namespace diffo::model::parts {

Specification specification(const Spot& spot, Half half);
Field field(const Spot& spot, const std::string& name);
Inherited inherited_characteristic(const Spot& spot, const std::string& name);
Inherited inherited_place(const Spot& spot, const std::string& name);
Inherited inherited_party(const Spot& spot, const std::string& name);
Feature feature(const Spot& spot, const std::string& name);
Pool pool(const Spot& spot, const std::string& name);
Role role(const Spot& spot, const std::string& name);
Action action(const Spot& spot, const std::string& name);
Calculation calculation(const Spot& spot, const std::string& name);
Generated generated(const Spot& spot, const std::string& name);
Group group(const Spot& spot, const std::string& name);
Policy policy(const Spot& spot);
Migration migration(const Spot& spot);
Table table(const Spot& spot, const std::string& name);

} // namespace diffo::model::parts

#pragma once

#include "graph/schema.h"

/// The form that records have in a graph database which others read and write, too (neo4j.md §1),
/// as far as the tables of kinds and attributes do not tell it.
namespace diffo::model {

class DeclaredKinds;

/// Adds to the definition of a family or of a kind of elements what others expect there.
void add_shared_form(graph::FamilyDefinition& family);
void add_shared_form(graph::ElementDefinition& element);

/// What declared kinds make of records there. They outlive it.
graph::DeclaredForms shared_forms(const DeclaredKinds& declared);

} // namespace diffo::model

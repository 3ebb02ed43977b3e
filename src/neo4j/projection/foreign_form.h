#pragma once

#include "graph/foreign_form.h"

/// The names under which the projection knows them.
namespace diffo::neo4j {

using graph::foreign_form_block;
using graph::foreign_form_of;
using graph::ForeignForm;
using graph::set_foreign_form;

} // namespace diffo::neo4j

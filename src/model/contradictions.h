#pragma once

#include "graph/record.h"
#include "graph/schema.h"

#include <diffo/result.h>

#include <string>
#include <vector>

/// No record says two things under one name: an object of JSON has one member of a name (RFC 8259
/// §4), and readers differ in which of two they take.
namespace diffo::model {

/// Two homes of one member in one object of an element.
struct Contradiction {
  std::string path;   ///< the attribute and the number of its item, as `place[1].place`
  std::string member; ///< the name
};

/// All that a draft or a record has of these; empty for whatever this program wrote. To mend a
/// record that has some: PATCH the attribute that `path` begins with, as a whole.
std::vector<Contradiction> contradictions_of(const graph::Element& root,
                                             const graph::Schema& schema);
std::vector<Contradiction> contradictions_of(const graph::Record& record,
                                             const graph::Schema& schema);

/// The same as sentences for a check, each with the way to mend it. Of records of the inventory.
std::vector<Error> contradiction_findings(const graph::Record& record, const graph::Schema& schema);

/// Packs a draft; the one way in which records are made from drafts. Errors: invalid for a draft
/// that contradicts itself, naming where.
Result<graph::RecordRef> encode(const graph::RecordDraft& draft, const graph::Schema& schema);

} // namespace diffo::model

#pragma once

#include "graph/schema.h"
#include "store/disk.h"

#include <memory>
#include <string>
#include <vector>

/// The dictionary of a folder (docs/formats/folder.md): the words that its
/// records may name by number, in a list that only grows. A program appends its
/// own when it opens the folder; words of a program that knows more stay
/// readable.
namespace diffo::store {

/// Errors: corrupt.
Result<std::vector<std::string>> load_words(const Disk& disk);

/// The program's schema with the words that only the folder knows. Errors:
/// unsupported, when a number means another word there.
Result<std::shared_ptr<const graph::Schema>> schema_with(const graph::Schema& program,
                                                         const std::vector<std::string>& words);

/// Appends what the schema knows and the folder does not.
Result<void> store_words(Disk& disk, const graph::Schema& schema, std::size_t known);

} // namespace diffo::store

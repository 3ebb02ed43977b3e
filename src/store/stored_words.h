#pragma once

#include "graph/schema.h"
#include "store/disk.h"
#include "store/schema_source.h"

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

/// The schema that holds in a folder: the one that replaced the program's last, or the program's,
/// with the words that only the folder knows. Errors: unsupported, when a number means another word
/// there or the schema cannot be made; corrupt; those of `make`.
Result<std::shared_ptr<const graph::Schema>>
load_schema(const Disk& disk, const SchemaSource& source, const std::vector<std::string>& words);

/// Appends what the schema knows and the folder does not.
Result<void> store_words(Disk& disk, const graph::Schema& schema, std::size_t known);

inline constexpr std::string_view schema_key = "schema";
/// Where the schema that holds was put in force, and what it can be made from.
struct StoredSchema {
  graph::Sequence sequence = 0;
  std::string description;
};
/// Puts a schema in force, with its words.
void put_schema(DiskBatch& batch, const graph::Schema& schema, graph::Sequence sequence);
/// Errors: corrupt.
Result<StoredSchema> decode_schema(std::string_view stored);

} // namespace diffo::store

#include "store/stored_words.h"

#include "graph/packed.h"
#include "graph/schema_words.h"
#include "store/loaded_state.h"
#include "store/sealed_value.h"

#include <diffo/json.h>

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

namespace diffo::store {

Result<std::vector<std::string>> load_words(const Disk& disk) {
  std::vector<std::string> words;
  const auto stored = TRY(disk.get(Table::meta, words_key));
  if (!stored)
    return words;
  const std::string_view bytes = TRY(without_checksum(words_key, *stored, "the dictionary"));
  std::set<std::string_view> seen;
  for (graph::PackedReader in(bytes); !in.at_end();) {
    const std::string_view word = in.bytes(in.varint());
    if (!in.ok() || word.empty() || !json::needs_no_escape(word) || !seen.insert(word).second)
      return Error{ErrorCode::corrupt, "the dictionary is damaged"};
    words.emplace_back(word);
  }
  if (words.size() > std::numeric_limits<graph::Word>::max())
    return Error{ErrorCode::corrupt, "the dictionary has too many words"};
  return words;
}

namespace {

using SharedSchema = std::shared_ptr<const graph::Schema>;

std::string encode_words(const graph::Dictionary& words) {
  std::string bytes;
  for (std::size_t number = 0; number < words.size(); ++number) {
    graph::append_varint(bytes, words.text(number).size());
    bytes += words.text(number);
  }
  return with_checksum(words_key, bytes);
}

} // namespace

Result<SharedSchema> load_schema(const Disk& disk, const SchemaSource& source,
                                 const std::vector<std::string>& words) {
  // Not owned: the program's schema outlives every store.
  SharedSchema schema(std::shared_ptr<void>(), source.program);
  if (const auto stored = TRY(disk.get(Table::meta, schema_key))) {
    const StoredSchema replaced = TRY(decode_schema(*stored));
    if (!replaced.description.empty() && !source.make)
      return Error{ErrorCode::unsupported, "the folder has a model that this program cannot make"};
    if (!replaced.description.empty())
      schema = TRY(source.make(replaced.description, words));
  }
  return graph::schema_with(std::move(schema), words);
}

Result<void> store_words(Disk& disk, const graph::Schema& schema, std::size_t known) {
  if (schema.dictionary().size() <= known)
    return {};
  DiskBatch batch;
  batch.put(Table::meta, words_key, encode_words(schema.dictionary()));
  return disk.write_synced(batch);
}

void put_schema(DiskBatch& batch, const graph::Schema& schema, graph::Sequence sequence) {
  std::string bytes;
  graph::append_varint(bytes, sequence);
  bytes += schema.description();
  batch.put(Table::meta, words_key, encode_words(schema.dictionary()));
  batch.put(Table::meta, schema_key, with_checksum(schema_key, bytes));
}

Result<StoredSchema> decode_schema(std::string_view stored) {
  const std::string_view bytes = TRY(without_checksum(schema_key, stored, "the schema"));
  graph::PackedReader in(bytes);
  StoredSchema schema;
  schema.sequence = in.varint();
  schema.description = in.bytes(in.left());
  if (!in.ok())
    return Error{ErrorCode::corrupt, "the schema is damaged"};
  return schema;
}

} // namespace diffo::store

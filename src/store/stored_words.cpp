#include "store/stored_words.h"

#include "graph/packed.h"
#include "store/loaded_state.h"
#include "store/sealed_value.h"

#include <diffo/json.h>

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

Result<std::shared_ptr<const graph::Schema>> schema_with(const graph::Schema& program,
                                                         const std::vector<std::string>& words) {
  const graph::Dictionary& ours = program.dictionary();
  for (std::size_t number = 0; number < std::min(words.size(), ours.size()); ++number)
    if (words[number] != ours.text(number))
      return Error{ErrorCode::unsupported, "word " + std::to_string(number) + " is " +
                                               words[number] + " in the folder and " +
                                               std::string(ours.text(number)) + " in this program"};
  // Not owned: the program's schema outlives every store.
  if (words.size() <= ours.size())
    return std::shared_ptr<const graph::Schema>(std::shared_ptr<void>(), &program);
  std::vector<std::string> more(words.begin() + static_cast<std::ptrdiff_t>(ours.size()),
                                words.end());
  for (const std::string& word : more)
    if (ours.find(word))
      return Error{ErrorCode::unsupported,
                   "the word " + word + " has another number in the folder"};
  return std::make_shared<const graph::Schema>(program, std::move(more));
}

Result<void> store_words(Disk& disk, const graph::Schema& schema, std::size_t known) {
  const graph::Dictionary& words = schema.dictionary();
  if (words.size() <= known)
    return {};
  std::string bytes;
  for (std::size_t number = 0; number < words.size(); ++number) {
    graph::append_varint(bytes, words.text(number).size());
    bytes += words.text(number);
  }
  DiskBatch batch;
  batch.put(Table::meta, words_key, with_checksum(words_key, bytes));
  return disk.write_synced(batch);
}

} // namespace diffo::store

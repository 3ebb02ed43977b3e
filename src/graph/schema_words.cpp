#include "graph/schema_words.h"

#include <algorithm>
#include <utility>

namespace diffo::graph {

using SharedSchema = std::shared_ptr<const Schema>;

Result<SharedSchema> schema_with(SharedSchema schema, const std::vector<std::string>& words) {
  const Dictionary& ours = schema->dictionary();
  for (std::size_t number = 0; number < std::min(words.size(), ours.size()); ++number)
    if (words[number] != ours.text(number))
      return Error{ErrorCode::unsupported, "word " + std::to_string(number) + " is " +
                                               words[number] + " in the store and " +
                                               std::string(ours.text(number)) + " in this program"};
  if (words.size() <= ours.size())
    return schema;
  std::vector<std::string> more(words.begin() + static_cast<std::ptrdiff_t>(ours.size()),
                                words.end());
  for (const std::string& word : more)
    if (ours.find(word))
      return Error{ErrorCode::unsupported, "the word " + word + " has another number in the store"};
  // The other goes on to be held, for what it refers to lives as long as it does.
  struct Extended {
    Extended(SharedSchema extended, const std::vector<std::string>& words)
        : base(std::move(extended)), schema(*base, words) {}
    SharedSchema base;
    Schema schema;
  };
  const auto extended = std::make_shared<const Extended>(std::move(schema), more);
  return SharedSchema(extended, &extended->schema);
}

} // namespace diffo::graph

#pragma once

#include <diffo/json.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

/// The one table of what a model file may say: the loader's checks of keys, the published schema
/// (docs/formats/model.schema.json) and docs/reference/model.md are derived from it.
namespace diffo::model::grammar {

/// What stands behind a key.
enum class Form : std::uint8_t {
  text,
  word,         ///< one of the words in `of`
  flag,         ///< true or false
  count,        ///< a whole number that is not negative
  integer,      ///< a whole number
  number,       ///< any number
  duration,     ///< seconds, or `30s`, `5m`, `1h`, `1d`
  any,          ///< whatever there is
  anys,         ///< a list of whatever there is
  texts,        ///< a list of texts
  text_or_list, ///< one text or a list of them
  type,         ///< the name of a type, in brackets: a list of it
  permission,   ///< `all`, `none` or a list of aliases
  hops,         ///< a chain, domain.md §3
  spans,        ///< a list of numbers and of pairs of numbers
  block,        ///< a map with the keys of the section `of`
  blocks,       ///< names, each with a block of the section `of`
  list,         ///< a list of blocks of the section `of`
  text_map,     ///< names, each with a text
  any_map,      ///< names, each with whatever there is
  list_map,     ///< names, each with a list of texts
  group_map,    ///< names, each with names, each with a text
  value_map,    ///< names, each with names, each with whatever there is
};

/// What may be written instead of a block.
enum class Short : std::uint8_t {
  none,
  nothing, ///< no value at all: all is as it is otherwise
  text,    ///< the value of the section's first key
  type,    ///< likewise
  hops,    ///< likewise
  word,    ///< `managed` or `everybody`
};

struct Section {
  std::string_view name;
  Short short_form = Short::none;
  std::string_view about;
};

struct Row {
  std::string_view section;
  std::string_view key;
  Form form = Form::text;
  std::string_view of = {}; ///< the section, or the words separated by spaces
  std::string_view about = {};
  bool mandatory = false;
};

std::span<const Section> sections();
const Section& section(std::string_view name);
/// In the order in which they are documented and printed.
std::span<const Row> rows_of(std::string_view section);
const Row* find(std::string_view section, std::string_view key);

/// The place of a word among words separated by spaces, or -1.
int index_of(std::string_view word, std::string_view words);
std::string_view word_at(std::size_t index, std::string_view words);

/// ` (did you mean X?)` for the word that is nearest, or nothing when none is near.
std::string suggestion(std::string_view word, std::span<const std::string_view> known);

/// The JSON Schema of a model file, for editors.
json::Value schema();
/// docs/reference/model.md
std::string reference_page();

} // namespace diffo::model::grammar

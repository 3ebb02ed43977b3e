#include "rules/first_level.h"

#include "base/text.h"
#include "model/declared.h"
#include "model/typed_value.h"

#include <string>

namespace diffo::rules {
namespace {

/// The word as records hold it; nothing for what is none.
std::optional<std::string> held_word(const model::Attribute& row, const std::string& word) {
  for (const model::Version version : {model::Version::v5, model::Version::v4}) {
    if (row.vocabulary == nullptr && row.has_word(word, version))
      return word;
    if (row.vocabulary == nullptr)
      continue;
    if (const auto internal = row.vocabulary->internal_value(word, version))
      return std::string(*internal);
  }
  return std::nullopt;
}

} // namespace

std::optional<FirstLevelField> first_level_field(const model::Model& model,
                                                 const model::DeclaredKind& kind,
                                                 std::string_view name) {
  const model::Field* own = kind.attribute(name);
  const std::string published = model::camel_case(name);
  const std::string_view wire = own != nullptr ? own->wire_name() : std::string_view(published);
  const model::Attribute* row = model.first_level(model::DeclaredKinds::api_of(kind), wire);
  if (row == nullptr || row->home != model::Home::property)
    return std::nullopt;
  const auto word = model.dictionary().find(row->kept_word());
  return word ? std::optional(FirstLevelField{row, *word}) : std::nullopt;
}

Result<json::Value> held_value(const FirstLevelField& field, const json::Value& value) {
  const model::Attribute& row = *field.row;
  const auto wrong = [&row](std::string message) {
    std::string path;
    json::append_token(path, row.name);
    return Error{ErrorCode::invalid, std::move(message), std::move(path)};
  };
  const std::string* text = value.if_string();
  if (text == nullptr && (row.reading != Reading::value || row.is_enumerated()))
    return wrong(std::string(row.name) + " must be a text");
  if (!row.is_enumerated())
    return value;
  if (auto word = held_word(row, *text))
    return json::Value(std::move(*word));
  return wrong("\"" + shortened(*text, 64) + "\" is no " + std::string(row.name) +
               "; it is one of " + row.words_in(model::Version::v5));
}

} // namespace diffo::rules

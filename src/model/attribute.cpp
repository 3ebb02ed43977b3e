#include "model/attributes.h"
#include "model/split.h"

#include <algorithm>

/// What follows from a row; the rows themselves stand in attributes.cpp.
namespace diffo::model {

std::string_view source_of(StandIn stand_in) {
  switch (stand_in) {
  case StandIn::name:
    return "name";
  case StandIn::trading_name:
    return "tradingName";
  case StandIn::id:
    return "id";
  case StandIn::nothing:
  case StandIn::creation:
  case StandIn::empty_text:
  case StandIn::null:
  case StandIn::enabled:
  case StandIn::url:
    break;
  }
  return {};
}

bool Attribute::has_word(std::string_view word, Version version) const {
  if (vocabulary != nullptr)
    return vocabulary->internal_value(word, version).has_value();
  const auto all = split(words, ' ');
  return std::find(all.begin(), all.end(), word) != all.end();
}

std::string Attribute::words_in(Version version) const {
  return vocabulary != nullptr ? vocabulary->wire_words(version) : std::string(words);
}

bool fits(const json::Value& value, Form form) {
  switch (form) {
  case Form::text:
    return value.is_string();
  case Form::boolean:
    return value.is_boolean();
  case Form::number:
    return value.is_number();
  case Form::object:
    return value.is_object();
  case Form::texts:
  case Form::objects:
    return value.is_array();
  case Form::none:
  case Form::any:
    break;
  }
  return true;
}

std::string_view demand_of(Form form) {
  switch (form) {
  case Form::none:
  case Form::any:
    break;
  case Form::text:
    return "must be a string";
  case Form::boolean:
    return "must be true or false";
  case Form::number:
    return "must be a number";
  case Form::object:
    return "must be an object";
  case Form::texts:
    return "must be an array of strings";
  case Form::objects:
    return "must be an array of objects";
  }
  return {};
}

} // namespace diffo::model

#include "model/domain/grammar.h"

#include <algorithm>
#include <optional>

namespace diffo::model::grammar {
namespace {

json::Object of_type(std::string_view type) {
  json::Object out;
  out.set("type", type);
  return out;
}

json::Object list_of(json::Value items) {
  json::Object out = of_type("array");
  out.set("items", std::move(items));
  return out;
}

json::Object map_of(json::Value values) {
  json::Object out = of_type("object");
  out.set("additionalProperties", std::move(values));
  return out;
}

json::Object any_of(json::Array alternatives) {
  json::Object out;
  out.set("anyOf", std::move(alternatives));
  return out;
}

json::Object reference(std::string_view section) {
  json::Object out;
  out.set("$ref", "#/$defs/" + std::string(section));
  return out;
}

json::Object count() {
  json::Object out = of_type("integer");
  out.set("minimum", 0);
  return out;
}

/// A plain number is a text where a text is due.
json::Object text() {
  json::Object out;
  out.set("type", json::Array{"string", "number", "boolean"});
  return out;
}

json::Object words(std::string_view list) {
  json::Array out;
  while (!list.empty()) {
    const std::string_view word = word_at(0, list);
    if (word == "true")
      out.emplace_back(true);
    else
      out.emplace_back(word);
    list.remove_prefix(std::min(word.size() + 1, list.size()));
  }
  json::Object made;
  made.set("enum", std::move(out));
  return made;
}

json::Object duration() {
  json::Object written = of_type("string");
  written.set("pattern", "^[0-9]+[smhd]?$");
  return any_of({count(), std::move(written)});
}

json::Object span() {
  json::Object pair = list_of(of_type("integer"));
  pair.set("minItems", 2);
  pair.set("maxItems", 2);
  return any_of({of_type("integer"), std::move(pair)});
}

json::Object permission() {
  json::Object listed = list_of(text());
  listed.set("minItems", 1);
  return any_of({words("all none"), std::move(listed)});
}

json::Object type() {
  json::Object listed = list_of(of_type("string"));
  listed.set("minItems", 1);
  listed.set("maxItems", 1);
  return any_of({of_type("string"), std::move(listed)});
}

json::Object form_of(const Row& row) {
  switch (row.form) {
  case Form::text:
    return text();
  case Form::word:
    return words(row.of);
  case Form::flag:
    return of_type("boolean");
  case Form::count:
    return count();
  case Form::integer:
    return of_type("integer");
  case Form::number:
    return of_type("number");
  case Form::duration:
    return duration();
  case Form::any:
    return {};
  case Form::anys:
    return list_of(json::Object());
  case Form::texts:
    return list_of(text());
  case Form::text_or_list:
    return any_of({text(), list_of(text())});
  case Form::type:
    return type();
  case Form::permission:
    return permission();
  case Form::hops:
    return list_of(reference("hop"));
  case Form::spans:
    return list_of(span());
  case Form::block:
    return reference(row.of);
  case Form::blocks:
    return map_of(reference(row.of));
  case Form::list:
    return list_of(reference(row.of));
  case Form::text_map:
    return map_of(text());
  case Form::any_map:
    return of_type("object");
  case Form::list_map:
    return map_of(list_of(text()));
  case Form::group_map:
    return map_of(map_of(text()));
  case Form::value_map:
    return map_of(of_type("object"));
  }
  return {};
}

std::optional<json::Object> short_form(Short form) {
  switch (form) {
  case Short::none:
    return std::nullopt;
  case Short::nothing:
    return of_type("null");
  case Short::text:
    return text();
  case Short::type:
    return type();
  case Short::hops:
    return list_of(reference("hop"));
  case Short::word:
    return words("managed everybody");
  }
  return std::nullopt;
}

json::Object section_schema(const Section& section) {
  json::Object properties;
  json::Array required;
  for (const Row& row : rows_of(section.name)) {
    json::Object property = form_of(row);
    if (!row.about.empty())
      property.set("description", row.about);
    properties.append(std::string(row.key), std::move(property));
    if (row.mandatory)
      required.emplace_back(row.key);
  }
  json::Object out = of_type("object");
  out.set("properties", std::move(properties));
  const bool may_be_empty = required.empty() && section.short_form != Short::nothing;
  if (!required.empty())
    out.set("required", std::move(required));
  out.set("additionalProperties", false);
  json::Array alternatives{std::move(out)};
  if (auto instead = short_form(section.short_form))
    alternatives.emplace_back(std::move(*instead));
  if (may_be_empty)
    alternatives.emplace_back(of_type("null"));
  out = alternatives.size() == 1 ? std::move(alternatives.front().object())
                                 : any_of(std::move(alternatives));
  out.set("description", section.about);
  return out;
}

json::Object hop_schema() {
  json::Object selector = of_type("object");
  selector.set("properties", json::Object{{"type", text()}, {"alias", text()}});
  selector.set("additionalProperties", false);
  json::Object how = of_type("object");
  how.set("properties", json::Object{{"assignment", text()},
                                     {"relationship", any_of({text(), std::move(selector)})},
                                     {"place", text()},
                                     {"party", text()}});
  how.set("minProperties", 1);
  how.set("additionalProperties", false);
  json::Object written = of_type("object");
  written.set("properties", json::Object{{"forward", how}, {"reverse", how}});
  written.set("minProperties", 1);
  written.set("maxProperties", 1);
  written.set("additionalProperties", false);
  json::Object out = any_of({text(), std::move(written)});
  out.set("description",
          "a or <=a (assignment, backwards), =>a (forwards), ->t, <-t, ->t:a, ->:a (relationship), "
          "=@r, <@r (place)");
  return out;
}

// The page.

std::string_view form_name(const Row& row) {
  switch (row.form) {
  case Form::text:
    return "text";
  case Form::word:
    return "word";
  case Form::flag:
    return "true or false";
  case Form::count:
    return "whole number from 0";
  case Form::integer:
    return "whole number";
  case Form::number:
    return "number";
  case Form::duration:
    return "duration";
  case Form::any:
    return "any value";
  case Form::anys:
    return "list of values";
  case Form::texts:
    return "list of texts";
  case Form::text_or_list:
    return "text or list of texts";
  case Form::type:
    return "type";
  case Form::permission:
    return "`all`, `none` or list of aliases";
  case Form::hops:
    return "chain";
  case Form::spans:
    return "list of numbers and pairs";
  case Form::block:
    return "map:";
  case Form::blocks:
    return "by name:";
  case Form::list:
    return "list:";
  case Form::text_map:
    return "by name: text";
  case Form::any_map:
    return "by name: any value";
  case Form::list_map:
    return "by name: list of texts";
  case Form::group_map:
    return "by name: by name: text";
  case Form::value_map:
    return "by name: by name: any value";
  }
  return "";
}

std::string_view short_name(Short form) {
  switch (form) {
  case Short::none:
    return "";
  case Short::nothing:
    return "It may be left empty.";
  case Short::text:
    return "A text instead is its first key.";
  case Short::type:
    return "A type instead is its first key.";
  case Short::hops:
    return "A chain instead is its first key.";
  case Short::word:
    return "`managed` instead: everybody reads, administrators write; `everybody`: no rule.";
  }
  return "";
}

std::string cell(const Row& row) {
  std::string out(form_name(row));
  const bool block = row.form == Form::block || row.form == Form::blocks || row.form == Form::list;
  if (block)
    out.append(" [").append(row.of).append("](#").append(row.of).append(")");
  if (row.form != Form::word)
    return out;
  out = "`";
  for (const char c : row.of)
    out += c == ' ' ? std::string("`, `") : std::string(1, c);
  return out + '`';
}

} // namespace

json::Value schema() {
  json::Object definitions;
  for (const Section& section : sections())
    definitions.append(std::string(section.name), section_schema(section));
  definitions.append("hop", hop_schema());
  json::Object out;
  out.set("$schema", "https://json-schema.org/draft/2020-12/schema");
  out.set("$id", "https://diffo.dev/schemas/model.schema.json");
  out.set("title", "Model");
  out.set("$ref", "#/$defs/document");
  out.set("$defs", std::move(definitions));
  return out;
}

std::string reference_page() {
  std::string out =
      "# Model files\n\n"
      "This page is made of the same table as the program's checks (`diffo model reference`). What "
      "must hold beyond the\nkeys is said in [domain.md](../spec/domain.md), and so are chains. "
      "Files are YAML 1.2, of which JSON is a part; each document\ndeclares a domain. A file has "
      "at most 1 MiB, 64 levels and 200 000 values, those behind aliases counted each time.\n";
  for (const Section& section : sections()) {
    out.append("\n## ").append(section.name).append("\n\n").append(section.about);
    if (const std::string_view instead = short_name(section.short_form); !instead.empty())
      out.append(" ").append(instead);
    out += "\n\n| key | what stands there | about |\n|---|---|---|\n";
    for (const Row& row : rows_of(section.name))
      out.append("| `")
          .append(row.key)
          .append(row.mandatory ? "` (mandatory) | " : "` | ")
          .append(cell(row))
          .append(" | ")
          .append(row.about)
          .append(" |\n");
  }
  return out;
}

} // namespace diffo::model::grammar

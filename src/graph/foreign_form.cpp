#include "graph/foreign_form.h"

#include <diffo/json.h>

#include <string_view>

namespace diffo::graph {
namespace {

json::Value texts(const std::vector<std::string>& from) {
  return json::Array(from.begin(), from.end());
}

std::vector<std::string> texts_of(const json::Value& form, std::string_view name) {
  std::vector<std::string> texts;
  if (const json::Value* member = form.find(name); member != nullptr && member->is_array())
    for (const json::Value& item : member->array())
      if (const std::string* text = item.if_string())
        texts.push_back(*text);
  return texts;
}

ForeignForm read(std::string_view bytes) {
  if (bytes.empty())
    return {};
  const auto form = json::read(bytes);
  if (!form)
    return {};
  ForeignForm found{.labels = texts_of(*form, "labels"),
                    .value_types = texts_of(*form, "types"),
                    .aside = {},
                    .unwritten = texts_of(*form, "unwritten")};
  if (const json::Value* aside = form->find("aside"); aside != nullptr && aside->is_object())
    found.aside = aside->object();
  return found;
}

} // namespace

ForeignForm foreign_form_of(const ElementView& element) {
  return read(element.block(foreign_form_block));
}

ForeignForm foreign_form_of(const Element& element) {
  for (const Block& block : element.blocks)
    if (block.number == foreign_form_block)
      return read(block.bytes);
  return {};
}

void set_foreign_form(Element& element, const ForeignForm& form) {
  std::erase_if(element.blocks,
                [](const Block& block) { return block.number == foreign_form_block; });
  if (form.empty())
    return;
  json::Object members;
  if (!form.labels.empty())
    members.set("labels", texts(form.labels));
  if (!form.value_types.empty())
    members.set("types", texts(form.value_types));
  if (!form.aside.empty())
    members.set("aside", form.aside);
  if (!form.unwritten.empty())
    members.set("unwritten", texts(form.unwritten));
  element.blocks.push_back({foreign_form_block, json::to_text(members)});
}

} // namespace diffo::graph

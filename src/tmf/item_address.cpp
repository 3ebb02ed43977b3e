#include "tmf/item_address.h"

#include "rules/annotating.h"

#include <diffo/json.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace diffo::tmf {
namespace {

using graph::Element;

constexpr std::size_t longest_address = 4096;
constexpr std::size_t most_steps = 32;

Error malformed(std::string_view why) {
  return {ErrorCode::invalid, std::string(why)};
}

std::optional<std::size_t> number_of(std::string_view text) {
  std::size_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool leading_zero = text.size() > 1 && text.front() == '0'; // RFC 6901 §4
  if (text.empty() || leading_zero || problem != std::errc() || end != text.data() + text.size())
    return std::nullopt;
  return number;
}

Result<std::vector<AddressStep>> steps_of_pointer(std::string_view text) {
  const json::Pointer pointer = TRY(json::Pointer::parse(text));
  std::vector<AddressStep> steps;
  for (const std::string& token : pointer.tokens()) {
    if (token.empty())
      return malformed("is no JSON pointer to a part of an instance: a name is missing");
    const auto index = number_of(token);
    if (index && !steps.empty() && !steps.back().index)
      steps.back().index = index;
    else
      steps.push_back({token, {}, {}});
  }
  return steps;
}

/// The end of a key that begins there: a bracket outside of quotes.
std::size_t end_of_key(std::string_view text, std::size_t at) {
  for (bool quoted = false; at < text.size(); ++at) {
    if (quoted && text[at] == '\\')
      ++at;
    else if (text[at] == '"')
      quoted = !quoted;
    else if (text[at] == ']' && !quoted)
      return at;
  }
  return std::string_view::npos;
}

/// The child that a step names, among those of a kind.
Element* child_named(Element& owner, graph::ElementKind kind, const AddressStep& step,
                     const model::Model& model) {
  std::size_t position = 0;
  for (Element& child : owner.children) {
    if (child.kind != kind)
      continue;
    const bool meant = step.key     ? rules::key_of_item(child, model) == *step.key
                       : step.index ? position == *step.index
                                    : model.is_single(kind);
    if (meant)
      return &child;
    ++position;
  }
  return nullptr;
}

std::string with_step(const std::string& address, std::string_view step) {
  return address.empty() ? std::string(step) : address + '.' + std::string(step);
}

} // namespace

Result<std::vector<AddressStep>> steps_of(std::string_view text) {
  if (text.empty() || text.size() > longest_address)
    return malformed("must be an address such as serviceCharacteristic[mtu], or a JSON pointer");
  if (text.front() == '/')
    return steps_of_pointer(text);
  std::vector<AddressStep> steps;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find_first_of("[.", at), text.size());
    AddressStep step{std::string(text.substr(at, end - at)), {}, {}};
    if (step.name.empty() || steps.size() == most_steps)
      return malformed("is no address: a name is missing, or there are too many");
    at = end;
    if (at < text.size() && text[at] == '[') {
      const std::size_t close = end_of_key(text, at + 1);
      if (close == std::string_view::npos)
        return malformed("is no address: a bracket is not closed");
      step.key = std::string(text.substr(at + 1, close - at - 1));
      at = close + 1;
    }
    if (at < text.size() && (text[at] != '.' || at + 1 == text.size()))
      return malformed("is no address: a name is missing");
    ++at;
    steps.push_back(std::move(step));
  }
  return steps;
}

Result<std::optional<RecordPlace>> find_place(Element& root, std::string_view text, model::Api api,
                                              const model::Model& model) {
  const std::vector<AddressStep> steps = TRY(steps_of(text));
  RecordPlace place{&root, nullptr, {}, {}};
  for (std::size_t at = 0; at < steps.size(); ++at) {
    const AddressStep& step = steps[at];
    Element& here = place.item != nullptr ? *place.item : *place.owner;
    const auto word = model.dictionary().find(step.name);
    const graph::ElementKind kind =
        word ? model.home_kind(here.kind, *word, api, model::Version::v5) : graph::ElementKind{0};
    if (kind == 0) {
      if (at + 1 != steps.size() || step.key || step.index)
        return malformed("leads into a value: what is not there of it is said by setting it whole");
      place.member = step.name;
      place.address = with_step(place.address, step.name);
      return std::optional(std::move(place));
    }
    if (!step.key && !step.index && !model.is_single(kind))
      return malformed("names a list: name its items, or set the attribute to null");
    Element* child = child_named(here, kind, step, model);
    if (child == nullptr)
      return std::optional<RecordPlace>();
    place.owner = &here;
    place.item = child;
    place.address = with_step(place.address, rules::address_of_item(here.kind, *child, api, model));
  }
  return std::optional(std::move(place));
}

} // namespace diffo::tmf

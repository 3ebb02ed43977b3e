#include "loop/adopt.h"

#include "model/model.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace diffo::loop {
namespace {

using json::Value;
using outstanding::Category;

using Places = std::vector<std::vector<std::string>>; ///< tokens of pointers

constexpr std::string_view inside_document = "/expect";

/// What stands there as something that only the same meets.
Value literal(const Value& actual, Literals literals) {
  return literals == Literals::quoted && (actual.is_object() || actual.is_array())
             ? Value(json::Object{{"$eq", actual}})
             : actual;
}

/// An item that was named as one that is not to be there, as one that is.
Value welcome(const Value& named) {
  if (const Value* whole = named.find("$eq"))
    return *whole;
  Value item = named;
  item.object().erase("$absent");
  return item;
}

/// Whether the one stands behind the other in a document, so that it must be removed before it.
bool stands_behind(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  const auto number = [](const std::string& token) {
    std::size_t value = 0;
    const auto [end, problem] = std::from_chars(token.data(), token.data() + token.size(), value);
    return std::pair(problem == std::errc() && end == token.data() + token.size(), value);
  };
  for (std::size_t at = 0; at < a.size() && at < b.size(); ++at) {
    if (a[at] == b[at])
      continue;
    const auto [a_counts, a_value] = number(a[at]);
    const auto [b_counts, b_value] = number(b[at]);
    return a_counts && b_counts ? a_value > b_value : a[at] > b[at];
  }
  return a.size() > b.size();
}

/// A list all of whose items are removed goes itself: an empty one would say that nothing is to be
/// there. What a matcher says by its list it says of none, too.
Places with_emptied_lists(Places removed, const Value& document) {
  std::map<std::vector<std::string>, std::size_t> gone; // items, by list
  const auto list_of = [](const std::vector<std::string>& item) {
    return std::vector<std::string>(item.begin(), item.end() - 1);
  };
  for (const auto& item : removed)
    ++gone[list_of(item)];
  std::erase_if(gone, [&document](const auto& one) {
    const Value* list = json::Pointer(one.first).find_in(document);
    return list == nullptr || !list->is_array() || list->array().size() != one.second ||
           one.first.back().starts_with('$');
  });
  std::erase_if(removed, [&](const auto& item) { return gone.contains(list_of(item)); });
  for (const auto& [list, items] : gone)
    removed.push_back(list);
  return removed;
}

Error refused(const outstanding::Leaf& leaf, std::string why) {
  return {ErrorCode::conflict, leaf.address + " cannot be adopted: " + std::move(why)};
}

} // namespace

Result<Value> adopted(Value document, const std::vector<outstanding::Leaf>& leaves,
                      Literals literals) {
  json::Array operations;
  Places removed;
  for (const outstanding::Leaf& leaf : leaves) {
    if (leaf.category == Category::unknown)
      return refused(leaf, "what is there is unknown");
    if (leaf.pointer.empty())
      return Error{ErrorCode::conflict,
                   "the expectation cannot be adopted: there is nothing that it could follow"};
    const std::string place = std::string(inside_document) + leaf.pointer;
    if (leaf.rule == "$only")
      operations.push_back(
          json::Object{{"op", "add"}, {"path", place + "/-"}, {"value", welcome(leaf.expected)}});
    else if (leaf.category == Category::misaligned && leaf.actual)
      operations.push_back(json::Object{
          {"op", "replace"}, {"path", place}, {"value", literal(*leaf.actual, literals)}});
    else
      removed.push_back(TRY(json::Pointer::parse(place)).tokens());
  }
  removed = with_emptied_lists(std::move(removed), document);
  std::sort(removed.begin(), removed.end(), stands_behind);
  for (std::vector<std::string>& tokens : removed)
    operations.push_back(
        json::Object{{"op", "remove"}, {"path", json::Pointer(std::move(tokens)).text()}});
  constexpr json::PatchLimits as_many_as_needed{.max_operations = SIZE_MAX};
  TRY(json::apply_patch(document, Value(std::move(operations)), as_many_as_needed));
  return document;
}

Result<outstanding::Expectation> closing(const outstanding::Expectation& expectation,
                                         const std::vector<outstanding::Leaf>& left,
                                         const graph::Schema& schema) {
  // What is to stay is expected as it is.
  const Value wanted = TRY(adopted(Value(json::Object{{"expect", expectation.document()}}), left));
  return outstanding::Expectation::compile(
      *wanted.find("expect"),
      {.profile = expectation.profile(), .shapes = &model::model_of(schema).document_shapes()});
}

} // namespace diffo::loop

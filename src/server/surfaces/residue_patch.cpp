#include "server/surfaces/residue_patch.h"

#include "loop/adopt.h"

#include <algorithm>

namespace diffo::server {

using json::Value;

namespace {

/// Whether an address, or one that it lies in, is among these.
bool is_in(const std::string& address, const std::set<std::string>& addresses) {
  for (std::size_t end = address.size(); end > 0; --end)
    if ((end == address.size() || address[end] == '.' || address[end] == '[') &&
        addresses.contains(address.substr(0, end)))
      return true;
  return false;
}

} // namespace

Result<json::Array> tested(Value document, const Value& operations) {
  json::Array tested;
  for (const Value& operation : operations.array()) {
    const std::string path(operation.text_of("path"));
    json::Pointer place = TRY(json::Pointer::parse(path));
    const Value* present = place.find_in(document);
    const bool adds = operation.text_of("op") == "add";
    if ((present == nullptr || adds) && !place.tokens().empty()) {
      auto tokens = place.tokens();
      tokens.pop_back();
      if (tokens.empty())
        tokens.emplace_back("id");
      place = json::Pointer(std::move(tokens));
      present = place.find_in(document);
    }
    if (present != nullptr)
      tested.push_back(json::Object{{"op", "test"}, {"path", place.text()}, {"value", *present}});
    tested.push_back(operation);
    TRY(json::apply_patch(document, Value(json::Array{operation})));
  }
  return tested;
}

bool is_changeable(outstanding::Profile profile) {
  return profile == outstanding::Profile::v5 || profile == outstanding::Profile::v4;
}

Result<Value> changeable_document(const graph::Record& record, outstanding::Profile profile,
                                  graph::Subgraph& subgraph) {
  Value document = TRY(loop::document_of(record, profile, subgraph));
  if (json::Object* members = document.if_object())
    members->erase("href"); // nobody's to change
  return document;
}

Result<Value> with_closed(const outstanding::Expectation& expectation,
                          const std::set<std::string>& addresses, Value document, Timestamp now,
                          const graph::Schema& schema) {
  // What is not to be closed is taken as it is by now: other expectations may have changed it.
  // What is expected of other documents is unknown here, and so left alone. Of an item that was
  // missing something may be there by now.
  const auto evaluation =
      TRY(expectation.evaluate(&document, {.now = now, .explain = outstanding::Explain::yes}));
  std::vector<outstanding::Leaf> left;
  for (outstanding::Leaf& leaf : expectation.leaves_of(evaluation))
    if (!is_in(leaf.address, addresses) && !leaf.pointer.empty() &&
        leaf.category != outstanding::Category::unknown)
      left.push_back(std::move(leaf));
  const auto wanted = TRY(loop::closing(expectation, left, schema));
  return wanted.apply_to(std::move(document));
}

Result<void> ResiduePatches::add(const loop::Residue& residue) {
  const ResidueRows::Detail* detail = rows_.detail_of(residue, options_);
  if (detail == nullptr || !detail->target || !is_changeable(detail->document.profile))
    return {};
  std::set<std::string> chosen;
  for (const loop::StandingLeaf& leaf : residue.leaves) {
    const auto found = detail->leaves.find(leaf.id);
    if (found == detail->leaves.end())
      return {};
    if (leaf.closable && leaf.is_open() && !leaf.contradicted_by &&
        found->second.place.id == residue.target.id)
      chosen.insert(leaf.address);
  }
  if (chosen.empty())
    return {};
  const auto [place, fresh] =
      places_.try_emplace({residue.target, detail->document.profile}, documents_.size());
  if (fresh) {
    Document& document = documents_.emplace_back();
    document.residue = &residue;
    document.before =
        TRY(changeable_document(*detail->target, detail->document.profile, subgraph_));
    document.after = document.before;
  }
  Document& document = documents_[place->second];
  document.after = TRY(with_closed(detail->document.expect, chosen, std::move(document.after),
                                   options_.now, subgraph_.schema()));
  return {};
}

Result<json::Array> ResiduePatches::finish(const std::string& origin) {
  json::Array patches;
  for (const auto& [key, place] : places_) {
    const Document& document = documents_[place];
    const Value operations = json::difference(document.before, document.after);
    if (operations.array().empty())
      continue;
    patches.push_back(json::Object{{"target", rows_.target_view(*document.residue, origin)},
                                   {"version", outstanding::name_of(key.second)},
                                   {"ops", TRY(tested(document.before, operations))}});
  }
  return patches;
}

} // namespace diffo::server

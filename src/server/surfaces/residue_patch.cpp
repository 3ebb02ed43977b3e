#include "server/surfaces/residue_patch.h"

#include "loop/adopt.h"

#include <algorithm>

namespace diffo::server {
namespace {

using json::Value;

/// The operations, each behind a test of what it changes: of what stands there, else of what it is
/// put into; of the document itself only which one it is.
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

/// An address that the server sets is nobody's to change.
void drop_addresses(Value& document) {
  if (json::Object* members = document.if_object())
    members->erase("href");
}

} // namespace

Result<void> ResiduePatches::add(const loop::Residue& residue) {
  const ResidueRows::Detail* detail = rows_.detail_of(residue, options_);
  if (detail == nullptr || !detail->target ||
      (detail->document.profile != outstanding::Profile::v5 &&
       detail->document.profile != outstanding::Profile::v4))
    return {};
  // What is not to be closed is taken as it is.
  std::vector<outstanding::Leaf> left;
  bool any = false;
  for (const loop::StandingLeaf& leaf : residue.leaves) {
    const auto found = detail->leaves.find(leaf.id);
    if (found == detail->leaves.end())
      return {};
    const bool inside = found->second.place.id == residue.target.id;
    if (leaf.closable && leaf.is_open() && inside)
      any = true;
    else if (inside && !found->second.pointer.empty() &&
             found->second.category != outstanding::Category::unknown)
      left.push_back(found->second);
  }
  if (!any)
    return {};
  const auto wanted = TRY(loop::closing(detail->document, left, subgraph_.schema()));
  const auto [place, fresh] =
      places_.try_emplace({residue.target, detail->document.profile}, documents_.size());
  if (fresh) {
    Document& document = documents_.emplace_back();
    document.residue = &residue;
    document.before = TRY(loop::document_of(*detail->target, detail->document.profile, subgraph_));
    drop_addresses(document.before);
    document.after = document.before;
  }
  Document& document = documents_[place->second];
  document.after = wanted.apply_to(std::move(document.after));
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

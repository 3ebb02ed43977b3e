#include "loop/compiled_expectations.h"

#include "graph/schema.h"
#include "loop/expectation_record.h"
#include "model/kinds.h"

#include <utility>

namespace diffo::loop {
namespace {

// Estimates, by what a hundred thousand small ones took.
constexpr std::size_t entry_bytes = 640;
constexpr std::size_t least_form_bytes = 1024;
constexpr std::size_t form_bytes_per_stored_byte = 48;

std::size_t form_bytes(std::size_t stored_bytes) {
  return least_form_bytes + form_bytes_per_stored_byte * stored_bytes;
}

} // namespace

CompiledExpectation CompiledExpectations::of(const graph::Record& record,
                                             graph::Subgraph& subgraph) {
  const graph::Key key = record.key();
  auto known = entries_.find(key);
  if (known != entries_.end() && known->second.sequence == record.sequence())
    return known->second.compiled;
  if (known != entries_.end())
    erase(known);
  Entry fresh = made(record, subgraph);
  CompiledExpectation compiled = fresh.compiled;
  bytes_ += fresh.bytes;
  while (bytes_ > most_bytes_ && !entries_.empty())
    forget_one();
  entries_.emplace(key, std::move(fresh));
  return compiled;
}

CompiledExpectations::Entry CompiledExpectations::made(const graph::Record& record,
                                                       graph::Subgraph& subgraph) {
  Entry entry{.sequence = record.sequence(),
              .compiled = {.document = {}, .declared_at = record.updated_at(), .error = {}},
              .bytes = entry_bytes};
  std::string key;
  const outstanding::Expectation* same = nullptr;
  const bool has_form = record.family() == model::family_expectation;
  if (has_form) {
    // What is stored is stored the same way for as long as its words are.
    const graph::ElementView root = record.root(subgraph.schema().dictionary());
    key.append(root.extra("profile").packed()).append(root.extra("expect").packed());
    if (const auto found = forms_.find(key); found != forms_.end())
      same = &found->second.expectation;
  }
  auto document = has_form ? stored_expectation(record, subgraph.schema(), same)
                           : expectation_of(record, subgraph);
  if (!document) {
    entry.compiled.error = document.error().text();
    return entry;
  }
  document->document = {}; // what it says is in the rest
  entry.compiled.document = std::make_shared<const ExpectationDocument>(*std::move(document));
  if (has_form)
    use_form(entry, std::move(key));
  else
    entry.bytes += form_bytes(record.bytes().size());
  return entry;
}

void CompiledExpectations::use_form(Entry& entry, std::string key) {
  const std::size_t bytes = form_bytes(key.size());
  const auto [form, fresh] =
      forms_.try_emplace(std::move(key), Form{entry.compiled.document->expect, bytes, 0});
  if (fresh)
    bytes_ += bytes;
  ++form->second.users;
  entry.form = &*form;
}

void CompiledExpectations::erase(const graph::Key& expectation) {
  if (const auto found = entries_.find(expectation); found != entries_.end())
    erase(found);
}

void CompiledExpectations::erase(Entries::iterator entry) {
  bytes_ -= entry->second.bytes;
  if (Forms::pointer form = entry->second.form; form != nullptr && --form->second.users == 0) {
    bytes_ -= form->second.bytes;
    forms_.erase(forms_.find(form->first));
  }
  entries_.erase(entry);
}

/// Whichever it is: where more are in use than there is room for, one after the other, to forget
/// the oldest, or all, would be to find none of them again.
void CompiledExpectations::forget_one() {
  constexpr std::uint64_t odd = 0x9e37'79b9'7f4a'7c15U; // so that the buckets come in no order
  std::size_t bucket = (++forgotten_ * odd >> 16U) % entries_.bucket_count();
  while (entries_.begin(bucket) == entries_.end(bucket))
    bucket = (bucket + 1) % entries_.bucket_count();
  erase(entries_.find(entries_.begin(bucket)->first));
}

void CompiledExpectations::clear() {
  entries_.clear();
  forms_.clear();
  bytes_ = 0;
}

} // namespace diffo::loop

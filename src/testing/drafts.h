#pragma once

#include "graph/record.h"
#include "testing/json_values.h"

#include <array>
#include <string>
#include <string_view>

namespace diffo::graph {

/// A few words for tests of packed values and records.
inline const Dictionary& test_words() {
  static constexpr std::array<std::string_view, 6> words = {"name", "state", "active",
                                                            "id",   "c",     "a"};
  static const Dictionary dictionary(words);
  return dictionary;
}

/// Builds drafts from bytes, as ValueMaker builds values. One thread.
class DraftMaker {
public:
  explicit DraftMaker(std::span<const std::uint8_t> bytes) : values_(bytes) {}

  RecordDraft draft() {
    RecordDraft draft;
    draft.key = {values_.next(), values_.next(), id()};
    draft.which = values_.next() % 2 == 0 ? Which::actual : Which::expected;
    draft.sequence = values_.next();
    draft.created_at = values_.next() * 1'000'000'007LL;
    draft.updated_at = -std::int64_t{values_.next()};
    draft.root = element(3);
    draft.root.part = 0;
    draft.next_part = next_part_;
    return draft;
  }

  json::Value value() { return values_.next() % 3 == 0 ? json::Value(special()) : values_.value(); }

  /// Texts that have a packed form of their own, or nearly so.
  std::string special() {
    constexpr std::array<std::string_view, 14> texts = {
        "0f3c9a40-7b1e-4c55-9d3b-6f0a1c2d3e4f",
        "0F3C9A40-7B1E-4C55-9D3B-6F0A1C2D3E4F",
        "/tmf-api/service/0f3c9a40-7b1e-4c55-9d3b-6f0a1c2d3e4f?x=1",
        "0f3c9a40-7b1e-4c55-9d3b-6f0a1c2d3e4",
        "--------0f3c9a40-7b1e-4c55-9d3b-6f0a1c2d3e4f-0f3c9a40-7b1e-4c55-9d3b-6f0a1c2d3e4f",
        "2026-06-22T01:02:03.004Z",
        "2026-06-22T01:02:03Z",
        "0000-01-01T00:00:00Z",
        "9999-12-31T23:59:59.999Z",
        "2026-02-30T01:02:03Z",
        "2026-06-22t01:02:03Z",
        "2026-06-22T01:02:03,004Z",
        "quote \" and 0f3c9a40-7b1e-4c55-9d3b-6f0a1c2d3e4f",
        "a text that is longer than sixty-three characters, so that its length stands in front of "
        "it"};
    return std::string(texts[values_.next() % texts.size()]);
  }

private:
  std::string id() {
    std::string out = values_.next() % 2 == 0 ? special() : values_.text();
    return out.empty() ? "id" : out;
  }

  Element element(int depth) {
    Element element;
    element.kind = values_.next();
    const std::uint8_t with = values_.next();
    element.newer_form = (with & 1) != 0;
    element.part = (with & 2) != 0 ? next_part_++ : 0;
    if ((with & 4) != 0)
      element.uuid = PartUuid{values_.next(), 2, 3};
    if ((with & 8) != 0)
      element.target = Target{values_.next(), id()};
    else if ((with & 16) != 0)
      element.verbatim = value();
    for (int count = values_.next() % 3; count > 0; --count)
      element.set_field(values_.next(), value());
    for (int count = values_.next() % 3; count > 0; --count)
      element.extra.push_back({values_.text(), value()});
    for (int count = values_.next() % 4 == 0 ? values_.next() % 3 : 0; count > 0; --count)
      element.blocks.push_back({values_.next() * 100U, values_.text()});
    if (depth > 0)
      for (int count = values_.next() % 4; count > 0; --count)
        element.children.push_back(this->element(depth - 1));
    return element;
  }

  json::ValueMaker values_;
  std::uint32_t next_part_ = 1;
};

} // namespace diffo::graph

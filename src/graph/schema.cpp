#include "graph/schema.h"

#include "base/byte_order.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace diffo::graph {
namespace {

// Leading bytes that keep the kinds of values apart in one index; part of no stored format.
constexpr char number_key = 'n';
constexpr char instant_key = 't';
constexpr char text_key = 'x';

constexpr std::uint64_t sign_bit = std::uint64_t{1} << 63;

template <typename Definition, typename Wanted>
const Definition* find_by(const std::vector<Definition>& definitions, const Wanted& wanted) {
  const auto found = std::find_if(definitions.begin(), definitions.end(), wanted);
  return found == definitions.end() ? nullptr : &*found;
}

} // namespace

bool covers(const IndexDefinition& index, Family family) {
  return std::find(index.families.begin(), index.families.end(), family) != index.families.end();
}

Schema::Schema(std::span<const std::string_view> words, std::vector<FamilyDefinition> families,
               std::vector<ElementDefinition> elements, std::vector<IndexDefinition> indexes)
    : dictionary_(words), families_(std::move(families)), elements_(std::move(elements)),
      indexes_(std::move(indexes)) {}

Schema::Schema(const Schema& program, const std::vector<std::string>& more_words)
    : dictionary_(program.dictionary_, more_words), origin_(program.origin_),
      declared_forms_(program.declared_forms_), families_(program.families_),
      elements_(program.elements_), indexes_(program.indexes_) {}

const FamilyDefinition* Schema::family(Family number) const {
  return find_by(families_, [number](const auto& family) { return family.family == number; });
}

const ElementDefinition* Schema::element(ElementKind kind) const {
  return find_by(elements_, [kind](const auto& element) { return element.kind == kind; });
}

const IndexDefinition* Schema::index(std::string_view name) const {
  return find_by(indexes_, [name](const auto& index) { return index.name == name; });
}

std::vector<ElementKind> Schema::guarding_kinds() const {
  std::vector<ElementKind> kinds;
  for (const ElementDefinition& element : elements_)
    if (element.guards_target)
      kinds.push_back(element.kind);
  return kinds;
}

std::uint64_t Schema::fingerprint() const {
  // FNV-1a, for it must be the same in every build.
  std::uint64_t hash = 14695981039346656037ULL;
  const auto mix = [&hash](std::uint64_t byte) { hash = (hash ^ byte) * 1099511628211ULL; };
  for (const IndexDefinition& index : indexes_) {
    mix(index.number);
    for (const char c : index.name)
      mix(static_cast<unsigned char>(c));
    for (const Family family : index.families)
      mix(family);
  }
  return hash;
}

void append_text_key(std::string& key, std::string_view text) {
  key += text_key;
  key += text;
}

void append_number_key(std::string& key, double number) {
  key += number_key;
  if (number == 0)
    number = 0; // -0.0 sorts as 0.0
  const auto bits = std::bit_cast<std::uint64_t>(number);
  append_big_endian(key, (bits & sign_bit) != 0 ? ~bits : bits | sign_bit);
}

void append_instant_key(std::string& key, std::int64_t microseconds) {
  key += instant_key;
  append_big_endian(key, static_cast<std::uint64_t>(microseconds) ^ sign_bit);
}

void for_each_edge(const ElementView& element,
                   const std::function<void(const ElementView&)>& visit) {
  ElementView child;
  for (ChildCursor cursor = element.children(); cursor.next(child);) {
    if (child.has_target())
      visit(child);
    for_each_edge(child, visit);
  }
}

} // namespace diffo::graph

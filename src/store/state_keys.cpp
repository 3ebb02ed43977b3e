#include "store/state_keys.h"

#include <algorithm>

namespace diffo::store {
namespace {

constexpr char creation_space = 'C';
constexpr char index_space = 'I';
constexpr char edge_space = 'R';
// A zero byte within a key is written as 00 ff; 00 followed by an ordinal ends the key. Ordinals
// begin below ff, so a key sorts before all that it is a prefix of.
constexpr char key_end = '\0';
constexpr char escaped_zero = '\xff';

void append_class(std::string& out, const RecordClass& record_class) {
  append_big_endian(out, record_class.tenant);
  out += static_cast<char>(record_class.family);
  out += static_cast<char>(record_class.which);
}

class Sink final : public graph::IndexSink {
public:
  Sink(KeyList& keys, std::string_view prefix, Ordinal ordinal)
      : keys_(keys), prefix_(prefix), ordinal_(ordinal) {}
  void add(std::string_view key) override {
    keys_.start();
    keys_.text() += prefix_;
    append_index_key(keys_.text(), key);
    append_big_endian(keys_.text(), ordinal_);
    keys_.end();
  }

private:
  KeyList& keys_;
  std::string_view prefix_;
  Ordinal ordinal_;
};

} // namespace

RecordClass class_of(const graph::Record& record) {
  return {record.tenant(), record.family(), record.which()};
}

Ordinal ordinal_of(std::string_view key) {
  return static_cast<Ordinal>(big_endian(key.substr(key.size() - ordinal_bytes)));
}

std::string creation_prefix(const RecordClass& record_class) {
  std::string out(1, creation_space);
  append_class(out, record_class);
  return out;
}

bool is_creation_key(std::string_view key) {
  return key.front() == creation_space;
}

graph::Family family_of_creation_key(std::string_view key) {
  return static_cast<graph::Family>(key[1 + sizeof(graph::Tenant)]);
}

std::string index_prefix(graph::IndexNumber index, const RecordClass& record_class) {
  std::string out(1, index_space);
  out += static_cast<char>(index >> 8);
  out += static_cast<char>(index & 0xff);
  append_class(out, record_class);
  return out;
}

void append_index_key(std::string& out, std::string_view key) {
  std::string_view rest = key.substr(0, graph::max_index_key_bytes);
  for (std::size_t zero = rest.find(key_end); zero != std::string_view::npos;
       zero = rest.find(key_end)) {
    out += rest.substr(0, zero + 1);
    out += escaped_zero;
    rest.remove_prefix(zero + 1);
  }
  out += rest;
  out += key_end;
}

std::string first_edge_key() {
  return std::string(1, edge_space);
}

std::string edge_prefix(Identity target) {
  std::string out(1, edge_space);
  append_big_endian(out, target);
  return out;
}

std::string edge_prefix(Identity target, graph::ElementKind kind) {
  return edge_prefix(target) + static_cast<char>(kind);
}

std::string edge_prefix(Identity target, graph::ElementKind kind, const RecordClass& source) {
  std::string out = edge_prefix(target, kind);
  out += static_cast<char>(source.family);
  out += static_cast<char>(source.which);
  return out;
}

std::optional<Identity> edge_target_of(std::string_view key) {
  if (key.front() != edge_space)
    return std::nullopt;
  return static_cast<Identity>(big_endian(key.substr(1, sizeof(Identity))));
}

graph::ElementKind edge_kind_of(std::string_view key) {
  return static_cast<graph::ElementKind>(key[1 + sizeof(Identity)]);
}

std::string after_prefix(std::string_view prefix) {
  std::string out(prefix);
  while (!out.empty() && out.back() == '\xff')
    out.pop_back();
  if (!out.empty())
    out.back() = static_cast<char>(static_cast<unsigned char>(out.back()) + 1);
  return out;
}

std::string_view KeyList::with_ordinal(std::size_t index, Ordinal ordinal) {
  const Place& place = places_[index];
  char* end = bytes_.data() + place.begin + place.length;
  for (std::size_t left = ordinal_bytes; left > 0; --left, ordinal >>= 8U)
    *--end = static_cast<char>(ordinal & 0xffU);
  return (*this)[index];
}

void KeyList::sort_unique() {
  const auto text = [this](const Place& place) {
    return std::string_view(bytes_.data() + place.begin, place.length);
  };
  const auto before = [&](const Place& a, const Place& b) { return text(a) < text(b); };
  if (!std::is_sorted(places_.begin(), places_.end(), before))
    std::sort(places_.begin(), places_.end(), before);
  places_.erase(std::unique(places_.begin(), places_.end(),
                            [&](const Place& a, const Place& b) { return text(a) == text(b); }),
                places_.end());
}

void add_creation_key(KeyList& keys, const graph::Record& record, Ordinal ordinal) {
  keys.start();
  keys.text() += creation_prefix(class_of(record));
  append_big_endian(keys.text(), ordinal);
  keys.end();
}

void add_index_keys(KeyList& keys, const graph::IndexDefinition& index, const graph::Record& record,
                    const graph::Dictionary& dictionary, Ordinal ordinal) {
  const std::string prefix = index_prefix(index.number, class_of(record));
  Sink sink(keys, prefix, ordinal);
  index.keys(record, dictionary, sink);
}

void append_edge_key(std::string& out, const ReverseEdge& edge) {
  out += edge_space;
  append_big_endian(out, edge.target);
  out += static_cast<char>(edge.kind);
  out += static_cast<char>(edge.family);
  out += static_cast<char>(edge.which);
  append_big_endian(out, edge.source);
}

bool add_edges(const graph::Schema& schema, const graph::Record& record, Ordinal ordinal,
               const IdentityOf& identity_of, std::vector<ReverseEdge>& edges) {
  const graph::Tenant tenant = record.tenant();
  bool all = true;
  graph::for_each_edge(record.root(schema.dictionary()), [&](const graph::ElementView& edge) {
    const std::string_view direct = edge.target_id().direct_text();
    const std::string made = direct.empty() ? edge.target_id().text() : std::string();
    const auto target = identity_of(
        {tenant, edge.target_family(), direct.empty() ? std::string_view(made) : direct});
    all = all && target;
    if (target)
      edges.push_back({.target = *target,
                       .kind = edge.kind(),
                       .family = record.family(),
                       .which = record.which(),
                       .source = ordinal});
  });
  return all;
}

bool keys_of(const graph::Schema& schema, const graph::Record& record, Ordinal ordinal,
             const IdentityOf& identity_of, KeyList& keys) {
  keys.clear();
  add_creation_key(keys, record, ordinal);
  for (const graph::IndexDefinition& index : schema.indexes())
    if (covers(index, record.family()))
      add_index_keys(keys, index, record, schema.dictionary(), ordinal);
  std::vector<ReverseEdge> edges;
  const bool all = add_edges(schema, record, ordinal, identity_of, edges);
  for (const ReverseEdge& edge : edges) {
    keys.start();
    append_edge_key(keys.text(), edge);
    keys.end();
  }
  keys.sort_unique();
  return all;
}

} // namespace diffo::store

#pragma once

#include "base/text_hash.h"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace diffo::graph {

/// The number of a commit: 1 for the first, one more for each next. Also the version of every
/// record it wrote.
using Sequence = std::uint64_t;
/// A dense number for a tenant's name; 0 is the tenant of a server without tenants.
using Tenant = std::uint32_t;
/// The number of a family of roots (service, resource, party …) as the schema declares it. Ids are
/// unique within one.
using Family = std::uint8_t;
/// The number of a kind of element: a root kind, a part kind or an edge kind, as the schema
/// declares it.
using ElementKind = std::uint8_t;
/// The number of a word in the schema's dictionary; names of modelled fields are such words.
using Word = std::uint16_t;
/// The number of a declared index.
using IndexNumber = std::uint16_t;

/// Whether a record says what is or what should be.
enum class Which : std::uint8_t { actual, expected };

/// What names a root, borrowed.
struct KeyView {
  Tenant tenant = 0;
  Family family = 0;
  std::string_view id;
  friend bool operator==(const KeyView&, const KeyView&) = default;
  friend auto operator<=>(const KeyView&, const KeyView&) = default;
};

/// What names a root, owned.
struct Key {
  Tenant tenant = 0;
  Family family = 0;
  std::string id;

  Key() = default;
  Key(Tenant key_tenant, Family key_family, std::string key_id)
      : tenant(key_tenant), family(key_family), id(std::move(key_id)) {}
  explicit Key(const KeyView& view) : tenant(view.tenant), family(view.family), id(view.id) {}
  operator KeyView() const { return {tenant, family, id}; }
  friend bool operator==(const Key&, const Key&) = default;
  friend auto operator<=>(const Key&, const Key&) = default;
};

struct KeyHash {
  using is_transparent = void;
  std::size_t operator()(const KeyView& key) const {
    return TextHash()(key.id) * 31 + std::size_t{key.tenant} * 257 + key.family;
  }
  std::size_t operator()(const Key& key) const { return (*this)(KeyView(key)); }
};

} // namespace diffo::graph

#include "model/domain/loader.h"

#include "model/domain/defaults.h"
#include "model/domain/loader_parts.h"

#include <algorithm>
#include <cstddef>
#include <tuple>

namespace diffo::model {
namespace {

void read_what_it_is(const Block& block, DeclaredKind& kind) {
  block.read_word("half", kind.half);
  kind.base = defaults::base_of(kind.half);
  block.read_word("base", kind.base);
  block.read("about", kind.about);
  if (const auto specification = block.find("specification"))
    kind.specification = parts::specification(*specification, kind.half);
}

void read_what_it_has(const Block& block, DeclaredKind& kind) {
  block.read_blocks("attributes", kind.attributes, parts::field);
  block.read_blocks("fields", kind.fields, parts::field);
  block.read_blocks("value", kind.groups, parts::group);
  block.read_blocks("characteristics", kind.characteristics, parts::field);
  block.read_blocks("inherited_characteristics", kind.inherited_characteristics,
                    parts::inherited_characteristic);
  block.read_blocks("inherited_places", kind.inherited_places, parts::inherited_place);
  block.read_blocks("inherited_parties", kind.inherited_parties, parts::inherited_party);
  block.read_blocks("features", kind.features, parts::feature);
  block.read_blocks("pools", kind.pools, parts::pool);
  block.read_blocks("parties", kind.parties, parts::role);
  block.read_blocks("places", kind.places, parts::role);
  block.read_blocks("party_roles", kind.party_roles, parts::role);
  block.read_blocks("place_roles", kind.place_roles, parts::role);
  block.read_blocks("instance_roles", kind.instance_roles, parts::role);
  if (const auto relationships = block.find("relationships")) {
    const Block sides(*relationships, "relationships");
    sides.read("source", kind.source);
    sides.read("target", kind.target);
  }
}

void read_sources(const Block& block, DeclaredKind& kind) {
  if (const auto found = block.find("sources"))
    found->each([&kind](const Spot& spot, const std::string& name, const Position&) {
      Sources sources;
      sources.attribute = name;
      spot.read(sources.sources);
      kind.sources.push_back(std::move(sources));
    });
}

void read_what_it_does(const Block& block, DeclaredKind& kind) {
  block.read_blocks("actions", kind.actions, parts::action);
  block.read_blocks("calculations", kind.calculations, parts::calculation);
  block.read_blocks("generate", kind.generated, parts::generated);
  if (const auto policy = block.find("policy"))
    kind.policy = parts::policy(*policy);
  block.read("expect", kind.expect);
  if (const auto customize = block.find("customize"))
    customize->each([&kind](const Spot& spot, const std::string& name, const Position&) {
      kind.customize.append(name, yaml::value_of(spot.node()));
    });
  read_sources(block, kind);
  block.read("indexes", kind.indexes);
  if (const auto form = block.find("json")) {
    const Block shown(*form, "json");
    shown.read("pick", kind.pick);
    shown.read("rename", kind.rename);
  }
}

DeclaredKind read_kind(const Spot& spot, const std::string& name) {
  DeclaredKind kind;
  kind.name = name;
  const Block block(spot, "kind");
  read_what_it_is(block, kind);
  read_what_it_has(block, kind);
  read_what_it_does(block, kind);
  return kind;
}

Domain read_domain(const Spot& spot) {
  Domain domain;
  domain.at = spot.at();
  const Block block(spot, "document");
  block.read("domain", domain.name);
  block.read("provider", domain.provider);
  block.read_blocks("kinds", domain.kinds, read_kind);
  block.read_blocks("tables", domain.tables, parts::table);
  if (const auto migrations = block.find("migrations"))
    migrations->each_item(
        [&domain](const Spot& item) { domain.migrations.push_back(parts::migration(item)); });
  return domain;
}

} // namespace

LoadedModel load_model(std::span<const ModelSource> sources) {
  LoadedModel out;
  for (const ModelSource& source : sources) {
    const yaml::Documents read = yaml::read(source.text);
    const std::size_t before = out.model.domains.size();
    const auto known = static_cast<std::ptrdiff_t>(out.problems.size());
    for (const yaml::Problem& problem : read.problems)
      out.problems.push_back(
          {{source.name, problem.at.line, problem.at.column}, {}, problem.message});
    for (const yaml::Node& document : read.documents)
      if (!document.is_null())
        out.model.domains.push_back(read_domain({document, "", source.name, out.problems}));
    if (out.model.domains.size() == before && read.problems.empty())
      out.problems.push_back({{source.name, 1, 1}, {}, "declares no domain"});
    std::stable_sort(out.problems.begin() + known, out.problems.end(),
                     [](const ModelProblem& a, const ModelProblem& b) {
                       return std::tie(a.at.line, a.at.column) < std::tie(b.at.line, b.at.column);
                     });
  }
  return out;
}

} // namespace diffo::model

#include "model/domain/starter.h"

namespace diffo::model {
namespace {

constexpr std::string_view before_name =
    R"(# A model: what there is beside what TM Forum publishes. `diffo model verify FILE` tells what does not hold
# together, `diffo model show FILE` writes everything out, `diffo model schema` is for editors.
domain: )";

constexpr std::string_view behind_name = R"(
kinds:
  # The value of a characteristic: its fields with their types.
  CardCharacteristic:
    base: characteristic
    fields:
      family: symbol
      model: string
      speed: {type: integer, min: 1, max: 400, about: in Gbit/s}

  # A resource that hands out ports.
  Card:
    half: resource
    # The id is yours: `uuidgen -r` makes another one. It stays the same in every environment.
    specification:
      id: cd29956f-6c68-44cc-bf54-705eb8d2f754
      name: card
      description: A card in a shelf
      category: Network Resource
    characteristics:
      card: CardCharacteristic
    pools:
      ports: {thing: port, first: 1, last: 48}
    places:
      location: Place # in which role a place stands beside it
    actions:
      build: {create: true, accept: [id, name], args: [places]}
      define: {update: define}
      assign_port: {assign: ports}

  # A service that takes a port of a card.
  Access:
    half: service
    specification:
      id: c4e7a2b1-3d5f-4a6b-8c9d-0e1f2a3b4c5d
      name: access
      description: An access to the network
      category: Access
    characteristics:
      bandwidth: {type: integer, min: 1, max: 1000, default: 100, required: true}
    # What stands elsewhere: the card that I call `primary`, and where it is.
    inherited_characteristics:
      card: [primary]
    inherited_places:
      exchange: {via: [primary], source_role: location}
    calculations:
      port: {field_from_assignment: {alias: primary, field: value}}
    parties:
      customer: Party
    relationships: {source: all}
    actions:
      build: {create: true, accept: [id, name], args: [parties]}
      relate: {update: relate}
)";

} // namespace

std::string starter_model(std::string_view domain) {
  return std::string(before_name).append(domain).append(behind_name);
}

} // namespace diffo::model

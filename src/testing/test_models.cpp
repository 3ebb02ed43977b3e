#include "testing/test_models.h"

namespace diffo::testing {

const std::string_view servo_yaml = R"(domain: Servo
kinds:
  CardCharacteristic:
    base: characteristic
    fields: {family: symbol, model: string, technology: symbol}
  ShelfCharacteristic:
    base: characteristic
    fields: {family: symbol, model: string, technology: symbol}
  DeploymentClass:
    base: characteristic
    fields: {class: string, mask: string}
  ShelfInstance:
    half: resource
    specification: {id: ef016d85-9dbd-429c-84da-1df56cc7dda5, name: shelf, major_version: 1, minor_version: 2,
                    patch_version: 3, tmf_version: 4, category: Network Resource,
                    description: A Shelf Resource Instance which contain cards}
    features:
      spectralManagement:
        enabled: true
        characteristics: {deploymentClass: DeploymentClass, deploymentClasses: [DeploymentClass]}
    characteristics: {shelf: ShelfCharacteristic, shelves: [ShelfCharacteristic]}
    inherited_characteristics: {assigned_cards: {via: ["=>slot"], read: card}}
    pools: {slots: slot}
    parties:
      facilitator: {type: Enterprise}
      overseer: Person
      provider: {type: Enterprise, ref: true}
      manager: {type: Enterprise, calculate: manager_calc}
      installer: {type: Person, many: true, min: 1, max: 3}
    places: {installation_site: {type: Place}, billing_address: {type: Place, ref: true}}
    relationships: {source: all}
    actions:
      build: {create: true, wire: true, accept: [id, name, type, which], args: [relationships, places, parties],
              set: {type: resource}}
      define: {update: define}
      relate: {update: relate}
      assign_slot: {assign: slots}
      lifecycle: {update: true, accept: [lifecycle_state]}
    calculations:
      linked_target_name: {field_via_relationship: {alias: link, field: name}}
      assigned_linked_name: {field_via_relationship: {alias: link, type: assignedTo, field: name}}
      manager_calc: {hook: manager_of_shelf}
  CardInstance:
    half: resource
    specification: {id: cd29956f-6c68-44cc-bf54-705eb8d2f754, name: card, category: Network Resource,
                    description: A Card Resource Instance}
    characteristics: {card: CardCharacteristic}
    pools: {ports: port}
    relationships: {target: all}
    actions:
      build: {create: true, accept: [id, name, type, which], args: [relationships, places, parties], set: {type: resource}}
      define: {update: define}
      relate: {update: relate}
      assign_port: {assign: ports}
      lifecycle: {update: true, accept: [lifecycle_state]}
  AccessService:
    half: service
    specification: {id: c4e7a2b1-3d5f-4a6b-8c9d-0e1f2a3b4c5d, name: accessService, category: Access,
                    description: A test access service instance}
    inherited_places: {primary: {source_role: location}}
    inherited_parties: {owner: {via: [primary], source_role: provider}}
    inherited_characteristics: {card: [primary]}
    actions:
      build: {create: true, accept: [id, name, type], set: {type: service}}
    calculations:
      assigner_name: {field_via_assigned_relationship: {via: [primary], field: name}}
      assigner_names: {field_via_assigned_relationship: {field: name}}
      assigned_port: {field_from_assignment: {alias: primary, field: value}}
      all_assignment_values: {field_from_assignment: {field: value}}
  Broadband:
    half: service
    specification: {id: a1b2c3d4-e5f6-4a7b-8c9d-e0f1a2b3c4d5, name: broadband, category: Access,
                    description: A broadband access service}
    actions: {build: {create: true, accept: [id, name, type], set: {type: service}}}
  BroadbandV2:
    half: service
    specification: {id: f6e5d4c3-b2a1-4f0e-9d8c-7b6a5f4e3d2c, name: broadband, major_version: 2, category: Access}
    actions: {build: {create: true, accept: [id, name, type], set: {type: service}}}
  TraversalProbe:
    half: service
    specification: {id: f1e2d3c4-b5a6-4708-9c1d-2e3f4a5b6c7d, name: traversalProbe, category: Test}
    inherited_characteristics:
      contained_cards: {via: ["->contains"], read: card}
      owned_card: {via: ["->:circuit"], read: card, collapse: first}
      first_slot_card: {via: ["=>slot"], read: card, collapse: first}
      last_slot_card: {via: [{forward: {assignment: slot}}], read: card, collapse: last}
      tapped_cards: {via: ["=>slot"], read: card, as: tappedCard}
      mixed_card: {via: ["->:circuit", cvlan], read: card, collapse: first}
      intercept_nnis: {via: ["<-owns:port", {forward: {relationship: {alias: circuit}}}, <=cvlan, svlan, "->contains"],
                       read: card}
    inherited_places:
      contained_locations: {via: ["->contains"], source_role: location}
      first_location: {via: ["->contains"], source_role: location, collapse: first}
      last_location: {via: ["->contains"], source_role: location, collapse: last}
    inherited_parties:
      contained_providers: {via: ["->contains"], source_role: provider}
      first_provider: {via: ["->contains"], source_role: provider, collapse: first}
)";

const std::string_view nbn_yaml = R"(domain: Nbn
kinds:
  Enterprise:
    half: organization
    instance_roles: {facilitator: Instance}
    party_roles: {employer: Person}
    place_roles: {headquarters: Place}
  Person:
    half: individual
    instance_roles: {overseer: Instance}
    party_roles: {manager: Person}
    place_roles: {residence: Place}
  Carrier:
    half: organization
    attributes: {abn: string, trading_name: string}
    instance_roles: {provider: Instance}
    place_roles: {exchange: Place}
  TestSite:
    half: site
    instance_roles: {installed_at: Instance}
    party_roles: {managed_by: Enterprise}
    place_roles: {contained_in: Place}
  ExchangeBuilding:
    half: site
    attributes:
      nli: string
      access_type: {type: symbol, one_of: [attended, unmanned, restricted]}
    instance_roles: {host: Instance}
    party_roles: {operator: Carrier}
  CellSite:
    half: location
    attributes:
      cell_id: string
      technology: {type: symbol, default: FixedWireless, one_of: [FixedWireless, Mobile4G, Mobile5G]}
      eirp_dbm: number
      frequency_mhz: {type: number, default: 3500.0}
    calculations:
      distance_m: {hook: distance_m, type: number}
      path_loss_db: {hook: path_loss_db, type: number, digits: 1}
      rssi_dbm: {expression: eirp_dbm - path_loss_db, digits: 1}
)";

const std::string_view everything_yaml = R"(domain: Everything
provider: true
kinds:
  Speed:
    base: characteristic
    about: How fast
    fields:
      downstream: {type: number, min: 0, max: 1000.5, default: 10, about: In Mbps, required: true}
      upstream: {type: integer, as: upStream}
      units: {type: symbol, enum: [kbps, Mbps], default: Mbps}
  Line:
    base: characteristic
    fields:
      length_amount: {type: integer}
      length_unit: {type: string, pattern: "k?m", min_length: 1, max_length: 2}
      speeds: {type: [Speed], max_length: 4}
      since: date_time
      address: ip
      reference: uuid
      active: boolean
      other: any
      texts: [string]
    value: {length: {amount: length_amount, unit: length_unit}}
  Access:
    base: instance
    half: resource
    about: An access
    specification: {id: 0c5d4c6e-2f1a-4b3c-9d8e-7f6a5b4c3d2e, name: access, type: resourceSpecification, major_version: 1,
                    minor_version: 2, patch_version: 3, tmf_version: 5, description: An access, category: Network}
    attributes: {rsp_id: {type: string, about: who owns it}, secret: {type: string, hidden: true}}
    characteristics: {line: Line, bandwidth: {type: integer, min: 1, max: 1000, default: 5}}
    inherited_characteristics:
      upstream_line: {via: [line, =@site, <@site, {forward: {party: owner}}], read: line, as: upstreamLine, collapse: first,
                      crosses_tenants: true}
      self: {via: [], read: line}
    inherited_places:
      near: {via: [line], source_role: site, as: nearby, collapse: last, crosses_tenants: true}
    inherited_parties: {owner_above: {via: [line], source_role: owner}}
    features: {managed: {enabled: false, characteristics: {speed: Speed}}, empty: {}}
    pools:
      ports: {thing: port, first: 1, last: 48, except: [[5, 9], 12], type: ADSL2+, algorithm: highest, lease: 30s,
              quarantine: 1d, quota: 2, warn: 80}
      vlans: {thing: vlan, units: blocks, block: 8, first: 1, last: 4000, algorithm: random}
      subnets: {thing: subnet, units: prefixes, network: 10.0.0.0/8, prefix_length: 24}
    parties: {owner: {type: Buyer, many: true, min: 1, max: 3}, counted: {ref: true}, named: {calculate: total}}
    places: {site: {type: Hall}}
    relationships: {source: all, target: [provides, owns]}
    actions:
      build: {create: true, wire: true, accept: [name], args: [places, parties], set: {category: Network}, about: A new one}
      define: {update: define}
      relate: {update: relate}
      assign_port: {assign: ports}
      qualify: {update: true, accept: [operatingStatus], hook: qualified}
    calculations:
      slot: {field_from_assignment: {field: value, alias: line}, type: [integer]}
      names: {field_via_assigned_relationship: {field: name, via: [line, "->contains"]}}
      targets: {field_via_relationship: {field: name, alias: port, type: owns}}
      lines: {count: upstream_line.length_amount}
      sum_of_lines: {sum: upstream_line.length_amount}
      shortest: {min: upstream_line.length_amount}
      longest: {max: upstream_line.length_amount}
      rate: {lookup: {table: rates, of: line.length_unit}, otherwise: 0}
      total: {expression: (lines + 2.5) * sum_of_lines / -longest, digits: 2, otherwise: null}
      special: {hook: special, type: number}
    generate: {name: {prefix: ACC, digits: 10}}
    policy: {owner: rsp_id, stamp: actor, read: owner, write: owner}
    expect: [id, name]
    customize: {name: {$regex: "^A"}}
    sources: {"*": [probe, person], line.length_amount: [probe]}
    indexes: [rsp_id, line.length_unit]
  Watched:
    half: service
    specification: {id: 1c5d4c6e-2f1a-4b3c-9d8e-7f6a5b4c3d2e, name: watched}
    policy: managed
    actions:
      qualify_result: {update: true, accept: [operatingStatus], transition: {from: [initial], to: feasibilityChecked},
                       effects: [add_places]}
  Buyer:
    base: party
    half: organization
    party_roles: {employer: Party}
    place_roles: {seat: {type: Hall, many: true}}
    instance_roles: {owner: {type: Access, ref: true}}
    json: {pick: [id, name], rename: {name: title}}
  Hall:
    base: place
    half: site
tables:
  rates: {km: 1000, m: 1}
migrations:
  - {kind: Access, rename: {line.len: line.length_amount}, set: {line.length_unit: m}, drop: [line.colour]}
)";

} // namespace diffo::testing

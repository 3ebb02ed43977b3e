// What the other version demands and nothing can supply (docs/reference/versions.md): the version that demands, where, what is
// lacking or which keyword of the schema is broken. `of` is the use whose schema alone demands it: of a create.
exports.cannot_be_supplied = [
  { in: 'v4', at: /./, keyword: 'format' }, // texts of v5 that are no URI
  { in: 'v4', at: /\/relatedParty$/, lacks: 'id' },
  { in: 'v4', at: /\/relatedParty$/, lacks: '@referredType' },
  { in: 'v4', at: /\/serviceOrderItem$/, lacks: 'itemId' },
  { in: 'v4', at: /\/serviceOrderItem$/, lacks: 'serviceOrderId' },
  { in: 'v4', at: /\/serviceRelationship$/, lacks: 'service' },
  { in: 'v4', at: /\/(service|supportingService)$/, lacks: 'id' },
  { in: 'v4', at: /RelationshipCharacteristic$/, lacks: 'value' }, // of a relationship to nothing, which is kept as it came
  { in: 'v5', at: /\/place\/place$/, lacks: 'id' },
  { in: 'v5', at: /\/entity$/, lacks: 'id' },
  { in: 'v5', at: /\/attachment$/, lacks: 'id' },
  { in: 'v5', at: /\/featureRelationship\/relationshipType$/, keyword: 'enum' },
  { in: 'v5', at: /\/characteristicRelationship$/, lacks: 'id', of: 'create' },
  { in: 'v5', at: /\/characteristicRelationship$/, lacks: 'relationshipType', of: 'create' },
  { in: 'v5', at: /\/relatedParty$/, lacks: 'role', of: 'create' },
  { in: 'v5', at: /\/(service|supportingService)$/, lacks: 'state', of: 'create' },
  { in: 'v5', at: /\/(service|supportingService)$/, lacks: 'serviceSpecification', of: 'create' },
];

#!/usr/bin/env node
// validate.js OAS SCHEMA PAYLOAD…: checks JSON documents against a schema of a published OpenAPI or
// Swagger file. Prints one line per problem; exit 1 when there is one. Needs ajv, ajv-formats and
// js-yaml (NODE_PATH). A discriminator decides between the branches of a oneOf.
'use strict';
const fs = require('fs');
const yaml = require('js-yaml');
const Ajv = require('ajv').default || require('ajv');
const addFormats = require('ajv-formats').default || require('ajv-formats');

const [file, schemaName, ...payloads] = process.argv.slice(2);
if (!payloads.length) {
  console.error('usage: validate.js OAS SCHEMA PAYLOAD…');
  process.exit(2);
}
const text = fs.readFileSync(file, 'utf8');
const api = file.endsWith('.json') ? JSON.parse(text) : yaml.load(text, { schema: yaml.JSON_SCHEMA });
delete api.paths;

// A oneOf with a discriminator becomes: one of the branches, and the one that the type names.
function honourDiscriminators(node) {
  if (node === null || typeof node !== 'object') return;
  Object.values(node).forEach(honourDiscriminators);
  const rule = node.discriminator;
  if (rule === undefined) return;
  if (Array.isArray(node.oneOf) && rule.mapping) {
    const named = Object.entries(rule.mapping).map(([type, target]) => ({
      if: { properties: { [rule.propertyName]: { const: type } }, required: [rule.propertyName] },
      then: { $ref: target },
    }));
    node.allOf = [...(node.allOf || []), ...named, { anyOf: node.oneOf }];
    delete node.oneOf;
  }
  delete node.discriminator;
}
honourDiscriminators(api);

const ajv = new Ajv({ strict: false, allErrors: true });
addFormats(ajv);
for (const format of ['base64', 'float', 'double', 'int32', 'int64', 'byte', 'binary'])
  ajv.addFormat(format, true);
ajv.addSchema(api, 'api');
const path = api.components ? '/components/schemas/' : '/definitions/';
const check = ajv.compile({ $ref: 'api#' + path + schemaName });

let problems = 0;
for (const payload of payloads) {
  const value = JSON.parse(fs.readFileSync(payload, 'utf8'));
  for (const document of Array.isArray(value) ? value : [value]) {
    if (check(document)) continue;
    for (const error of check.errors) {
      problems += 1;
      console.log(`${payload}: ${error.instancePath || '/'} ${error.message}`);
    }
  }
}
process.exit(problems ? 1 : 0);

// Reads TM Forum's Swagger 2 and OpenAPI 3 documents and validates bodies against their schemas.
const fs = require('fs');
const yaml = require('js-yaml');
const Ajv = require('ajv').default;
const addFormats = require('ajv-formats').default;

const formats_without_meaning = ['base64', 'float', 'double', 'int32', 'int64', 'byte', 'binary'];

exports.read = (file) => {
  const text = fs.readFileSync(file, 'utf8');
  // Without YAML's own dates: examples have to stay text.
  return file.endsWith('.json') ? JSON.parse(text) : yaml.load(text, { schema: yaml.JSON_SCHEMA });
};

const schemas_of = (document) => (document.components ? document.components.schemas : document.definitions);
exports.schemas_of = schemas_of;
const root_of = (document) => (document.components ? '#/components/schemas/' : '#/definitions/');

function visit(node, change) {
  if (node === null || typeof node !== 'object') return;
  if (!Array.isArray(node)) change(node);
  Object.values(node).forEach((child) => visit(child, change));
}

// `@type` chooses the branch: what the discriminator names applies; a type that it does not know may be any of the branches.
function choose_branches(schema) {
  const { propertyName: name, mapping = {} } = schema.discriminator;
  const branches = Object.entries(mapping).map(([type, $ref]) => ({
    if: { properties: { [name]: { const: type } }, required: [name] },
    then: { $ref },
  }));
  if (schema.oneOf) {
    schema.allOf = [...(schema.allOf || []), ...branches, { anyOf: schema.oneOf }];
    delete schema.oneOf;
  }
  delete schema.discriminator;
}

// A base class whose discriminator names its subclasses: what refers to it gets the subclass that `@type` names, but the
// subclasses' own reference to it (in allOf) means the base alone.
function dispatch_bases(document) {
  const schemas = schemas_of(document);
  const root = root_of(document);
  const bases = Object.keys(schemas).filter((name) => schemas[name].discriminator && !schemas[name].oneOf);
  const dispatched = new Map(bases.map((name) => [root + name, `${root}${name}__or_subclass`]));
  const redirect = (node, inside_all_of) => {
    if (node === null || typeof node !== 'object') return;
    if (Array.isArray(node)) {
      node.forEach((item) => redirect(item, inside_all_of));
      return;
    }
    if (node.$ref && !inside_all_of && dispatched.has(node.$ref)) node.$ref = dispatched.get(node.$ref);
    for (const [name, child] of Object.entries(node)) if (name !== 'discriminator') redirect(child, name === 'allOf');
  };
  redirect(schemas, false);
  for (const name of bases) {
    const mapping = schemas[name].discriminator.mapping || {};
    const subclasses = Object.entries(mapping).filter(([, $ref]) => $ref !== root + name);
    const type = schemas[name].discriminator.propertyName;
    schemas[`${name}__or_subclass`] = {
      allOf: [{ $ref: root + name }, ...subclasses.map(([value, $ref]) => ({
        if: { properties: { [type]: { const: value } }, required: [type] },
        then: { $ref },
      }))],
    };
    delete schemas[name].discriminator;
  }
}

// `discriminators`: 'removed', as the kits do, or 'honoured'. Returns a function of a schema's name that yields Ajv's validator.
exports.validators = (original, discriminators) => {
  const document = JSON.parse(JSON.stringify(original));
  if (discriminators === 'honoured') {
    dispatch_bases(document);
    visit(schemas_of(document), (node) => node.discriminator && choose_branches(node));
  } else {
    visit(schemas_of(document), (node) => delete node.discriminator);
  }
  delete document.paths;
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats(ajv);
  formats_without_meaning.forEach((name) => ajv.addFormat(name, true));
  ajv.addSchema(document, 'document');
  const made = new Map();
  return (name) => {
    const wanted = schemas_of(document)[`${name}__or_subclass`] ? `${name}__or_subclass` : name;
    if (!made.has(wanted)) made.set(wanted, ajv.compile({ $ref: `document${root_of(document)}${wanted}` }));
    return made.get(wanted);
  };
};

// The schema of a JSON answer's entity: of its items, where it is a list.
exports.answer_schema = (document, path, method, status) => {
  let answer = document.paths[path][method].responses[status];
  if (answer.$ref) answer = document.components.responses[answer.$ref.split('/').pop()];
  let schema = answer.schema || answer.content['application/json'].schema;
  if (schema.items) schema = schema.items;
  return schema.$ref.split('/').pop();
};

exports.explain = (errors) => (errors || []).slice(0, 6).map((e) => `${e.instancePath} ${e.message}`).join(' | ');

// What TM Forum's engine for v5 kits checks, made from the published OpenAPI file:
//   v5.js OPENAPI_FILE COLLECTION BASE_URL
// POST, PATCH, GET list, fields, id, DELETE and 404; each body against its schema with all discriminators removed, so that a
// oneOf must match exactly one branch; mandatory attributes on the instance. Every partial answer, of whatever method, has what
// identifies an entity: id, href and @type.
const openapi = require('./openapi');
const { check, close, call } = require('./report');

const [file, collection, base] = process.argv.slice(2);
const document = openapi.read(file);
const validator = openapi.validators(document, 'removed');
const many = `/${collection}`;
const one = `/${collection}/{id}`;

const bodies = {
  service: {
    post: {
      '@type': 'Service', state: 'active', name: 'service of the kit',
      serviceSpecification: { '@type': 'ServiceSpecificationRef', id: '1212', '@referredType': 'ServiceSpecification' },
      serviceCharacteristic: [{ '@type': 'IntegerCharacteristic', name: 'vlan', value: 12 }],
      note: [{ '@type': 'Note', author: 'kit', date: '2025-01-15T12:26:11.748Z', text: 'a note' }],
    },
    patch: { '@type': 'Service', state: 'inactive' },
    mandatory: ['id', 'href', '@type', 'state', 'serviceSpecification'],
    optional: ['name', 'serviceCharacteristic', 'note', 'serviceDate'],
  },
  resource: {
    post: {
      '@type': 'PhysicalResource', name: 'router of the kit', operationalState: 'enabled', administrativeState: 'unlocked',
      usageState: 'idle', serialNumber: '4711',
      resourceSpecification: { '@type': 'ResourceSpecificationRef', id: '74ed', '@referredType': 'PhysicalResourceSpecification' },
      place: [{ '@type': 'RelatedPlaceRef', role: 'site', place: { '@type': 'PlaceRef', id: 'P1', '@referredType': 'GeographicSite' } }],
    },
    patch: { '@type': 'PhysicalResource', operationalState: 'disabled' },
    mandatory: ['id', 'href', '@type'],
    optional: ['name', 'operationalState', 'resourceSpecification', 'place'],
  },
}[collection];

function conforms(what, schema, json) {
  const validate = validator(schema);
  for (const item of Array.isArray(json) ? json : [json]) {
    if (!validate(item)) {
      check(false, `${what}: conforms to ${schema}`, openapi.explain(validate.errors));
      return;
    }
  }
  check(json !== undefined, `${what}: conforms to ${schema}`);
}

function has(what, json, id, names) {
  const item = Array.isArray(json) ? json.find((candidate) => candidate.id === id) : json;
  for (const name of names) check(item !== undefined && item[name] !== undefined && item[name] !== null, `${what}: has ${name}`, JSON.stringify(item));
}

function identified(what, json) {
  const items = Array.isArray(json) ? json : [json];
  const lacking = items.find((item) => !item || ['id', 'href', '@type'].some((name) => typeof item[name] !== 'string' || item[name] === ''));
  check(items.length > 0 && lacking === undefined, `${what}: each has id, href and @type`, JSON.stringify(lacking));
}

async function reads(target, id, path) {
  const schema = openapi.answer_schema(document, many, 'get', '200');
  let answer = await call('GET', base + target);
  check([200, 206].includes(answer.status), `GET ${path}`, `${answer.status} ${answer.text}`);
  conforms(`GET ${path}`, schema, answer.json);
  has(`GET ${path}`, answer.json, id, bodies.mandatory);
  for (const name of [...bodies.mandatory, ...bodies.optional]) {
    answer = await call('GET', `${base}${target}?fields=${encodeURIComponent(name)}`);
    check([200, 206].includes(answer.status), `GET ${path}?fields=${name}`, `${answer.status} ${answer.text}`);
    conforms(`GET ${path}?fields=${name}`, schema, answer.json);
    identified(`GET ${path}?fields=${name}`, answer.json);
    if (name !== 'serviceDate' || collection === 'service') has(`GET ${path}?fields=${name}`, answer.json, id, [name]);
  }
}

async function run() {
  let answer = await call('POST', base + many, bodies.post);
  check(answer.status === 201, `POST ${many}`, `${answer.status} ${answer.text}`);
  conforms(`POST ${many}`, openapi.answer_schema(document, many, 'post', '201'), answer.json);
  const { id } = answer.json || {};
  check(answer.headers.get('location') === (answer.json || {}).href, `POST ${many}: Location is href`, answer.headers.get('location'));
  for (const type of ['application/json', 'application/merge-patch+json']) {
    answer = await call('PATCH', `${base}${many}/${id}`, bodies.patch, type);
    check(answer.status === 200, `PATCH ${one} as ${type}`, `${answer.status} ${answer.text}`);
    conforms(`PATCH ${one} as ${type}`, openapi.answer_schema(document, one, 'patch', '200'), answer.json);
  }
  for (const fields of ['none', 'name', 'nosuch', 'note.text']) {
    answer = await call('PATCH', `${base}${many}/${id}?fields=${fields}`, bodies.patch);
    identified(`PATCH ${one}?fields=${fields}`, answer.json);
    answer = await call('POST', `${base}${many}?fields=${fields}`, bodies.post);
    identified(`POST ${many}?fields=${fields}`, answer.json);
    answer = await call('GET', `${base}${many}?fields=${fields}`);
    identified(`GET ${many}?fields=${fields}`, answer.json);
  }
  await reads(many, id, many);
  await reads(`${many}/${id}`, id, one);
  answer = await call('DELETE', `${base}${many}/${id}`);
  check(answer.status === 204 && answer.text === '', `DELETE ${one}`, `${answer.status} ${answer.text}`);
  answer = await call('GET', `${base}${many}/${id}`);
  check(answer.status === 404, `GET ${one} after DELETE`, answer.status);
  conforms('the body of a 404', 'Error', answer.json);
  answer = await call('POST', base + many, { '@type': bodies.post['@type'], state: 7, name: 7 });
  check(answer.status === 400, `POST ${many} of a wrong type`, `${answer.status} ${answer.text}`);
  conforms('the body of a 400', 'Error', answer.json);
  close();
}

run();

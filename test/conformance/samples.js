// Every sample that TM Forum publishes of an entity of 638 and 639, v4 and v5:
//   samples.js DIR SERVER_URL
// It is accepted as it is, comes back field for field in its own version, and read in the other version conforms to that version's
// schema, discriminators honoured. The published samples themselves break their schemas here and there, and what came is kept; so
// a violation in the other version counts unless the sample brought it along:
//  - an attribute is missing that the sample does not have at that place either, under either version's name for the place
//    (but never @type, which the server adds to every object it knows);
//  - a value has the wrong form and stands in the sample at that place exactly so;
//  - the sample violates its own version's schema in the same object.
const fs = require('fs');
const path = require('path');
const { isDeepStrictEqual } = require('util');
const openapi = require('./openapi');
const { check, close, call } = require('./report');

const [folder, server] = process.argv.slice(2);

const apis = {
  638: { collection: 'service', v4: '/tmf-api/serviceInventory/v4', v5: '/tmf-api/serviceInventoryManagement/v5' },
  639: { collection: 'resource', v4: '/tmf-api/resourceInventoryManagement/v4', v5: '/tmf-api/resourceInventoryManagement/v5' },
};
const other = { v4: 'v5', v5: 'v4' };

function load_schemas(number, version) {
  const name = fs.readdirSync(path.join(folder, 'openapi'))
    .find((file) => file.startsWith(`TMF${number}-`) && file.includes(`-${version}.0.0.`));
  const document = openapi.read(path.join(folder, 'openapi', name));
  const schema = openapi.answer_schema(document, `/${apis[number].collection}/{id}`, 'get', '200');
  return openapi.validators(document, 'honoured')(schema);
}

// Whole entities: not operations of a patch, not partial updates, not selections of fields.
function is_entity(number, document) {
  if (document === null || typeof document !== 'object' || /Event$/.test(document['@type'] || '')) return false;
  return number === '638' ? 'serviceSpecification' in document && 'state' in document : 'name' in document;
}

function* entities_of(number, file) {
  let document;
  try {
    document = JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    console.log(`SKIPPED: ${path.relative(folder, file)} is no JSON`);
    return;
  }
  const event = document.event && document.event[apis[number].collection];
  for (const candidate of [].concat(document, event === undefined ? [] : event))
    if (is_entity(number, candidate)) yield candidate;
}

function* samples() {
  for (const version of ['v4', 'v5'])
    for (const number of ['638', '639']) {
      const parent = path.join(folder, 'samples', version);
      for (const name of fs.readdirSync(parent).filter((entry) => entry.startsWith(`TMF${number}`)))
        for (const file of fs.readdirSync(path.join(parent, name)).sort())
          for (const document of entities_of(number, path.join(parent, name, file)))
            yield { number, version, document, what: `${version}/${name}/${file}` };
    }
}

// 'unlock' is in no enumeration of any version; the samples mean 'unlocked'.
const read_as_meant = (document) => ({
  ...document, ...(document.administrativeState === 'unlock' ? { administrativeState: 'unlocked' } : {}),
});

// What the server sets, and first-level nulls and empty lists, which equal absence.
function comparable(document, with_id) {
  const entries = Object.entries(document).filter(([name, value]) => !['href', 'serviceDate', ...(with_id ? [] : ['id'])].includes(name)
    && value !== null && !(Array.isArray(value) && value.length === 0));
  return Object.fromEntries(entries);
}

// One name for a place in both versions: v5 nests what v4 has flat.
const nested = new Set(['partyOrPartyRole', 'entity']);
const renamed = { policyConstraint: 'constraint' };
function common_place(pointer) {
  const parts = [];
  for (const part of pointer.split('/').slice(1)) {
    const last = parts.filter((p) => !/^\d+$/.test(p)).pop();
    if (nested.has(part) || (part === 'place' && last === 'place')) continue;
    parts.push(renamed[part] || part);
  }
  // 639 v4 has one place, not in a list.
  return parts.join('/').replace(/^place\/0(\/|$)/, 'place$1');
}

// All objects and values of a document by their place.
function places_of(document) {
  const objects = new Map();
  const values = new Map();
  const walk = (value, pointer) => {
    const place = common_place(pointer);
    if (value !== null && typeof value === 'object') {
      if (!Array.isArray(value)) objects.set(place, new Set([...(objects.get(place) || []), ...Object.keys(value).map((n) => renamed[n] || n)]));
      for (const [name, child] of Object.entries(value)) walk(child, `${pointer}/${name}`);
    }
    values.set(place, [...(values.get(place) || []), value]);
  };
  walk(document, '');
  return { objects, values };
}

const value_at = (document, pointer) => pointer.split('/').slice(1)
  .reduce((value, part) => (value === undefined || value === null ? undefined : value[part]), document);

function violations(validate, document, original, own_errors) {
  if (validate(document)) return [];
  const { objects, values } = places_of(original);
  const broken = new Set(own_errors.filter((e) => e.instancePath !== '').map((e) => common_place(e.instancePath)));
  const brought_along = (error) => {
    const place = common_place(error.instancePath);
    if (['if', 'anyOf', 'oneOf'].includes(error.keyword)) return true; // what failed inside is listed by itself
    if (place !== '' && broken.has(place)) return true;
    if (error.keyword === 'required')
      return error.params.missingProperty !== '@type' && !(objects.get(place) || new Set()).has(renamed[error.params.missingProperty] || error.params.missingProperty);
    const value = value_at(document, error.instancePath);
    return (values.get(place) || []).some((candidate) => isDeepStrictEqual(candidate, value));
  };
  return validate.errors.filter((error) => !brought_along(error));
}

async function run_sample({ number, version, document, what }, schemas) {
  const sent = read_as_meant(document);
  const { collection } = apis[number];
  const url = (v) => `${server}${apis[number][v]}/${collection}`;
  let answer = await call('POST', url(version), sent);
  if (!check(answer.status === 201, `${what}: accepted`, `${answer.status} ${answer.text}`)) return;
  const with_id = sent.id !== undefined;
  const id = encodeURIComponent(answer.json.id);
  answer = await call('GET', `${url(version)}/${id}`);
  const [wanted, got] = [comparable(sent, with_id), comparable(answer.json, with_id)];
  const different = [...new Set([...Object.keys(wanted), ...Object.keys(got)])].filter((name) => !isDeepStrictEqual(wanted[name], got[name]));
  check(different.length === 0, `${what}: comes back field for field`,
    different.map((name) => `${name}: sent ${JSON.stringify(wanted[name])}, got ${JSON.stringify(got[name])}`).join('; '));
  const own = schemas[number][version];
  const own_errors = own(answer.json) ? [] : [...own.errors];
  answer = await call('GET', `${url(other[version])}/${id}`);
  const found = violations(schemas[number][other[version]], answer.json, sent, own_errors);
  check(answer.status === 200 && found.length === 0, `${what}: conforms in ${other[version]}`, openapi.explain(found));
  // Back again: what the other version shows, written back in it, changes nothing.
  const before = answer.headers.get('etag').replace('-gzip"', '"'); // of what comes packed
  answer = await call('PATCH', `${url(other[version])}/${id}`, answer.json);
  check(answer.status === 200 && answer.headers.get('etag') === before, `${what}: written back in ${other[version]}, nothing changes`,
    `${answer.status} ${before} -> ${answer.headers.get('etag')} ${answer.status === 200 ? '' : answer.text}`);
  answer = await call('DELETE', `${url(version)}/${id}`);
  check(answer.status === 204, `${what}: deleted`, `${answer.status} ${answer.text}`);
}

async function run() {
  const schemas = {};
  for (const number of ['638', '639']) schemas[number] = { v4: load_schemas(number, 'v4'), v5: load_schemas(number, 'v5') };
  for (const sample of samples()) await run_sample(sample, schemas);
  close();
}

run();

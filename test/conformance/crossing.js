// Random documents that conform to a version of the published files, read in the other version:
//   crossing.js DIR SERVER_URL [COUNT] [SEED]
// Each is accepted, comes back field for field in its own version, and conforms to the other version's schemas of an answer and
// of a create, discriminators honoured. What cannot be supplied stands in cannot_be_supplied, with its reason; a rule of it that
// nothing meets fails, so that the list stays true. docs/reference/versions.md shows it.
const fs = require('fs');
const path = require('path');
const { isDeepStrictEqual } = require('util');
const openapi = require('./openapi');
const { Maker } = require('./random_documents');
const { check, close, call } = require('./report');
const { cannot_be_supplied } = require('./cannot_be_supplied');

const [folder, server, count = '150', seed = '1'] = process.argv.slice(2);

const apis = {
  638: { collection: 'service', v4: '/tmf-api/serviceInventory/v4', v5: '/tmf-api/serviceInventory/v5',
    create: { v4: 'Service_Create', v5: 'Service_FVO' } },
  639: { collection: 'resource', v4: '/tmf-api/resourceInventoryManagement/v4', v5: '/tmf-api/resourceInventoryManagement/v5',
    create: { v4: 'Resource_Create', v5: 'Resource_FVO' } },
};
const other = { v4: 'v5', v5: 'v4' };

function load(number, version) {
  const name = fs.readdirSync(path.join(folder, 'openapi'))
    .find((file) => file.startsWith(`TMF${number}-`) && file.includes(`-${version}.0.0.`));
  const document = openapi.read(path.join(folder, 'openapi', name));
  // The published create of TMF639 v4 demands what its own text says the server sets.
  const { create, collection } = apis[number];
  const schema = openapi.schemas_of(document)[create[version]];
  if (schema.required) schema.required = schema.required.filter((one) => !['id', 'href'].includes(one));
  const validators = openapi.validators(document, 'honoured');
  return {
    document,
    create: validators(create[version]),
    answer: validators(openapi.answer_schema(document, `/${collection}/{id}`, 'get', '200')),
  };
}

const without_indexes = (pointer) => pointer.replace(/\/\d+(?=\/|$)/g, '');

// The rule by which a violation is known, if any.
const excuse = (version, use, error) => cannot_be_supplied.find((rule) => rule.in === version
  && (rule.of === undefined || rule.of === use) && rule.at.test(without_indexes(error.instancePath))
  && (rule.lacks === undefined ? rule.keyword === error.keyword : error.keyword === 'required' && error.params.missingProperty === rule.lacks));

// What was sent, without what equals absence on the first level and what the server sets.
function comparable(document) {
  return Object.fromEntries(Object.entries(document).filter(([name, value]) => !['id', 'href', 'serviceDate'].includes(name)
    && value !== null && !(Array.isArray(value) && value.length === 0)));
}

const followed = ['if', 'anyOf', 'oneOf']; // what failed inside is listed by itself

async function cross(number, version, sent, schemas, met) {
  const { collection } = apis[number];
  const url = (v) => `${server}${apis[number][v]}/${collection}`;
  const what = `TMF${number} ${version}`;
  let answer = await call('POST', url(version), sent);
  if (answer.status !== 201) return `${what}: ${answer.status} ${answer.text}`;
  const id = encodeURIComponent(answer.json.id);
  const wanted = comparable(sent);
  const got = comparable(answer.json);
  for (const name of new Set([...Object.keys(wanted), ...Object.keys(got)]))
    if (!isDeepStrictEqual(wanted[name], got[name]))
      return `${what}: ${name} came back as ${JSON.stringify(got[name])}, sent ${JSON.stringify(wanted[name])}`;
  answer = await call('GET', `${url(other[version])}/${id}`);
  for (const use of ['answer', 'create']) {
    const validate = schemas[number][other[version]][use];
    if (validate(answer.json)) continue;
    for (const error of validate.errors.filter((one) => !followed.includes(one.keyword))) {
      const rule = excuse(other[version], use, error);
      if (rule === undefined) {
        const place = error.instancePath.split('/').slice(1, 4).reduce((value, part) => (value || {})[part], answer.json);
        return `${what} in ${other[version]}, schema of the ${use}: ${error.instancePath} ${error.message} ${JSON.stringify(error.params)}: ${JSON.stringify(place)}`;
      }
      met.add(rule);
    }
  }
  return undefined;
}

async function run() {
  const schemas = {};
  const met = new Set();
  for (const number of Object.keys(apis)) schemas[number] = { v4: load(number, 'v4'), v5: load(number, 'v5') };
  for (const number of Object.keys(apis))
    for (const version of ['v4', 'v5']) {
      const { document, create } = schemas[number][version];
      const maker = new Maker(document, Number(seed));
      const problems = new Map();
      let made = 0;
      for (let left = Number(count); left > 0; left -= 1) {
        const sent = maker.value({ $ref: `#/x/${apis[number].create[version]}` }, 0);
        delete sent.id;
        if (!create(sent)) {
          problems.set(`the maker's own: ${openapi.explain(create.errors)}`, sent);
          continue;
        }
        made += 1;
        const problem = await cross(number, version, sent, schemas, met);
        if (problem) problems.set(problem.replace(/\/\d+/g, '/N').replace(/: [[{"].*/, ''), problem);
      }
      for (const [problem, detail] of problems) check(false, problem, typeof detail === 'string' ? detail.slice(problem.length) : JSON.stringify(detail));
      check(made > Number(count) / 2 && problems.size === 0, `TMF${number} ${version}: ${made} random documents conform in ${other[version]}`);
    }
  for (const rule of cannot_be_supplied) check(met.has(rule), `in ${rule.in} ${rule.at} ${rule.lacks || rule.keyword} is still not supplied`);
  close();
}

run();

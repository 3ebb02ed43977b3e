// Every v4 sample that TM Forum publishes of the entities that services and resources refer to:
//   neighbours.js DIR SERVER_URL
// It is accepted as it is, comes back field for field, conforms to the published schema wherever the sample itself does, and written
// back in each version that there is it changes nothing.
const fs = require('fs');
const path = require('path');
const { isDeepStrictEqual } = require('util');
const openapi = require('./openapi');
const { check, close, call } = require('./report');

const [folder, server] = process.argv.slice(2);

// By the folder of samples: the published file, where it is served, and the collections of what the files are named after.
const apis = {
  TMF632_Party: { file: 'TMF632-Party-v4.0.0.swagger.json', bases: ['/tmf-api/party/v4', '/tmf-api/partyManagement/v5'], of: { Individual: 'individual', Organization: 'organization' } },
  TMF633_Service_Catalog: {
    file: 'TMF633-ServiceCatalog-v4.0.0.swagger.json', bases: ['/tmf-api/serviceCatalogManagement/v4'],
    of: { ServiceCandidate: 'serviceCandidate', ServiceCatalog: 'serviceCatalog', ServiceCategory: 'serviceCategory', ServiceSpecification: 'serviceSpecification' },
  },
  TMF634_Resource_Catalog: {
    file: 'TMF634-ResourceCatalog-v4.1.0.swagger.json', bases: ['/tmf-api/resourceCatalog/v4', '/tmf-api/resourceCatalog/v5'],
    of: {
      ResourceCandidate: 'resourceCandidate', ResourceCatalog: 'resourceCatalog', ResourceCategory: 'resourceCategory', ResourceSpecification: 'resourceSpecification',
      LogicalResourceSpecification: 'resourceSpecification', PhysicalResourceSpecification: 'resourceSpecification', ResourceFunctionSpecification: 'resourceSpecification',
    },
  },
  TMF673_Geographic_Address: { file: 'TMF673-GeographicAddress-v4.1.0.swagger.json', bases: ['/tmf-api/geographicAddressManagement/v4'], of: { GeographicAddress: 'geographicAddress' } },
  TMF674_Geographic_Site: { file: 'TMF674-GeographicSite-v4.0.0.swagger.json', bases: ['/tmf-api/geographicSiteManagement/v4'], of: { GeographicSite: 'geographicSite' } },
  TMF675_Geographic_Location: {
    file: 'TMF675-GeographicLocation-v4.0.0.swagger.json', bases: ['/tmf-api/geographicLocation/v4'],
    of: Object.fromEntries(['GeographicLocation', 'GeoJsonPoint', 'GeoJsonMultiPoint', 'GeoJsonLineString', 'GeoJsonMultiLineString', 'GeoJsonPolygon'].map((name) => [name, 'geographicLocation'])),
  },
  TMF688_Event: { file: 'TMF688-Event-v4.0.0.swagger.json', bases: ['/tmf-api/event/v4'], of: { Topic: 'topic' } },
};
const supplied = ['id', 'href', '@type', 'isBundle', 'lastUpdate', 'lifecycleStatus'];

function* samples() {
  for (const [name, api] of Object.entries(apis)) {
    const parent = path.join(folder, 'samples', 'v4', name);
    for (const file of fs.readdirSync(parent).sort()) {
      const collection = api.of[file.split('.')[0]];
      if (collection === undefined) continue;
      for (const document of [].concat(JSON.parse(fs.readFileSync(path.join(parent, file), 'utf8'))))
        yield { api, collection, document, what: `${name}/${file}` };
    }
  }
}

// First-level nulls and empty lists equal absence.
const present = (document) => Object.fromEntries(Object.entries(document).filter(([, value]) => value !== null && !(Array.isArray(value) && value.length === 0)));

async function run_sample({ api, collection, document, what }, validate) {
  let answer = await call('POST', `${server}${api.bases[0]}/${collection}`, document);
  if (!check(answer.status === 201, `${what}: accepted`, `${answer.status} ${answer.text}`)) return;
  const id = encodeURIComponent(answer.json.id);
  answer = await call('GET', `${server}${api.bases[0]}/${collection}/${id}`);
  const [wanted, got] = [present(document), answer.json];
  const different = [...new Set([...Object.keys(wanted), ...Object.keys(got)])]
    .filter((name) => name !== 'href' && !(wanted[name] === undefined && supplied.includes(name)) && !isDeepStrictEqual(wanted[name], got[name]));
  check(different.length === 0, `${what}: comes back field for field`,
    different.map((name) => `${name}: sent ${JSON.stringify(wanted[name])}, got ${JSON.stringify(got[name])}`).join('; '));
  const own = validate({ ...document, id: document.id || 'x', href: document.href || 'x' });
  check(!own || validate(answer.json), `${what}: conforms`, openapi.explain(validate.errors));
  for (const base of api.bases) {
    answer = await call('GET', `${server}${base}/${collection}/${id}`);
    const before = answer.headers.get('etag').replace('-gzip"', '"'); // of what comes packed
    answer = await call('PATCH', `${server}${base}/${collection}/${id}`, answer.json);
    check(answer.status === 200 && answer.headers.get('etag') === before, `${what}: written back at ${base}, nothing changes`,
      `${answer.status} ${before} -> ${answer.headers.get('etag')} ${answer.status === 200 ? '' : answer.text}`);
  }
  answer = await call('DELETE', `${server}${api.bases[0]}/${collection}/${id}`);
  check(answer.status === 204, `${what}: deleted`, `${answer.status} ${answer.text}`);
}

async function run() {
  for (const sample of samples()) {
    const document = openapi.read(path.join(folder, 'openapi', sample.api.file));
    const schema = openapi.answer_schema(document, `/${sample.collection}/{id}`, 'get', '200');
    await run_sample(sample, openapi.validators(document, 'honoured')(schema));
  }
  close();
}

run();

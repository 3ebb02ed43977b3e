// Runs one of TM Forum's published v4 kits, a Postman collection with its config.json:
//   kit.js KIT_FOLDER BASE_URL_ENDING_IN_SLASH
// The kit's own runner asks questions; what it then does is done here: headers and payloads of config.json go into the requests.
const fs = require('fs');
const path = require('path');
const newman = require('newman');
const { check, close } = require('./report');

const [folder, base] = process.argv.slice(2);
const inner = path.join(folder, 'ctk');
const file = fs.readdirSync(inner).find((name) => /(testkit|postman_collection)\.json$/.test(name));
const collection = JSON.parse(fs.readFileSync(path.join(inner, file)));
const config = JSON.parse(fs.readFileSync(path.join(folder, 'config.json')));
const header = Object.entries(config.headers).map(([key, value]) => ({ key, value }));

// "{{Service_Inventory}}service/{{ID}}" asks the collection "service"; the first variable is the base URL.
const raw_url = (request) => (typeof request.url === 'string' ? request.url : request.url.raw);
const collection_name = (url) => url.split('?')[0].replace(/^\{\{[^}]*\}\}/, '').split('/')[0].toLowerCase();

let base_variable;
const prepare = (items) => items.forEach((item) => {
  if (item.item) {
    prepare(item.item);
    return;
  }
  const url = raw_url(item.request);
  base_variable = base_variable || /^\{\{([^}]*)\}\}/.exec(url)[1];
  item.request.header = header;
  for (const [name, methods] of Object.entries(config.payloads))
    if (name.toLowerCase() === collection_name(url) && methods[item.request.method])
      item.request.body = { mode: 'raw', raw: JSON.stringify(methods[item.request.method].payload) };
});
prepare(collection.item);

newman.run({ collection, envVar: [{ key: base_variable, value: base }], reporters: [] }, (problem, summary) => {
  if (problem) throw problem;
  const { requests, assertions } = summary.run.stats;
  const name = collection.info.name;
  check(requests.total > 0 && requests.failed === 0, `${name}: ${requests.total} requests`, `${requests.failed} failed`);
  check(assertions.total > 0 && assertions.failed === 0, `${name}: ${assertions.total} assertions`, `${assertions.failed} failed`);
  for (const failure of summary.run.failures)
    check(false, `${name}: ${failure.source && failure.source.name}: ${failure.error.test || ''}`, failure.error.message);
  close();
});

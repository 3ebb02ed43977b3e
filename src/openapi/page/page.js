// The operations of a published document, as forms. Whatever a document or an answer says becomes text (textContent), never markup,
// and requests go to the server that the page came from: nobody else is asked (CSP).
'use strict';

const methods = ['get', 'post', 'put', 'patch', 'delete'];
const shown_at_most = 1000000; // characters of an answer

const by_id = (id) => document.getElementById(id);

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) made[key] = value;
  made.append(...children.filter((child) => child !== null));
  return made;
}

const resolve = (api, node) => {
  for (let steps = 0; node && typeof node.$ref === 'string' && steps < 16; steps += 1)
    node = node.$ref.split('/').slice(1).reduce((at, part) => (at || {})[part.replace(/~1/g, '/').replace(/~0/g, '~')], api);
  return node || {};
};

// An example of a schema: what is required, and where nothing is, the first members.
function example(api, schema, depth) {
  const known = resolve(api, schema);
  if (known.example !== undefined) return known.example;
  if (known.enum) return known.enum[0];
  const part = (known.allOf || known.oneOf || known.anyOf || [])[0];
  if (part) return example(api, part, depth);
  if (known.type === 'array') return depth > 3 ? [] : [example(api, known.items || {}, depth + 1)];
  if (known.type === 'object' || known.properties) {
    const properties = known.properties || {};
    const names = known.required || Object.keys(properties).slice(0, 3);
    return Object.fromEntries(depth > 3 ? [] : names.filter((name) => properties[name])
      .map((name) => [name, example(api, properties[name], depth + 1)]));
  }
  return { integer: 0, number: 0, boolean: true, string: '' }[known.type] ?? '';
}

// Where the document says that its paths begin, on this server.
function base_of(api) {
  const url = ((api.servers || [])[0] || {}).url || '';
  try {
    return new URL(url, location.origin).pathname.replace(/\/$/, '');
  } catch {
    return '';
  }
}

function parameter_row(api, parameter) {
  const schema = resolve(api, parameter.schema);
  const field = schema.enum || schema.type === 'boolean'
    ? element('select', {}, ...['', ...(schema.enum || ['true', 'false'])].map((word) => element('option', { value: word, textContent: word })))
    : element('input', { type: 'text', autocomplete: 'off' });
  field.required = parameter.required === true;
  field.setAttribute('aria-label', parameter.name);
  const row = element('tr', {},
    element('td', {}, element('span', { className: parameter.required ? 'needed' : '', textContent: parameter.name })),
    element('td', { textContent: parameter.in }), element('td', {}, field),
    element('td', { className: 'about', textContent: parameter.description || '' }));
  return { parameter, field, row };
}

function request_of(api, path, method, rows, body) {
  const query = [];
  const headers = { Accept: 'application/json, */*;q=0.5' };
  let target = path;
  for (const { parameter, field } of rows) {
    if (field.value === '') continue;
    if (parameter.in === 'path') target = target.split(`{${parameter.name}}`).join(encodeURIComponent(field.value));
    if (parameter.in === 'query') query.push(`${encodeURIComponent(parameter.name)}=${encodeURIComponent(field.value)}`);
    if (parameter.in === 'header') headers[parameter.name] = field.value;
  }
  const options = { method: method.toUpperCase(), headers, redirect: 'error' };
  if (body && body.text.value !== '') {
    headers['Content-Type'] = body.type.value;
    options.body = body.text.value;
  }
  return { url: base_of(api) + target + (query.length > 0 ? `?${query.join('&')}` : ''), options };
}

// The text of an answer; one that goes on without an end is cut.
async function read_answer(answer) {
  const reader = answer.body ? answer.body.getReader() : null;
  const decoder = new TextDecoder();
  let text = '';
  while (reader) {
    const { done, value } = await reader.read();
    if (done) break;
    text += decoder.decode(value, { stream: true });
    if (text.length > shown_at_most) {
      await reader.cancel();
      return `${text.slice(0, shown_at_most)}\n… cut here`;
    }
  }
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

async function send(request, out) {
  const started = performance.now();
  out.className = '';
  out.textContent = `${request.options.method} ${request.url}\n…`;
  try {
    const answer = await fetch(request.url, request.options);
    const headers = [...answer.headers].map(([name, value]) => `${name}: ${value}`).join('\n');
    const text = await read_answer(answer);
    out.className = answer.ok ? '' : 'failed';
    out.textContent = `${request.options.method} ${request.url}\n${answer.status} ${answer.statusText} in ${
      Math.round(performance.now() - started)} ms\n${headers}\n\n${text}`;
  } catch (error) {
    out.className = 'failed';
    out.textContent = `${request.options.method} ${request.url}\nno answer: ${error.message}`;
  }
}

function body_fields(api, operation) {
  const content = Object.entries(resolve(api, operation.requestBody || {}).content || {});
  if (content.length === 0) return null;
  const type = element('select', {}, ...content.map(([name]) => element('option', { value: name, textContent: name })));
  const text = element('textarea', { spellcheck: false });
  const fill = () => {
    const { schema } = Object.fromEntries(content)[type.value];
    const made = example(api, schema || {}, 0);
    text.value = typeof made === 'string' ? made : JSON.stringify(made, null, 2);
  };
  type.addEventListener('change', fill);
  fill();
  return { type, text };
}

function form_of(api, path, method, operation, shared) {
  const rows = [...shared, ...(operation.parameters || [])].map((one) => parameter_row(api, resolve(api, one)));
  const body = body_fields(api, operation);
  const out = element('pre', {});
  const answers = Object.entries(operation.responses || {}).map(([status, answer]) => element('tr', {},
    element('td', { textContent: status }), element('td', { textContent: resolve(api, answer).description || '' })));
  const form = element('form', {},
    operation.description ? element('p', { textContent: operation.description }) : null,
    rows.length > 0 ? element('table', {}, ...rows.map((one) => one.row)) : null,
    body ? element('p', {}, 'Body ', body.type) : null, body ? body.text : null,
    element('p', {}, element('button', { type: 'submit', textContent: 'Send' })), out,
    element('details', {}, element('summary', { textContent: 'Answers' }), element('table', {}, ...answers)));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    send(request_of(api, path, method, rows, body), out);
  });
  return form;
}

function operation_entry(api, path, item, method) {
  const operation = item[method];
  const entry = element('details', {}, element('summary', {}, element('b', { textContent: method.toUpperCase() }),
    element('code', { textContent: path }), operation.summary || ''));
  entry.addEventListener('toggle', () => {
    if (entry.open && entry.children.length === 1) entry.append(form_of(api, path, method, operation, item.parameters || []));
  });
  return { entry, text: `${method} ${path} ${operation.summary || ''} ${operation.operationId || ''}`.toLowerCase() };
}

function show(api) {
  const groups = new Map();
  const entries = [];
  for (const [path, item] of Object.entries(api.paths || {}))
    for (const method of methods.filter((one) => item[one])) {
      const tag = (item[method].tags || ['operations'])[0];
      if (!groups.has(tag)) groups.set(tag, element('section', {}, element('h2', { textContent: tag })));
      const made = operation_entry(api, path, item, method);
      entries.push(made);
      groups.get(tag).append(made.entry);
    }
  by_id('operations').replaceChildren(element('p', { textContent: `${(api.info || {}).title || ''}: ${(api.info || {}).description || ''}` }), ...groups.values());
  by_id('find').oninput = () => {
    const wanted = by_id('find').value.toLowerCase();
    for (const { entry, text } of entries) entry.hidden = !text.includes(wanted);
    for (const group of groups.values()) group.hidden = ![...group.querySelectorAll('details')].some((entry) => !entry.hidden);
  };
}

async function load(path) {
  by_id('source').href = path;
  by_id('find').value = '';
  const answer = await fetch(path, { headers: { Accept: 'application/json' } });
  show(await answer.json());
}

async function begin() {
  const answer = await fetch('/openapi', { headers: { Accept: 'application/json' } });
  const paths = await answer.json();
  const list = by_id('documents');
  for (const path of paths) list.append(element('option', { value: path, textContent: path.split('/').pop().replace('.json', '') }));
  list.addEventListener('change', () => { location.hash = list.value.split('/').pop(); });
  const chosen = () => paths.find((path) => path.endsWith(`/${location.hash.slice(1)}`)) || paths[0];
  const follow = () => {
    list.value = chosen();
    load(chosen()).catch((error) => { by_id('operations').textContent = `The document cannot be read: ${error.message}`; });
  };
  window.addEventListener('hashchange', follow);
  follow();
}

begin().catch((error) => { by_id('operations').textContent = `There is no list of documents: ${error.message}`; });

// What a client made by openapi-typescript, with openapi-fetch, does with one document.
import createClient from 'openapi-fetch';
import type { components, paths } from './schema.js';

function check(good: boolean, what: string): void {
  if (!good) throw new Error(what);
}

const body = (name: string): components['schemas']['@ENTITY@Create'] => ({
  ...@OPENAPI_TYPESCRIPT_BODY@, name, vendorData: 'kept', @CHARACTERISTIC@: [{ @OPENAPI_TYPESCRIPT_TYPED@name: 'bandwidth', value: 100 }],
});

const client = createClient<paths>({ baseUrl: process.argv[2] });
const first = await client.POST('/@COLLECTION@', { body: body('openapi typescript 1') });
check(first.response.status === 201 && first.data?.['vendorData'] === 'kept', 'created');
const second = await client.POST('/@COLLECTION@', { body: body('openapi typescript 2') });
const page = await client.GET('/@COLLECTION@', { params: { query: { name: 'openapi typescript 1,openapi typescript 2', limit: 1, sort: 'name' } } });
check(page.data?.length === 1 && page.response.headers.get('x-total-count') === '2', 'a page');
const found = await client.GET('/@COLLECTION@', { params: { query: { name: 'openapi typescript 2' } } });
check(found.data?.[0].id === second.data?.id, 'a filter');
const id = first.data?.id ?? '';
const changed = await client.PATCH('/@COLLECTION@/{id}', { params: { path: { id } }, body: { description: 'changed' } });
check(changed.data?.description === 'changed' && changed.data?.name === 'openapi typescript 1', 'patched');
const patched = await client.PATCH('/@COLLECTION@/{id}', {
  params: { path: { id } }, body: [{ op: 'remove', path: '/description' }], headers: { 'Content-Type': 'application/json-patch+json' },
});
check(patched.data?.description === undefined, 'a JSON patch');
for (const one of [id, second.data?.id ?? '']) await client.DELETE('/@COLLECTION@/{id}', { params: { path: { id: one } } });
const gone = await client.GET('/@COLLECTION@/{id}', { params: { path: { id } } });
check(gone.response.status === 404 && gone.error?.code === '60', '404');
console.log('ok');

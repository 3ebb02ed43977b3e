// What a client made by openapi-generator (typescript-fetch) does with one document.
import { @ENTITY@Api, Configuration, ResponseError } from './client';
import type { @ENTITY@Create } from './client';

function check(good: boolean, what: string): void {
  if (!good) throw new Error(what);
}

const body = (name: string): @ENTITY@Create => ({
  ...@TYPESCRIPT_BODY@, name, @CHARACTERISTIC@: [{ @TYPESCRIPT_TYPED@name: 'bandwidth', value: 100 }],
});

async function run(): Promise<void> {
  const api = new @ENTITY@Api(new Configuration({ basePath: process.argv[2] }));
  const first = await api.create@ENTITY@({ @COLLECTION@Create: body('typescript 1') });
  const second = await api.create@ENTITY@({ @COLLECTION@Create: body('typescript 2') });
  const page = await api.list@ENTITY@Raw({ name: 'typescript 1,typescript 2', limit: 1, sort: 'name' });
  check((await page.value()).length === 1 && page.raw.headers.get('x-total-count') === '2', 'a page');
  check((await api.list@ENTITY@({ name: 'typescript 2' }))[0].id === second.id, 'a filter');
  const changed = await api.patch@ENTITY@({ id: first.id, @COLLECTION@Change: { description: 'changed' } });
  check(changed.description === 'changed' && changed.name === 'typescript 1', 'patched');
  await api.delete@ENTITY@({ id: first.id });
  await api.delete@ENTITY@({ id: second.id });
  const gone = await api.retrieve@ENTITY@({ id: first.id }).then(() => 0, (error) => (error as ResponseError).response.status);
  check(gone === 404, '404');
  console.log('ok');
}

run().catch((error) => { console.error(error); process.exitCode = 1; });

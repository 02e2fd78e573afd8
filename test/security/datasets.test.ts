import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { codesOf, connect, post, serve, type TestServer } from '../server/support.ts';
import { temporaryHome } from '../support/home.ts';
import { until } from '../support/until.ts';
import { HOSTILE_TABLES } from './hostile-tables.ts';
import { recordingPython } from './recording-python.ts';

async function serveRecorded() {
  const python = recordingPython(temporaryHome());
  const server = await serve({ runner: { python: python.path } });
  return { python, server };
}

const write = ({ home }: TestServer, name: string, content = 'x,y\n1,2\n3,4\n') =>
  writeFileSync(join(home, 'datasets', name), content);

const aliases = (names: readonly string[]) =>
  `{ ${names.map((name, n) => `a${n}: dataset(name: "${name}") { preview(rows: ${n + 1}) { rowsRead rows } }`).join(' ')} }`;

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test('[preview-aliases] 20 requests with 18 previews of one file cost one process, and give each its rows', async () => {
  const { python, server } = await serveRecorded();
  const attack = aliases(Array<string>(18).fill('sample.csv'));
  const answers = await Promise.all(Array.from({ length: 20 }, () => post(server, attack)));
  for (const answer of answers) {
    const { data, errors } = answer.json();
    expect(errors).toBeUndefined();
    expect(data?.['a4']).toMatchObject({ preview: { rowsRead: 30, rows: { length: 5 } } });
  }
  expect(python.calls('preview')).toHaveLength(1);
  write(server, 'sample.csv');
  const again = (await post(server, '{ dataset(name: "sample.csv") { preview { rowsRead } } }')).json();
  expect(again.data?.['dataset']).toEqual({ preview: { rowsRead: 2 } });
  expect(python.calls('preview')).toHaveLength(2);
});

test('[preview-queue] more previews than may wait are refused at once, and an answer that is remembered is not', async () => {
  const { python, server } = await serveRecorded();
  await post(server, aliases(['sample.csv']));
  const names = Array.from({ length: 40 }, (_, n) => `slow-${n}.csv`);
  for (const name of names) write(server, name);
  await post(server, '{ datasets { name } }');
  const leave = new AbortController();
  const previews = names.map((name) => server.runner.datasetPreview(name, 1, { signal: leave.signal }));
  const outcomes = Promise.allSettled(previews);
  await until('two are being read', () => python.calls('preview').length === 3);
  const refused = (await post(server, '{ dataset(name: "slow-39.csv") { preview { rowsRead } } }')).json();
  expect(codesOf(refused)).toEqual(['TOO_MANY_PREVIEWS']);
  expect((await post(server, aliases(['sample.csv']))).json().errors).toBeUndefined();
  leave.abort();
  const reasons = (await outcomes).map((outcome) => (outcome as PromiseRejectedResult).reason as Error);
  expect(reasons.filter(({ name }) => name === 'TooManyPreviewsError')).toHaveLength(6);
  expect(reasons.filter(({ name }) => name === 'AbortError')).toHaveLength(34);
  await until('none is left', () =>
    python
      .calls('preview')
      .slice(1)
      .every(({ pid }) => !isAlive(pid)),
  );
});

const SLOW = '{ dataset(name: "slow.csv") { preview { rowsRead } } }';

test.each<[string, (server: TestServer) => () => void]>([
  [
    'HTTP',
    ({ port }) => {
      const headers = { 'content-type': 'application/json' };
      const asked = request({ port, method: 'POST', path: '/graphql', headers, agent: false });
      asked.on('error', () => undefined).end(JSON.stringify({ query: SLOW }));
      return () => asked.destroy();
    },
  ],
  [
    'WebSocket, by completing it',
    (server) => {
      const sink = { next: () => undefined, error: () => undefined, complete: () => undefined };
      const client = connect(server);
      // The client closes a socket without operations, which would end the preview too.
      client.subscribe({ query: 'subscription { jobsChanged { cursor } }' }, sink);
      return client.subscribe({ query: SLOW }, sink);
    },
  ],
  [
    'WebSocket, by closing it',
    (server) => {
      const ignore = () => undefined;
      const client = connect(server);
      client.subscribe({ query: SLOW }, { next: ignore, error: ignore, complete: ignore });
      return () => client.terminate();
    },
  ],
])('[preview-abandoned] a preview ends with the client that waits for it over %s', async (_how, ask) => {
  const { python, server } = await serveRecorded();
  write(server, 'slow.csv');
  for (const nth of [0, 1]) {
    const leave = ask(server);
    const pid = await until('it is being read', () => python.calls('preview')[nth]?.pid);
    leave();
    await until('the preview process has ended', () => !isAlive(pid));
  }
  expect(server.log.filter(({ level }) => level >= 50)).toEqual([]);
});

test.each(HOSTILE_TABLES)('[$id] costs bounded time, once', { timeout: 240_000 }, async (table) => {
  const { python, server } = await serveRecorded();
  table.write(join(server.home, 'datasets', table.name));
  const query = `{ dataset(name: "${table.name}") {
    columns columnCount rows problem preview { columnCount complete columns { name } }
  } }`;
  const began = performance.now();
  const { data, errors } = (await post(server, query)).json();
  const dataset = data?.['dataset'] as { columns: string[] | null; preview: { columns: unknown[] } | null };
  expect(errors).toBeUndefined();
  expect(dataset).toMatchObject(table.dataset);
  if (table.preview === null) expect(dataset.preview).toBeNull();
  else expect(dataset.preview).toMatchObject(table.preview);
  expect(Math.max(dataset.columns?.length ?? 0, dataset.preview?.columns.length ?? 0)).toBeLessThanOrEqual(1000);
  // Of processor time it is 15 s at most; other tests take some of it.
  expect(performance.now() - began).toBeLessThan(120_000);
  const calls = () => [python.calls('datasets').length, python.calls('preview').length];
  const before = calls();
  expect((await post(server, query)).json().data).toEqual(data);
  await post(server, `{ datasets { rows } dataset(name: "${table.name}") { preview { complete } } }`);
  // The sample is described by the first list.
  expect(calls()).toEqual([(before[0] ?? 0) + 1, before[1]]);
  expect(python.calls('datasets').at(-1)?.files).toEqual(['sample.csv']);
});

test('[table-fatal] a file that ends the process that reads it is not read again, and the others are described', async () => {
  const { python, server } = await serveRecorded();
  for (const name of ['before.csv', 'fatal.csv', 'later.csv']) write(server, name);
  const list = async () => (await post(server, '{ datasets { name rows problem } }')).json().data?.['datasets'];
  const listed = await list();
  expect(listed).toEqual([
    { name: 'before.csv', rows: 2, problem: null },
    { name: 'fatal.csv', rows: null, problem: expect.stringContaining('Reading the file was stopped') as string },
    { name: 'later.csv', rows: 2, problem: null },
    { name: 'sample.csv', rows: 30, problem: null },
  ]);
  expect(python.calls('datasets')).toHaveLength(2);
  expect(await list()).toEqual(listed);
  expect(python.calls('datasets')).toHaveLength(2);
});

import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { createAuditLog } from '../../../src/runner/audit/create-audit-log.ts';
import { openDatabase } from '../../../src/runner/store/database.ts';
import { temporaryHome } from '../../support/home.ts';
import { startRunner } from '../../support/runner.ts';
import { bearer, tokenOf } from '../../support/tokens.ts';
import { ask, post, serve, type TestServer } from '../support.ts';

const TOKENS = [
  tokenOf('adam', 'adam'),
  tokenOf('olga', 'olga', { role: 'operator' }),
  tokenOf('vera', 'vera', { role: 'viewer' }),
];

interface Entry {
  readonly user: string;
  readonly action: string;
  readonly targets: readonly string[];
  readonly outcome: string;
  readonly code: string | null;
  readonly at: string;
}

async function auditOf(server: TestServer, args = '') {
  const query = `{ auditLog${args} { edges { cursor node { at user role action targets address requestId outcome code } } pageInfo { hasNextPage endCursor } } }`;
  const { data, errors } = (await post(server, query, { headers: bearer('adam') })).json();
  expect(errors).toBeUndefined();
  const { edges, pageInfo } = data?.['auditLog'] as {
    edges: { node: Entry }[];
    pageInfo: { hasNextPage: boolean; endCursor: string };
  };
  return { entries: edges.map(({ node }) => node), pageInfo };
}

test('every change is recorded with its user, address, request and outcome, the newest first', async () => {
  const server = await serve({ settings: { tokens: TOKENS } });
  const as = (user: string, query: string) =>
    post(server, query, { headers: { ...bearer(user), 'x-request-id': `${user}-1` } });
  const began = Date.now();
  await as('olga', 'mutation { startTraining(input: { backend: SIMULATION }) { __typename } }');
  const id = server.runner.list({ limit: 1 })[0]?.id ?? expect.fail();
  await as('olga', 'mutation { startTraining(input: { backend: SIMULATION, epochs: 0 }) { __typename } }');
  await as('vera', `mutation { stopTraining(input: { id: "${id}" }) { __typename } }`);
  await as('olga', `mutation { updateJob(input: { id: "${id}", notes: "secret notes" }) { __typename } }`);
  await as('olga', `mutation { stopTraining(input: { id: "${id}" }) { __typename } }`);
  await as('adam', 'mutation { deleteJobs(input: { filter: { status: [STOPPED] }, dryRun: true }) { __typename } }');
  await as('adam', 'mutation { deleteJobs(input: { filter: { status: [STOPPED] } }) { __typename } }');
  await as('adam', 'mutation { redeliverWebhook(input: { id: "gone" }) { __typename } }');
  const put = (user: string) =>
    ask(server, {
      method: 'PUT',
      path: '/datasets/new.csv',
      headers: { ...bearer(user), 'x-request-id': `${user}-1` },
      body: 'a\n1\n',
    });
  for (const user of ['vera', 'olga', 'olga']) await put(user);
  const { entries } = await auditOf(server);
  const common = { address: '127.0.0.1' };
  const [vera, olga, adam] = [
    { ...common, user: 'vera', role: 'VIEWER', requestId: 'vera-1' },
    { ...common, user: 'olga', role: 'OPERATOR', requestId: 'olga-1' },
    { ...common, user: 'adam', role: 'ADMIN', requestId: 'adam-1' },
  ];
  const succeeded = { outcome: 'SUCCEEDED', code: null };
  const refused = { outcome: 'REFUSED', code: 'FORBIDDEN' };
  expect(entries.map(({ at: _at, ...entry }) => entry).reverse()).toEqual([
    { ...olga, action: 'startTraining', targets: [id], ...succeeded },
    { ...olga, action: 'startTraining', targets: [], outcome: 'FAILED', code: 'INVALID_INPUT' },
    { ...vera, action: 'stopTraining', targets: [id], ...refused },
    { ...olga, action: 'updateJob', targets: [id], ...succeeded },
    { ...olga, action: 'stopTraining', targets: [id], ...succeeded },
    { ...adam, action: 'deleteJobs', targets: [id], ...succeeded },
    { ...adam, action: 'redeliverWebhook', targets: ['gone'], outcome: 'FAILED', code: 'WEBHOOK_DELIVERY_NOT_FOUND' },
    { ...vera, action: 'uploadDataset', targets: ['new.csv'], ...refused },
    { ...olga, action: 'uploadDataset', targets: ['new.csv'], ...succeeded },
    { ...olga, action: 'uploadDataset', targets: ['new.csv'], outcome: 'FAILED', code: 'DATASET_EXISTS' },
  ]);
  for (const { at } of entries) expect(Date.parse(at)).toBeGreaterThanOrEqual(began - 1);
});

test('the log is read page by page, and survives a restart', async () => {
  const server = await serve({ settings: { tokens: TOKENS } });
  for (const name of ['one', 'two', 'three']) {
    server.runner.audit.add({
      user: name,
      role: 'admin',
      action: 'x',
      targets: [],
      address: '',
      requestId: '',
      outcome: 'SUCCEEDED',
      code: null,
    });
  }
  const first = await auditOf(server, '(first: 2)');
  expect(first.entries.map(({ user }) => user)).toEqual(['three', 'two']);
  expect(first.pageInfo.hasNextPage).toBe(true);
  const second = await auditOf(server, `(first: 2, after: "${first.pageInfo.endCursor}")`);
  expect(second.entries.map(({ user }) => user)).toEqual(['one']);
  expect(second.pageInfo.hasNextPage).toBe(false);
  await server.server[Symbol.asyncDispose]();
  await server.runner[Symbol.asyncDispose]();
  const runner = await startRunner(server.home, { maxRunning: 0 });
  expect(runner.audit.list({ limit: 10 })).toHaveLength(3);
});

test('[audit-flood] only the newest entries are kept, and refused attempts do not push out changes', () => {
  const home = temporaryHome();
  const database = openDatabase(`${home}/trainyard.db`, home);
  onTestFinished(() => database.close());
  const audit = createAuditLog(database, { succeeded: 5, others: 3 });
  const entry = { user: 'ada', role: 'operator', action: 'x', address: '', requestId: '' } as const;
  const add = (outcome: 'SUCCEEDED' | 'REFUSED', target: string) =>
    audit.add({ ...entry, targets: [target], outcome, code: null });
  for (let index = 0; index < 7; index++) add('SUCCEEDED', `change ${index}`);
  for (let index = 7; index < 1_000; index++) add('REFUSED', `attempt ${index}`);
  expect(audit.list({ limit: 100 }).map(({ targets }) => targets[0])).toEqual([
    ...[999, 998, 997].map((index) => `attempt ${index}`),
    ...[6, 5, 4, 3, 2].map((index) => `change ${index}`),
  ]);
});

test('[audit-targets] an entry has bounded targets', () => {
  const home = temporaryHome();
  const database = openDatabase(`${home}/trainyard.db`, home);
  onTestFinished(() => database.close());
  const audit = createAuditLog(database);
  const targets = Array.from({ length: 1_001 }, (_, index) => `${index} ${'x'.repeat(10_000)}`);
  audit.add({
    user: null,
    role: 'admin',
    action: 'x',
    targets,
    address: '',
    requestId: '',
    outcome: 'SUCCEEDED',
    code: null,
  });
  const [entry] = audit.list({ limit: 1 });
  expect(entry?.targets).toHaveLength(1_000);
  expect(Math.max(...(entry?.targets ?? []).map((target) => target.length))).toBeLessThanOrEqual(257);
});

test('an entry of the log cannot be changed', () => {
  const home = temporaryHome();
  const database = openDatabase(`${home}/trainyard.db`, home);
  createAuditLog(database).add({
    user: null,
    role: 'admin',
    action: 'x',
    targets: [],
    address: '',
    requestId: '',
    outcome: 'SUCCEEDED',
    code: null,
  });
  database.close();
  using raw = new DatabaseSync(`${home}/trainyard.db`);
  expect(() => raw.exec("UPDATE audit SET user = 'eve'")).toThrow('append-only');
});

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { REPOSITORY_ROOT } from '../../src/cli/environment/paths.ts';
import { collect, ended, reach, running } from '../support/runner.ts';
import { tokenOf } from '../support/tokens.ts';
import { until } from '../support/until.ts';
import { type Samples, scrape } from './exposition.ts';
import { ask, codesOf, connect, openSocket, overSse, overWebSocket, post, queueJob, serve } from './support.ts';
import { freeze, supervisorOf, trainerOf } from '../support/local-processes.ts';

const WATCH = 'subscription ($id: ID!) { jobProgress(id: $id) { status } }';

/** By how much samples have risen between two scrapes; only those that did. */
function rises(before: Samples, after: Samples): Record<string, number> {
  const changed = [...after].map(([name, value]) => [name, value - (before.get(name) ?? 0)] as const);
  return Object.fromEntries(changed.filter(([, rise]) => rise !== 0));
}

test('a training updates the metrics of jobs, slots, launches, ends and delays', async () => {
  const server = await serve({ runner: { maxRunning: 1 } });
  const { runner } = server;
  const before = await scrape(server);
  expect(before.get('trainyard_jobs{status="RUNNING"}')).toBe(0);
  expect(before.get('trainyard_slots')).toBe(1);

  const { id } = await runner.start({ backend: 'SIMULATION', epochs: 100_000 });
  const waiting = await queueJob(runner);
  await reach(runner, id, running);
  const during = await scrape(server);
  expect(during.get('trainyard_jobs{status="RUNNING"}')).toBe(1);
  expect(during.get('trainyard_jobs{status="QUEUED"}')).toBe(1);
  expect(during.get('trainyard_queue_length')).toBe(1);
  expect(during.get('trainyard_slots_used')).toBe(1);

  await runner.stop(waiting.id);
  await runner.stop(id);
  await reach(runner, id, ended);
  const after = await scrape(server);
  expect(after.get('trainyard_slots_used')).toBe(0);
  expect(rises(before, after)).toMatchObject({
    'trainyard_jobs{status="STOPPED"}': 2,
    trainyard_jobs_queued_total: 2,
    'trainyard_jobs_launched_total{outcome="ok"}': 1,
    'trainyard_jobs_ended_total{status="STOPPED",reason=""}': 2,
    trainyard_spawn_seconds_count: 1,
    trainyard_first_report_seconds_count: 1,
  });
  const updates = after.get('trainyard_status_updates_total{found_by="watch"}') ?? 0;
  expect(updates).toBeGreaterThan(0);
  expect(after.get('trainyard_event_delay_seconds_count')).toBe(
    updates + (after.get('trainyard_status_updates_total{found_by="sweep"}') ?? 0),
  );
});

test('a job that fails counts by the reason of its failure', async () => {
  const server = await serve({ runner: { maxRunning: 1 } });
  const { id } = await server.runner.start({ backend: 'SIMULATION', epochs: 100_000 });
  const trainer = trainerOf(await reach(server.runner, id, running));
  if (!trainer) throw new Error('the trainer has no process');
  process.kill(trainer.pid, 'SIGKILL');
  await reach(server.runner, id, ended);
  expect((await scrape(server)).get('trainyard_jobs_ended_total{status="ERROR",reason="SIGNAL"}')).toBe(1);
});

test('a file that cannot be used counts once', async () => {
  const server = await serve({ runner: { maxRunning: 1 } });
  const { runner, home } = server;
  const { id } = await runner.start({ backend: 'SIMULATION', epochs: 100_000 });
  await reach(runner, id, running);
  const job = runner.get(id);
  // Both stand still, so that the bad file stays.
  for (const one of [supervisorOf(job), trainerOf(job)]) if (one) await freeze(one.pid);
  writeFileSync(join(home, 'artifacts', 'jobs', `${id}.json`), 'no status');
  const count = async () => (await scrape(server)).get('trainyard_files_unusable_total{kind="status"}');
  await until('it is counted', async () => (await count()) === 1);
  for (const one of [supervisorOf(job), trainerOf(job)]) if (one) process.kill(one.pid, 'SIGCONT');
  await runner.stop(id);
  await reach(runner, id, ended);
  expect(await count()).toBe(1);
});

test('open feeds, WebSockets and event streams are counted by kind while they are open', async () => {
  const server = await serve();
  const { id } = await queueJob(server.runner);
  const open = async () => {
    const samples = await scrape(server);
    return [
      'trainyard_subscriptions{subscription="jobProgress"}',
      'trainyard_subscriptions{subscription="jobLog"}',
      'trainyard_subscriptions{subscription="jobsChanged"}',
      'trainyard_websockets',
      'trainyard_event_streams',
    ].map((name) => samples.get(name));
  };
  expect(await open()).toEqual([0, 0, 0, 0, 0]);
  const client = connect(server);
  const feed = client.iterate({ query: WATCH, variables: { id } });
  await feed.next();
  const fleet = client.iterate({ query: 'subscription { jobsChanged { cursor } }' });
  const change = fleet.next();
  const stopping = new AbortController();
  const stream = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ query: `subscription { jobLog(id: "${id}") { cursor } }` }),
    signal: stopping.signal,
  });
  expect(stream.status).toBe(200);
  await until('all are open', async () => String(await open()) === '1,1,1,1,1');

  stopping.abort();
  await client.dispose();
  await change.catch(() => undefined);
  await until('all are closed', async () => String(await open()) === '0,0,0,0,0');
});

test('the states that a slow reader did not receive are counted', async () => {
  const server = await serve({ runner: { maxRunning: 1 } });
  const { runner } = server;
  const { id } = await runner.start({ backend: 'SIMULATION', epochs: 20 });
  const slow = runner.watch(id);
  const slowFleet = runner.watchJobs();
  await slow.next();
  const change = slowFleet.next();
  await reach(runner, id, ended);
  await collect(slow);
  await change;
  await slowFleet.next();
  await slowFleet.return?.();
  const samples = await scrape(server);
  expect(samples.get('trainyard_events_coalesced_total{subscription="jobProgress"}')).toBeGreaterThan(0);
  expect(samples.get('trainyard_events_coalesced_total{subscription="jobsChanged"}')).toBeGreaterThan(0);
});

test('operations count by type and outcome, whichever way they come', async () => {
  const server = await serve();
  const { id } = await queueJob(server.runner);
  // A folder in place of the metrics file causes an unexpected error.
  mkdirSync(join(server.home, 'artifacts', 'metrics', `${id}.jsonl`));
  const before = await scrape(server);
  const operations = [
    '{ jobs { totalCount } }',
    '{ nonsense }',
    '{',
    'query A { __typename } query B { __typename }',
    `{ ${'node(id: "x") { id } '.repeat(500)} }`,
    `{ job(id: "${id}") { metrics { name } } }`,
    `mutation { stopTraining(input: { id: "job_1_00000000" }) { __typename } }`,
    'subscription { jobProgress(id: "job_1_00000000") { status } }',
  ];
  const client = connect(server);
  for (const query of operations) {
    await overSse(server, query);
    await overWebSocket(client, query);
  }
  const seconds = 'trainyard_graphql_operation_seconds_count';
  const counted = Object.entries(rises(before, await scrape(server))).filter(([name]) => name.startsWith(seconds));
  expect(Object.fromEntries(counted)).toEqual({
    [`${seconds}{type="query",outcome="ok"}`]: 2,
    // Not valid, a syntax error, no operationName for two operations, too many tokens.
    [`${seconds}{type="unknown",outcome="rejected"}`]: 8,
    [`${seconds}{type="query",outcome="failed"}`]: 2,
    [`${seconds}{type="mutation",outcome="ok"}`]: 2,
    [`${seconds}{type="subscription",outcome="rejected"}`]: 2,
  });
});

test('operation names and paths add no time series', async () => {
  const server = await serve();
  const ask1 = async (n: number) => {
    await post(server, `query Name${n} { __typename }`);
    await ask(server, { path: `/nothing${n}/${n}`, headers: { 'x-request-id': `id-${n}` } });
    await overWebSocket(client, `query Name${n} { __typename }`);
  };
  const client = connect(server);
  await ask1(0);
  await scrape(server);
  const before = [...(await scrape(server)).keys()].filter((name) => name.startsWith('trainyard_'));
  for (let n = 1; n <= 1000; n += 50) await Promise.all(Array.from({ length: 50 }, (_, more) => ask1(n + more)));
  const after = await scrape(server);
  expect([...after.keys()].filter((name) => name.startsWith('trainyard_'))).toEqual(before);
  expect(after.get('trainyard_http_requests_total{route="other",status="404"}')).toBe(1001);
  expect(after.get('trainyard_graphql_operation_seconds_count{type="query",outcome="ok"}')).toBe(2002);
});

test('the metrics include the process and its event loop delay', async () => {
  const samples = await scrape(await serve());
  for (const name of ['process_resident_memory_bytes', 'nodejs_eventloop_lag_p99_seconds']) {
    expect(samples.get(name), name).toBeGreaterThanOrEqual(0);
  }
});

test('the metrics require access to the API, and are read-only', async () => {
  const server = await serve({ settings: { tokens: [tokenOf('prometheus', 'secret')] } });
  const path = '/metrics';
  const refused = await ask(server, { path });
  expect(refused.status).toBe(401);
  expect(codesOf(refused.json())).toEqual(['UNAUTHENTICATED']);
  const headers = { authorization: 'Bearer secret' };
  expect((await ask(server, { path, headers })).status).toBe(200);
  expect((await ask(server, { path, headers: { ...headers, host: 'evil.example' } })).status).toBe(403);
  expect((await ask(server, { path, headers: { ...headers, origin: 'https://evil.example' } })).status).toBe(403);
  const posted = await ask(server, { method: 'POST', path, headers });
  expect(posted.status).toBe(405);
  expect(posted.headers.allow).toBe('GET, HEAD');
  const head = await ask(server, { method: 'HEAD', path, headers });
  expect([head.status, head.text]).toEqual([200, '']);
  expect(await openSocket(server, { path })).toBe(404);
});

test('docs/observability.md describes exactly the existing metrics', async () => {
  const samples = await scrape(await serve());
  const families = new Set(
    [...samples.keys()]
      .filter((name) => name.startsWith('trainyard_'))
      .map((name) => name.replace(/\{.*/, '').replace(/_(bucket|sum|count)$/, '')),
  );
  // No request was over yet when these were read.
  families.add('trainyard_http_requests_total');
  const page = readFileSync(join(REPOSITORY_ROOT, 'docs', 'observability.md'), 'utf8');
  const described = [...page.matchAll(/^\| `(trainyard_\w+)/gm)].map(([, name]) => name ?? '');
  expect(described.toSorted()).toEqual([...families].toSorted());
  const used = [...page.matchAll(/\btrainyard_[a-z_]+/g)].map(([name]) => name.replace(/_(bucket|count)$/, ''));
  expect(used.filter((name) => !families.has(name))).toEqual([]);
});

import { expect, onTestFinished, test } from 'vitest';
import { OVER_WEBSOCKET, readFeed, readJob, send, startTraining } from '../support/api-client.ts';
import { freePort } from '../support/free-port.ts';
import { startTestServer } from '../support/server-process.ts';
import { until } from '../support/until.ts';
import { receiveTraces, type ReceivedSpan, valueOf } from './otlp-receiver.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';

/** A server of its own process that sends its traces to `endpoint`. */
async function tracedServer(endpoint: string, environment: NodeJS.ProcessEnv = {}) {
  const server = await startTestServer({
    environment: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_BSP_SCHEDULE_DELAY: '50', ...environment },
  });
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server;
}

/** One operation over HTTP as a part of the trace {@link TRACE}. */
async function sendTraced(url: string, query: string, flags = '01'): Promise<unknown> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', traceparent: `00-${TRACE}-${PARENT}-${flags}` },
    body: JSON.stringify({ query }),
  });
  return response.json();
}

/** Each span as its name with those of its parents, from the top. */
function pathsOf(spans: readonly ReceivedSpan[]): string[] {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const pathOf = (span: ReceivedSpan): string => {
    const parent = byId.get(span.parentSpanId ?? '');
    const path = valueOf(span.attributes, 'graphql.field.path');
    const name = typeof path === 'string' ? `${span.name}(${path})` : span.name;
    return parent ? `${pathOf(parent)} > ${name}` : name;
  };
  return spans.map(pathOf).toSorted();
}

test('a traced query is a part of the trace of its caller, with a span for each step and resolver that works', async () => {
  const receiver = await receiveTraces();
  const server = await tracedServer(receiver.url, { OTEL_SERVICE_NAME: 'the-lab' });
  const { id } = await startTraining(server.url, { backend: 'SIMULATION', epochs: 1 });
  await readFeed(OVER_WEBSOCKET, server.url, id);
  await sendTraced(server.url, `query Curve { job(id: "${id}") { name status progress { step } metrics { name } } }`);
  await sendTraced(server.url, '{ nonsense }');
  await sendTraced(server.url, '{');
  await sendTraced(server.url, '{');
  // At its end it sends what it still has.
  await server.end('SIGTERM');

  const traced = receiver.spans.filter(({ traceId }) => traceId === TRACE);
  expect(pathsOf(traced)).toEqual([
    'graphql',
    'graphql',
    'graphql',
    'graphql > graphql.parse',
    'graphql > graphql.parse',
    'graphql > graphql.parse',
    'graphql > graphql.validate',
    'query',
    'query > graphql.execute',
    'query > graphql.execute > graphql.resolve(job)',
    'query > graphql.execute > graphql.resolve(job) > graphql.resolve(job.metrics)',
    'query > graphql.parse',
    'query > graphql.validate',
  ]);
  const query = traced.find(({ name }) => name === 'query');
  expect(query?.parentSpanId).toBe(PARENT);
  expect(valueOf(query?.attributes ?? [], 'graphql.operation.name')).toBe('Curve');
  expect([...receiver.services]).toEqual(['the-lab']);
  // No value that was sent is in any span.
  expect(JSON.stringify(traced)).not.toContain(id);
});

test('the launch of a job is in the trace of the mutation that requested it, also when it had to wait', async () => {
  const receiver = await receiveTraces();
  const server = await tracedServer(receiver.url, { TRAINYARD_MAX_RUNNING: '1' });
  const first = await startTraining(server.url, { backend: 'SIMULATION', epochs: 100_000 });
  const start = 'mutation { startTraining(input: { backend: SIMULATION, epochs: 1 }) { __typename } }';
  await sendTraced(server.url, start);
  await send(server.url, `mutation { stopTraining(input: { id: "${first.id}" }) { __typename } }`);
  const launches = () => receiver.spans.filter(({ name }) => name === 'job.launch');
  await until('both were launched', () => launches().length === 2);
  await until('the span of the mutation has arrived', () =>
    receiver.spans.some(({ traceId, name }) => traceId === TRACE && name === 'mutation'),
  );
  expect(pathsOf(receiver.spans.filter(({ traceId }) => traceId === TRACE))).toContain(
    'mutation > graphql.execute > graphql.resolve(startTraining) > job.launch',
  );
  expect(launches().filter(({ traceId }) => traceId === TRACE)).toHaveLength(1);
});

test('the span of a subscription ends when the feed starts, and its events create no spans', async () => {
  const receiver = await receiveTraces();
  const server = await tracedServer(receiver.url);
  const { id } = await startTraining(server.url, { backend: 'SIMULATION', epochs: 100_000 });
  const query = `subscription { jobProgress(id: "${id}") { step job { metrics { name } } } }`;
  const feed = OVER_WEBSOCKET.subscribe(server.url, query, {});
  for (let events = 0; events < 5; events += 1) await feed.next();
  await until('the span has arrived while the feed is open', () =>
    receiver.spans.some(({ name }) => name === 'subscription'),
  );
  await feed.return?.();
  await server.end('SIGTERM');
  const { traceId } = receiver.spans.find(({ name }) => name === 'subscription') ?? {};
  expect(pathsOf(receiver.spans.filter((span) => span.traceId === traceId))).toEqual([
    'subscription',
    'subscription > graphql.parse',
    'subscription > graphql.subscribe',
    'subscription > graphql.validate',
  ]);
  expect(
    receiver.spans
      .filter(({ name }) => name === 'graphql.resolve')
      .map(({ attributes }) => valueOf(attributes, 'graphql.field.name')),
  ).toEqual(['startTraining']);
});

test('traces that the caller or the sampler excludes are not sent', async () => {
  const receiver = await receiveTraces();
  const server = await tracedServer(receiver.url);
  await sendTraced(server.url, '{ __typename }', '00');
  await send(server.url, '{ __typename }');
  await server.end('SIGTERM');
  expect(receiver.spans.map(({ traceId }) => traceId)).not.toContain(TRACE);
  expect(receiver.spans).not.toEqual([]);

  const quiet = await receiveTraces();
  const sampled = await tracedServer(quiet.url, { OTEL_TRACES_SAMPLER: 'always_off' });
  await sendTraced(sampled.url, '{ __typename }');
  await sampled.end('SIGTERM');
  expect(quiet.requests).toBe(0);
});

test.each([
  ['is away', async () => `http://127.0.0.1:${await freePort()}`],
  ['never answers', async () => (await receiveTraces({ mute: true })).url],
  ['has no address', () => Promise.resolve('nonsense')],
])('a collector that %s does not affect jobs and clients, and does not delay the shutdown', async (_, endpoint) => {
  const server = await tracedServer(await endpoint());
  const { id } = await startTraining(server.url, { backend: 'SIMULATION', epochs: 1 });
  await readFeed(OVER_WEBSOCKET, server.url, id);
  for (let n = 0; n < 100; n += 1) await send(server.url, '{ jobs { totalCount } }');
  expect((await readJob(server.url, id)).status).toBe('COMPLETED');
  await server.end('SIGTERM');
  expect(server.output()).toContain('"msg":"stopping');
  expect(server.output()).not.toMatch(/"level":[56]0/);
});

import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { connect, queueJob, serve, type TestServer } from './support.ts';

/** Every subscription, with arguments that make the first message arrive immediately. */
const SUBSCRIPTIONS = [
  { name: 'jobProgress', query: 'subscription ($id: ID!) { jobProgress(id: $id) { status } }' },
  { name: 'jobLog', query: 'subscription ($id: ID!) { jobLog(id: $id) { cursor } }' },
  { name: 'jobsChanged', query: 'subscription ($after: String) { jobsChanged(after: $after) { jobId } }' },
];

/** Heap bytes, timers and handles by kind, after garbage collection. */
function alive(): { heap: number; resources: string[] } {
  // Twice: the second one frees what the first one finalizes.
  for (let round = 0; round < 2; round++) globalThis.gc?.();
  return { heap: process.memoryUsage().heapUsed, resources: process.getActiveResourcesInfo().toSorted() };
}

/** Runs `subscribe` this many times, `together` at a time. */
async function repeat(times: number, together: number, subscribe: () => Promise<void>): Promise<void> {
  for (let done = 0; done < times; done += together) await Promise.all(Array.from({ length: together }, subscribe));
}

/** Average number of bytes that a closed subscription leaves behind. @throws if a timer or handle stays open */
async function measure(server: TestServer, times: number, together: number, subscribe: () => Promise<void>) {
  expect(globalThis.gc, 'vitest must run with --expose-gc').toBeTypeOf('function');
  const settled = () => until('all feeds are closed', () => server.runner.watching === 0);
  // The first ones fill caches and pools, and have code compiled.
  await repeat(times / 5, together, subscribe);
  await settled();
  const before = alive();
  await repeat(times, together, subscribe);
  await settled();
  // Ignore other work of the runner, such as its sweep; count only what remains.
  await until('as little is open as before', () => isDeepStrictEqual(alive().resources, before.resources));
  const after = alive();
  return (after.heap - before.heap) / times;
}

/** One forgotten listener with its iterator and execution holds several thousand bytes. */
const NEGLIGIBLE_BYTES = 300;

/** A server with one waiting job, and the variables of {@link SUBSCRIPTIONS}. */
async function serveJob(): Promise<{ server: TestServer; variables: Record<string, string> }> {
  const server = await serve({ logLevel: 'silent' });
  const after = server.runner.changesCursor;
  const { id } = await queueJob(server.runner);
  return { server, variables: { id, after } };
}

test.each(SUBSCRIPTIONS)(
  'ten thousand subscriptions to $name over WebSocket leave no listener, timer or memory',
  async ({ query }) => {
    const { server, variables } = await serveJob();
    const client = connect(server);
    const bytesEach = await measure(server, 10_000, 50, async () => {
      const feed = client.iterate({ query, variables });
      expect((await feed.next()).value).toMatchObject({ data: {} });
      await feed.return?.();
    });
    expect(bytesEach).toBeLessThan(NEGLIGIBLE_BYTES);
  },
);

test.each(SUBSCRIPTIONS)(
  'two thousand subscriptions to $name over server-sent events leave no listener, timer or memory',
  async ({ query }) => {
    const { server, variables } = await serveJob();
    const bytesEach = await measure(server, 2000, 20, () => glance(server.port, query, variables));
    expect(bytesEach).toBeLessThan(NEGLIGIBLE_BYTES);
  },
);

/** Opens an event stream and cuts the connection after the first event, with nothing between it and the socket. */
async function glance(port: number, query: string, variables: object): Promise<void> {
  const asked = request({
    host: '127.0.0.1',
    port,
    path: '/graphql',
    method: 'POST',
    agent: false,
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
  });
  asked.end(JSON.stringify({ query, variables }));
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response) {
    text += String(chunk);
    if (text.includes('event: next\ndata: ')) break;
  }
  expect(text).toContain('event: next\ndata: {"data":{"');
}

/**
 * Time of a normal `jobs(first: 5)` while an attack runs: median and worst case, and the ratio of the median to the one just
 * before the attack. `node bench/attacks.ts [part of an id]`; needs Python; all attacks take about four minutes. The attacks are those of
 * test/security. A separate thread sends each over two connections without a pause. With fewer than three free cores, server, attack and
 * queries share them: then compare with the lines `no attack`.
 */
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { WebSocket } from 'ws';
import { DOCUMENT_ATTACKS } from '../test/security/document-attacks.ts';
import { COSTLY_JSON, NESTED_JSON } from '../test/security/json-attacks.ts';
import { HOSTILE_TABLES, type HostileTable } from '../test/security/hostile-tables.ts';
import { VARIABLE_ATTACKS } from '../test/security/variable-attacks.ts';
import { send, startTraining } from '../test/support/api-client.ts';
import { startTestServer } from '../test/support/server-process.ts';

/** Duration of the measurement of one attack, ms. */
const DURATION = 2_000;
/** Pause between two normal queries, ms. */
const PAUSE = 5;
const CONNECTIONS = 2;
const JOBS = 30;
/** The longest options, 57 kB. */
const OPTIONS = { missing: Array.from({ length: 100 }, (_, index) => `text ${index} `.padEnd(565, 'x')) };
const [TABLE] = HOSTILE_TABLES as [HostileTable];
const NORMAL = '{ jobs(first: 5) { totalCount edges { node { id status name progress { step percent loss } } } } }';

interface Attack {
  readonly id: string;
  readonly title: string;
  /** Attacks until the process ends. */
  readonly run: (port: number) => Promise<void>;
}

const ATTACKS: readonly Attack[] = [
  ...[...DOCUMENT_ATTACKS, ...VARIABLE_ATTACKS].map(({ id, title, operation }) => ({
    id,
    title,
    run: (port: number) => postForEver(port, JSON.stringify(operation())),
  })),
  ...[...NESTED_JSON, ...COSTLY_JSON].map(([id, title, body]) => ({
    id,
    title,
    run: (port: number) => postForEver(port, body),
  })),
  {
    id: 'subscribe-complete-pairs',
    title: '20,000 subscriptions on one WebSocket, each completed at once',
    run: (port) => sendPairs(port, '{ jobsChanged { kind } }', 'subscription'),
  },
  {
    id: 'query-complete-pairs',
    title: '20,000 queries on one WebSocket, each completed at once',
    run: (port) => sendPairs(port, NORMAL, ''),
  },
  { id: 'ping-frames', title: 'WebSocket pings without end', run: sendPings },
  {
    id: 'large-answers',
    title: '45 times the options of 30 jobs: 77 MB, if it were answered',
    run: (port) => postForEver(port, JSON.stringify({ query: optionsOf(45) })),
  },
  { id: 'unread-answers', title: '8 clients that ask for 20 answers of 7 MB and never read', run: neverRead },
  {
    id: 'aliased-starts',
    title: '30 starts in one operation',
    run: (port) => postForEver(port, JSON.stringify({ query: `mutation { ${aliases(30, START)} }` })),
  },
  {
    id: 'previews',
    title: '18 previews of a table of 150 million rows in each request',
    run: (port) => postForEver(port, JSON.stringify({ query: `{ ${aliases(18, PREVIEW)} }` })),
  },
  { id: 'slow-uploads', title: '8 uploads of 50 bytes a second', run: uploadSlowly },
];

const START = 'startTraining(input: { backend: SIMULATION }) { __typename }';
const PREVIEW = `dataset(name: "${TABLE.name}") { rows preview { rows } }`;

const aliases = (count: number, field: string) =>
  Array.from({ length: count }, (_, index) => `a${index}: ${field}`).join(' ');
const optionsOf = (count: number) => `{ jobs(first: ${JOBS}) { edges { node { ${aliases(count, 'options')} } } } }`;

/** Sends requests for large answers over raw connections that are never read, and opens new ones for those that are cut. */
async function neverRead(port: number): Promise<void> {
  const body = JSON.stringify({ query: optionsOf(4) });
  const head = `POST /graphql HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\n`;
  const bytes = `${head}content-length: ${body.length}\r\n\r\n${body}`.repeat(20);
  const open = () => {
    const socket = connect(port, '127.0.0.1').pause();
    socket.on('error', () => undefined);
    socket.on('close', () => setTimeout(open, 100));
    socket.write(bytes);
  };
  for (let client = 0; client < 8; client += 1) open();
  await delay(2 ** 30);
}

async function uploadSlowly(port: number): Promise<void> {
  const upload = async (number: number) => {
    for (;;) {
      const path = `/datasets/slow${number}.csv`;
      const sent = request({ host: '127.0.0.1', port, path, method: 'PUT', headers: { 'content-type': 'text/csv' } });
      sent.on('error', () => undefined);
      sent.on('response', (response: NodeJS.ReadableStream) => response.resume());
      const timer = setInterval(() => sent.write('1,2,3,4,5\n'.repeat(5)), 1000);
      sent.write('a,b,c,d,e\n');
      await once(sent, 'close').catch(() => null);
      clearInterval(timer);
    }
  };
  await Promise.all(Array.from({ length: 8 }, (_, number) => upload(number)));
}

/** Sends the same body over some connections, again after each answer. */
async function postForEver(port: number, body: string): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const headers = { 'content-type': 'application/json' };
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      for (;;) {
        const asked = request({ host: '127.0.0.1', port, path: '/graphql', method: 'POST', headers, agent });
        asked.end(body);
        const response = await once(asked, 'response').catch(() => null);
        if (response !== null) await once((response[0] as NodeJS.ReadableStream).resume(), 'end').catch(() => null);
      }
    }),
  );
}

async function openAcknowledged(port: number): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/graphql`, 'graphql-transport-ws');
  await once(socket, 'open');
  socket.send('{"type":"connection_init"}');
  await once(socket, 'message');
  return socket;
}

async function sendPairs(port: number, selection: string, kind: string): Promise<void> {
  for (;;) {
    const socket = await openAcknowledged(port);
    for (let pair = 0; pair < 20_000; pair += 1) {
      const id = `p${pair}`;
      socket.send(JSON.stringify({ type: 'subscribe', id, payload: { query: `${kind} ${selection}` } }));
      socket.send(JSON.stringify({ type: 'complete', id }));
    }
    await delay(1000);
    socket.terminate();
  }
}

async function sendPings(port: number): Promise<void> {
  const socket = await openAcknowledged(port);
  for (;;) {
    for (let count = 0; count < 1000; count += 1) socket.ping();
    await delay(1);
  }
}

/** Durations of normal queries, ms. */
async function measure(port: number, duration: number): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const headers = { 'content-type': 'application/json' };
  const durations: number[] = [];
  const end = performance.now() + duration;
  while (performance.now() < end) {
    const startedAt = performance.now();
    const asked = request({ host: '127.0.0.1', port, path: '/graphql', method: 'POST', headers, agent });
    asked.end(JSON.stringify({ query: NORMAL }));
    const [response] = (await once(asked, 'response')) as [NodeJS.ReadableStream];
    await once(response.resume(), 'end');
    durations.push(performance.now() - startedAt);
    await delay(PAUSE);
  }
  agent.destroy();
  return durations;
}

const medianOf = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
const inMs = (value: number) => value.toFixed(1).padStart(9);

async function compare({ id, title }: Pick<Attack, 'id' | 'title'>, port: number, attacks: boolean): Promise<void> {
  const before = medianOf(await measure(port, DURATION / 2));
  const worker = attacks ? new Worker(new URL(import.meta.url), { workerData: { id, port } }) : null;
  if (worker) await once(worker, 'message');
  const durations = await measure(port, DURATION);
  await worker?.terminate();
  const median = medianOf(durations);
  const ratio = (median / before).toFixed(1).padStart(6);
  console.log(`${id.padEnd(26)}${inMs(median)}${inMs(Math.max(...durations))}${ratio}  ${title}`);
}

async function main(part: string): Promise<void> {
  await using server = await startTestServer({ environment: { TRAINYARD_SIMULATION_STEP_SECONDS: '0' } });
  TABLE.write(join(server.home, 'datasets', TABLE.name));
  for (let job = 0; job < JOBS; job += 1) {
    await startTraining(server.url, { backend: 'SIMULATION', epochs: 1, options: OPTIONS });
  }
  await measure(server.port, DURATION);
  console.log(`${'attack'.padEnd(26)}${'median'.padStart(9)}${'worst'.padStart(9)}${'ratio'.padStart(6)}  (ms)`);
  await compare({ id: '-', title: 'no attack' }, server.port, false);
  for (const attack of ATTACKS.filter(({ id }) => id.includes(part))) await compare(attack, server.port, true);
  await compare({ id: '-', title: 'no attack' }, server.port, false);
  const { data } = await send(server.url, '{ __typename }');
  if (!data) throw new Error('The server no longer answers.');
}

if (isMainThread) {
  await main(process.argv[2] ?? '');
} else {
  const { parentPort } = await import('node:worker_threads');
  const { id, port } = workerData as { id: string; port: number };
  const attack = ATTACKS.find((candidate) => candidate.id === id);
  parentPort?.postMessage('started');
  await attack?.run(port);
}

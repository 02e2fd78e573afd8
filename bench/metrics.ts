/**
 * The cost of a million points of one job over HTTP: the time of a query, the time that it blocks the event loop of the server, and the
 * delay
 * of another request meanwhile. The first is a ratio to `JSON.parse` of the same lines, the last a ratio to an idle server.
 * `node bench/metrics.ts`
 */
import { once } from 'node:events';
import { appendFileSync, closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { pino } from 'pino';
import { createRunner } from '../src/runner/index.ts';
import { startServer } from '../src/server/server.ts';
import { send } from '../test/support/api-client.ts';

const POINTS = 1_000_000;
const REPEATS = 30;
const COLD_REPEATS = 3;

const METRICS = `query ($id: ID!, $fromStep: SafeInt, $toStep: SafeInt, $maxPoints: Int) { job(id: $id) {
  metrics(fromStep: $fromStep, toStep: $toStep, maxPoints: $maxPoints) {
    name totalPoints sampled latest { step value } best { step value } points { step value at }
  }
} }`;
const OTHER = 'query ($id: ID!) { job(id: $id) { status progress { percent } } }';

/** The task of the client: one query, and another request repeatedly until the query is answered. */
interface Task {
  readonly url: string;
  readonly query: string;
  readonly variables: { readonly id: string };
}

/** Total duration, ms. */
interface Timing {
  readonly took: number;
  readonly others: readonly number[];
}

if (isMainThread) await benchmark();
else parentPort?.on('message', (task: Task) => void perform(task).then((timing) => parentPort?.postMessage(timing)));

/** The client, in its own thread, so that its work is not measured as the server's. */
async function perform({ url, query, variables }: Task): Promise<Timing> {
  const others: number[] = [];
  const began = performance.now();
  let took: number | undefined;
  const asked = send(url, query, variables).then(({ errors }) => {
    if (errors) throw new Error(errors[0]?.message);
    took = performance.now() - began;
  });
  while (took === undefined) {
    const otherBegan = performance.now();
    await send(url, OTHER, { id: variables.id });
    others.push(performance.now() - otherBegan);
  }
  await asked;
  return { took, others };
}

async function benchmark(): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'trainyard-'));
  const logger = pino({ level: 'silent' });
  // Nothing is ever launched: the job waits, and its history is written here.
  const open = () => createRunner({ home, python: 'python3', maxRunning: 0, maxQueued: 1, logger });
  let runner = open();
  const { id } = await runner.start({ backend: 'SIMULATION' });
  const path = join(home, 'artifacts', 'metrics', `${id}.jsonl`);
  write(path);
  const parsing = parseAll(path);
  console.log(
    `${POINTS} points of one series, ${(statSync(path).size / 1e6).toFixed(0)} MB; JSON.parse of the lines ${ms(parsing)}`,
  );

  const client = new Worker(new URL(import.meta.url));
  const settings = { host: '127.0.0.1', port: 0, tokens: null, allowedHosts: [], allowedOrigins: [] };
  const delay = monitorEventLoopDelay({ resolution: 1 });
  let idle = NaN;

  /** @returns the median of how long the query took, ms */
  async function measure(what: string, repeats: number, query: string, variables: object, before = () => {}) {
    const timings: Timing[] = [];
    let heldUp = 0;
    let computed = 0;
    const server = await startServer({ settings, runner, logger });
    for (let repeat = -1; repeat < repeats; repeat += 1) {
      before();
      delay.enable();
      const rounds = measureRounds();
      client.postMessage({ url: server.url, query, variables: { id, ...variables } } satisfies Task);
      const [timing] = (await once(client, 'message')) as [Timing];
      delay.disable();
      const longestRound = rounds.end();
      // The first repeat warms up compiled code and caches, unless the cold start is measured.
      if (repeat >= 0 || repeats === 1) {
        timings.push(timing);
        heldUp = Math.max(heldUp, delay.max / 1e6);
        computed = Math.max(computed, longestRound);
      }
      delay.reset();
    }
    await server[Symbol.asyncDispose]();
    const took = median(timings.map((timing) => timing.took));
    const others = timings.flatMap((timing) => timing.others);
    if (Number.isNaN(idle)) idle = median(others);
    const worst = Math.max(...others);
    console.log(
      `${what}: ${ms(took)}; event loop blocked for at most ${ms(heldUp)}, of that ${ms(computed)} processor time; ` +
        `another request ${ms(median(others))} (${(median(others) / idle).toFixed(1)} times idle), worst ${ms(worst)}`,
    );
    return took;
  }

  await measure('no metrics at all', 200, OTHER, {});
  const cold: number[] = [];
  for (let repeat = 0; repeat < COLD_REPEATS; repeat += 1) {
    await runner[Symbol.asyncDispose]();
    runner = open();
    cold.push(await measure('cold, downsampled to 1000', 1, METRICS, { maxPoints: 1000 }));
  }
  console.log(`cold, as a ratio to JSON.parse of the lines: ${(median(cold) / parsing).toFixed(2)}`);
  await measure('downsampled to 1000', REPEATS, METRICS, { maxPoints: 1000 });
  let step = POINTS;
  const grow = () => appendFileSync(path, line((step += 1)));
  await measure('downsampled to 1000, one new point since the last query', REPEATS, METRICS, { maxPoints: 1000 }, grow);
  await measure('downsampled to 10000', REPEATS, METRICS, { maxPoints: 10_000 });
  await measure('a range of 10000, not downsampled', REPEATS, METRICS, {
    fromStep: POINTS / 2,
    toStep: POINTS / 2 + 9999,
  });

  await client.terminate();
  await runner[Symbol.asyncDispose]();
  rmSync(home, { recursive: true, force: true });
}

/** Measures the longest round of this thread's event loop in processor time: on a busy machine, wall-clock time includes other processes. */
function measureRounds(): { end(): number } {
  const atWork = () => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  };
  let longest = 0;
  let last = atWork();
  const look = () => {
    const now = atWork();
    longest = Math.max(longest, now - last);
    last = now;
    next = setImmediate(look);
  };
  let next = setImmediate(look);
  return {
    end() {
      clearImmediate(next);
      return longest;
    },
  };
}

function write(path: string): void {
  const file = openSync(path, 'w');
  for (let first = 1; first <= POINTS; first += 10_000) {
    writeSync(file, Array.from({ length: 10_000 }, (_, index) => line(first + index)).join(''));
  }
  closeSync(file);
}

/** One line as a trainer writes it: all digits of the time and of the loss. */
function line(step: number): string {
  const loss = 3 * Math.exp(-step / 3e5) + Math.random() * 0.1;
  return `${JSON.stringify({ attempt: 1, at: 1760320884 + step / 10 + Math.random() / 1000, step, epoch: 1, values: { loss } })}\n`;
}

function parseAll(path: string): number {
  const began = performance.now();
  for (const text of readFileSync(path, 'utf8').trimEnd().split('\n')) JSON.parse(text);
  return performance.now() - began;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}

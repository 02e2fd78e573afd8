/**
 * The start of a job with PyTorch, with and without a fork server, one after the other in the same run, and a burst of starts.
 * `node bench/start.ts [starts] [burst]`; needs Linux and the Python environment of the set-up.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createRunner, type Runner } from '../src/runner/index.ts';
import { PYTHON } from '../test/support/runner.ts';
import { until } from '../test/support/until.ts';
import { median, printGoal, printTable } from './report.ts';

const [starts = 7, burst = 200] = process.argv.slice(2).map(Number);
const SECONDS = 600;

/** When the client of a job receives a status, ms after its request. */
interface Start {
  readonly answer: number;
  readonly starting: number;
  readonly running: number;
}

async function openRunner(warmStart: boolean, maxRunning: number): Promise<{ runner: Runner; home: string }> {
  const home = mkdtempSync(join(tmpdir(), 'trainyard-bench-'));
  let isReady = !warmStart;
  const ignore = () => undefined;
  const debug = (_: object, message: string) => void (isReady ||= message === 'the fork server is ready');
  const logger = { debug, info: ignore, warn: console.warn, error: console.error };
  const runner = createRunner({ home, python: PYTHON, maxRunning, maxQueued: burst, warmStart, logger });
  await runner.ready;
  await until('the fork server is ready', () => isReady, SECONDS);
  return { runner, home };
}

async function startOne(runner: Runner, backend: 'TORCH' | 'SIMULATION'): Promise<Start> {
  const requestedAt = performance.now();
  const since = () => performance.now() - requestedAt;
  const { id } = await runner.start({ backend, epochs: 1 });
  const answer = since();
  let [starting, running] = [NaN, NaN];
  for await (const { status } of runner.watch(id)) {
    if (status === 'STARTING' && Number.isNaN(starting)) starting = since();
    if (status === 'RUNNING' && Number.isNaN(running)) running = since();
    if (status === 'ERROR') throw new Error(`${id} failed`);
  }
  return { answer, starting, running };
}

async function measureStarts(warmStart: boolean): Promise<readonly Start[]> {
  const { runner, home } = await openRunner(warmStart, 1);
  const results: Start[] = [];
  await startOne(runner, 'TORCH');
  for (let count = 0; count < starts; count += 1) results.push(await startOne(runner, 'TORCH'));
  await close(runner, home);
  return results;
}

/** @returns when the last one is RUNNING, and the longest time without a turn of the event loop, ms */
async function measureBurst(backend: 'TORCH' | 'SIMULATION', warmStart: boolean) {
  const { runner, home } = await openRunner(warmStart, burst);
  await startOne(runner, backend);
  const loop = monitorEventLoopDelay({ resolution: 1 });
  loop.enable();
  const all = await Promise.all(Array.from({ length: burst }, () => startOne(runner, backend)));
  loop.disable();
  await close(runner, home);
  return { last: Math.max(...all.map(({ running }) => running)), blocked: loop.max / 1e6 };
}

async function close(runner: Runner, home: string): Promise<void> {
  await runner[Symbol.asyncDispose]();
  rmSync(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}

const ms = (value: number) => value.toFixed(value < 100 ? 1 : 0);
const cold = await measureStarts(false);
const warm = await measureStarts(true);
const middle = (values: readonly Start[], part: keyof Start) => median(values.map((start) => start[part]));
printTable(
  'Start of a job with PyTorch, median in ms after the request',
  [['Python started', cold] as const, ['forked', warm] as const].map(([how, values]) => ({
    job: how,
    answer: ms(middle(values, 'answer')),
    STARTING: ms(middle(values, 'starting')),
    RUNNING: ms(middle(values, 'running')),
    'RUNNING, worst': ms(Math.max(...values.map(({ running }) => running))),
  })),
);
console.log();
printGoal('faster to RUNNING', middle(cold, 'running') / middle(warm, 'running'), 'at least', 40);
const starting = middle(warm, 'starting');
printGoal('STARTING, of 20 ms', starting / 20, 'at most', 1);

if (burst > 0) {
  const bursts = [];
  for (const backend of ['SIMULATION', 'TORCH'] as const) {
    bursts.push({ jobs: `${burst} x ${backend}`, ...(await measureBurst(backend, true)) });
  }
  printTable(
    `Burst of ${burst} starts, forked`,
    bursts.map(({ jobs, last, blocked }) => ({
      jobs,
      'last RUNNING (ms)': ms(last),
      'event loop blocked (ms)': ms(blocked),
    })),
  );
  console.log();
  for (const { jobs, last, blocked } of bursts) {
    printGoal(`last of ${jobs} RUNNING, of 3 s`, last / 3000, 'at most', 1);
    printGoal(`event loop during ${jobs}, of 20 ms`, blocked / 20, 'at most', 1);
  }
}

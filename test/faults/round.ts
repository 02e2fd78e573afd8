import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createRetryingClient } from './client.ts';
import { collectEvidence } from './evidence.ts';
import { FAULTS, type FaultName, type Subject, type World } from './faults.ts';
import { type Answer, type History, type Request, untouched } from './history.ts';
import { endAll } from './processes.ts';
import { createRandom } from './random.ts';
import { createReader } from './reader.ts';
import { createRestartableServer } from './server.ts';

/** One run of some jobs under faults. */
export interface RoundPlan {
  readonly seed: number;
  readonly jobs: number;
  /** `TRAINYARD_MAX_RUNNING`. */
  readonly slots: number;
  /** Shortest and longest job, epochs of two steps. */
  readonly epochs: readonly [number, number];
  /** Duration of one simulated step. */
  readonly stepSeconds: number;
  /** Weight of each fault, relative to the others; or a list of steps. */
  readonly faults: Readonly<Partial<Record<FaultName, number>>> | ((world: World) => Promise<void>);
  /** Longest pause between two faults, ms. */
  readonly longestPause: number;
  readonly longestFreeze: number;
  /** No fault after so many; default: until every job has ended. */
  readonly mostFaults?: number;
  /** A job that has not ended by then is considered hung. */
  readonly patienceSeconds: number;
  /** Whether the server is killed once more before the last query of the API; default true. */
  readonly lastRestart?: boolean;
  /** More variables for the server and its jobs. */
  readonly environment?: NodeJS.ProcessEnv;
}

export interface RoundResult {
  readonly history: History;
  /** Number of injections of each fault. */
  readonly done: ReadonlyMap<FaultName, number>;
  /** The last output of the servers. */
  readonly output: string;
}

/** Maximum number of servers in a row that are killed before they accept connections: without a limit, no job would end on a busy machine. */
const MOST_UNHEARD = 3;
const ROWS = 30;
const BATCH = 15;
const STEPS_PER_EPOCH = ROWS / BATCH;

/** Starts jobs on a real server, injects faults until they have ended, and returns what every source recorded. */
export async function runRound(plan: RoundPlan): Promise<RoundResult> {
  const random = createRandom(plan.seed);
  const home = mkdtempSync(join(tmpdir(), 'trainyard-faults-'));
  const patience = AbortSignal.timeout(plan.patienceSeconds * 1000);
  const server = await createRestartableServer(home, {
    TRAINYARD_MAX_RUNNING: String(plan.slots),
    TRAINYARD_SIMULATION_STEP_SECONDS: String(plan.stepSeconds),
    ...plan.environment,
  });
  const client = createRetryingClient(server.url, patience);
  const readers = ['faithful', 'dropped'].map((name) => createReader(name, server.url, home)) as [Reader, Reader];
  const [faithful, droppedReader] = readers;
  const incidents: string[] = [];
  const requests: Request[] = [];
  const answers: Answer[] = [];
  const ended = new Set<string>();
  const underWay = new Set<Promise<void>>();
  const done = new Map<FaultName, number>();

  const fail = (error: unknown) => {
    // A timeout is reported once, below.
    if (!patience.aborted) incidents.push(String(error));
  };
  const meanwhile = (work: Promise<void>) => {
    const entry = work.catch(fail).finally(() => underWay.delete(entry));
    underWay.add(entry);
  };

  async function submit(index: number): Promise<void> {
    const key = `round ${plan.seed}, job ${index}`;
    const epochs = random.whole(...plan.epochs);
    const jobIds: string[] = [];
    const treatment = untouched();
    requests.push({ key, jobIds, steps: epochs * STEPS_PER_EPOCH, stepsPerEpoch: STEPS_PER_EPOCH, treatment });
    const jobId = await client.start(key, { epochs, batchSize: BATCH });
    jobIds.push(jobId);
    subjects.push({ jobId, treatment, spared: index % 2 === 0 });
    meanwhile(droppedReader.watch(jobId));
    await faithful.watch(jobId);
    ended.add(jobId);
    // Repeated: the answer must be the same job, whatever its status.
    jobIds.push(await client.start(key, { epochs, batchSize: BATCH }));
  }

  const subjects: Subject[] = [];
  const world: World = {
    random: random.fork(),
    server,
    client,
    droppedReader,
    living: () => subjects.filter(({ jobId }) => !ended.has(jobId)),
    meanwhile,
    longestFreeze: plan.longestFreeze,
  };

  /** Grows with every answer to a start, and with every message of a feed. */
  function heardSoFar(): number {
    const messages = readers.flatMap(({ feeds }) => feeds.map((feed) => feed.messages.length));
    return [...messages, ...requests.map(({ jobIds }) => jobIds.length)].reduce((sum, count) => sum + count, 0);
  }

  async function untilMoreIsHeard(before: number): Promise<void> {
    while (heardSoFar() === before && !allEnded && !patience.aborted) await delay(20);
  }

  async function hurt(): Promise<void> {
    if (typeof plan.faults === 'function') {
      await plan.faults(world).catch(fail);
      return;
    }
    const choice = Object.entries(plan.faults).flatMap(([name, weight]) =>
      Array<FaultName>(weight).fill(name as FaultName),
    );
    let count = 0;
    let heard = 0;
    let unheard = 0;
    while (!allEnded && !patience.aborted && choice.length > 0 && count < (plan.mostFaults ?? Infinity)) {
      await delay(world.random.whole(0, plan.longestPause));
      const name = world.random.pick(choice);
      if (name === 'killServer') {
        unheard = heardSoFar() > heard ? 0 : unheard + 1;
        if (unheard > MOST_UNHEARD) await untilMoreIsHeard(heard);
        heard = heardSoFar();
      }
      if (!(await FAULTS[name](world))) continue;
      count += 1;
      done.set(name, (done.get(name) ?? 0) + 1);
      if (name === 'killServer') meanwhile(client.jobs().then((now) => void answers.push(...now)));
    }
  }

  let allEnded = false;
  try {
    server.start();
    const jobs = Array.from({ length: plan.jobs }, (_, index) => submit(index));
    const hurting = hurt();
    const end = Promise.all(jobs).catch(fail);
    await Promise.race([end, until(patience)]);
    allEnded = true;
    await hurting;
    await Promise.race([Promise.all(underWay), until(patience)]);
    if (patience.aborted) {
      const open = subjects.filter(({ jobId }) => !ended.has(jobId)).map(({ jobId }) => jobId);
      incidents.push(
        `after ${plan.patienceSeconds} s these jobs had not ended: ${open.join(', ') || 'none, but a client still waited'}`,
      );
    }
    return { ...(await conclude()), done, output: server.output() };
  } finally {
    await Promise.all(readers.map((reader) => reader.close()));
    await server[Symbol.asyncDispose]();
    endAll(home);
    rmSync(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }

  /** One more restart, the last query of the API, and then the content of the files. */
  async function conclude(): Promise<{ history: History }> {
    const lastClient = createRetryingClient(server.url, AbortSignal.timeout(60_000));
    if (plan.lastRestart !== false) {
      await server.end('SIGKILL');
      server.start();
    }
    await server.ready();
    answers.push(...(await lastClient.jobs()));
    const metricSteps = new Map<string, number[]>();
    for (const { jobId } of subjects) metricSteps.set(jobId, await lastClient.metricSteps(jobId));
    await server.end('SIGTERM');
    const feeds = readers.flatMap((reader) => reader.feeds);
    const all = [...incidents, ...server.incidents];
    return {
      history: { slots: plan.slots, requests, feeds, answers, metricSteps, incidents: all, ...collectEvidence(home) },
    };
  }
}

type Reader = ReturnType<typeof createReader>;

/** Resolves when `signal` is aborted. */
async function until(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

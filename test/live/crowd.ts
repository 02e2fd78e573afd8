import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isTerminal, type JobStatus } from '../../src/runner/index.ts';
import { createRetryingClient, type RetryingClient } from '../faults/client.ts';
import { collectEvidence } from '../faults/evidence.ts';
import { type Feed, type History, type Request, untouched } from '../faults/history.ts';
import { endAll } from '../faults/processes.ts';
import { createRandom, type Random } from '../faults/random.ts';
import { createRestartableServer } from '../faults/server.ts';
import { send } from '../support/api-client.ts';
import { until } from '../support/until.ts';
import { type KilledForkServer, killForkServers } from './kill-fork-servers.ts';
import { type FleetReading, type LogReading, type Target, watchFleet, watchLog, watchProgress } from './readings.ts';
import type { Subscriber } from './subscriber.ts';

/** Many clients that come and go while many jobs report and the server is restarted. */
export interface CrowdPlan {
  readonly seed: number;
  readonly jobs: number;
  /** Maximum number of jobs that run at once. */
  readonly slots: number;
  readonly subscribers: number;
  /** Duration of the longest job; the shortest takes half of that. With fewer slots than jobs, both are shorter in proportion. */
  readonly seconds: number;
  /** Number of restarts of the server: alternately by SIGKILL and by SIGTERM. */
  readonly restarts: number;
  /** Longest time between two drops of one subscriber, seconds. */
  readonly longestConnection: number;
  /** Whether a fork server starts the jobs, and is killed at random instants. */
  readonly warmStart: boolean;
}

/** The messages of all subscribers, and the true state. */
export interface CrowdResult {
  /** For the rules of the fault suite: the feeds of `jobProgress`, the record, and the files. */
  readonly history: History;
  readonly logs: readonly (LogReading & { readonly log: readonly string[] })[];
  readonly fleets: readonly FleetReading[];
  /** Status by job, as the API lists it at the end. */
  readonly listed: ReadonlyMap<string, JobStatus>;
  /** Requests that the server refused. */
  readonly errors: readonly string[];
  readonly connections: number;
  readonly killedForkServers: readonly KilledForkServer[];
}

/** The sample has 30 rows. A report comes every fifth step, so ten a second. */
const BATCH = 3;
const STEPS_PER_EPOCH = 10;
const STEP_SECONDS = 0.02;
/** A bound against hanging: the fork server imports PyTorch, which takes more than a minute on a machine with other work. */
const WARM_UP_SECONDS = 300;

export async function runCrowd(plan: CrowdPlan): Promise<CrowdResult> {
  const random = createRandom(plan.seed);
  const home = mkdtempSync(join(tmpdir(), 'trainyard-crowd-'));
  const patience = AbortSignal.timeout((plan.seconds * 4 + 120 + (plan.warmStart ? WARM_UP_SECONDS : 0)) * 1000);
  const server = await createRestartableServer(home, {
    TRAINYARD_MAX_RUNNING: String(plan.slots),
    ...(plan.warmStart && { TRAINYARD_WARM_START: 'on', TRAINYARD_LOG_LEVEL: 'debug' }),
    TRAINYARD_SIMULATION_STEP_SECONDS: String(STEP_SECONDS),
  });
  const client = createRetryingClient(server.url, patience);
  const dropping = new AbortController();
  const killing = new AbortController();
  let killedForkServers: Promise<KilledForkServer[]> = Promise.resolve([]);
  const crowd: Subscriber[] = [];

  async function hasEnded(jobId: string): Promise<boolean> {
    const job = (await client.jobs()).find((one) => one.jobId === jobId);
    return job === undefined || isTerminal(job.status);
  }

  async function dropAtRandom(subscriber: Subscriber, choice: Random): Promise<void> {
    const { signal } = dropping;
    while (!signal.aborted) {
      await delay(choice.next() * plan.longestConnection * 1000, undefined, { signal }).catch(() => undefined);
      subscriber.drop();
    }
  }

  async function restartServer(choice: Random): Promise<void> {
    for (let restart = 0; restart < plan.restarts; restart += 1) {
      await delay((plan.seconds * 1000) / (plan.restarts + 1));
      await server.end(restart % 2 === 0 ? 'SIGKILL' : 'SIGTERM');
      await delay(choice.whole(0, 1000));
      server.start();
    }
    await server.ready();
  }

  try {
    server.start();
    await server.ready();
    const beginning = await readChangesCursor(server.url);
    if (plan.warmStart) {
      await until('jobs are forked', () => server.output().includes('the fork server is ready'), WARM_UP_SECONDS);
      killedForkServers = killForkServers(home, random.fork(), plan.seconds * 250, killing.signal);
    }
    const requests = await startJobs(plan, client, random);
    const ids = requests.map(({ jobIds }) => jobIds[0] ?? '');

    const feeds: (() => Feed)[] = [];
    const logs: LogReading[] = [];
    const fleets: FleetReading[] = [];
    const ending: Promise<void>[] = [];
    for (let index = 0; index < plan.subscribers; index += 1) {
      const jobId = ids[index % ids.length] ?? '';
      const over = index % 8 === 7 ? ('SSE' as const) : ('WebSocket' as const);
      const subscriber = subscribe(index, { url: server.url, over }, jobId);
      crowd.push(subscriber);
      void dropAtRandom(subscriber, random.fork());
    }

    /** Of ten subscribers eight watch a job, one reads a log, and one keeps a list of all jobs. */
    function subscribe(index: number, target: Target, jobId: string): Subscriber {
      if (index % 10 === 9) {
        const { reading, subscriber } = watchFleet(target, beginning);
        fleets.push(reading);
        return subscriber;
      }
      if (index % 10 === 4) {
        const { reading, subscriber } = watchLog(target, jobId, hasEnded);
        logs.push(reading);
        ending.push(subscriber.done);
        return subscriber;
      }
      const { reading, subscriber } = watchProgress(target, jobId, `${index} over ${target.over}`);
      feeds.push(reading);
      ending.push(subscriber.done);
      return subscriber;
    }

    const restarting = restartServer(random.fork());
    await Promise.race([Promise.all([...ending, restarting]), aborted(patience)]);
    const incidents = patience.aborted ? ['the time was up before every feed had ended'] : [];
    await restarting;
    dropping.abort();

    // Also the jobs that only lists and logs watch, which are not waited for above.
    await until('every job has ended', async () => (await client.jobs()).every(({ status }) => isTerminal(status)));
    killing.abort();
    const answers = await client.jobs();
    const listed = new Map(answers.map(({ jobId, status }) => [jobId, status]));
    await until('every list knows every end', () =>
      fleets.every(({ known }) => [...listed].every(([id, status]) => known.get(id) === status)),
    );
    const metricSteps = new Map<string, number[]>();
    for (const id of ids) metricSteps.set(id, await client.metricSteps(id));
    const logsAndTruth = [];
    for (const reading of logs) logsAndTruth.push({ ...reading, log: await readLog(server.url, reading.jobId) });
    await Promise.all(crowd.map((subscriber) => subscriber.close()));
    await server.end('SIGTERM');
    return {
      history: {
        slots: plan.slots,
        requests,
        feeds: feeds.map((feed) => feed()),
        answers,
        metricSteps,
        incidents: [...incidents, ...server.incidents],
        ...collectEvidence(home),
      },
      logs: logsAndTruth,
      fleets,
      listed,
      errors: crowd.flatMap(({ errors }) => errors),
      connections: crowd.reduce((sum, { connections }) => sum + connections, 0),
      killedForkServers: await killedForkServers,
    };
  } finally {
    dropping.abort();
    killing.abort();
    await killedForkServers;
    await Promise.all(crowd.map((subscriber) => subscriber.close()));
    await server[Symbol.asyncDispose]();
    endAll(home);
    rmSync(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }
}

async function startJobs(plan: CrowdPlan, client: RetryingClient, random: Random): Promise<Request[]> {
  const longest = Math.ceil((plan.seconds * plan.slots) / plan.jobs / STEP_SECONDS / STEPS_PER_EPOCH);
  const lengths = Array.from({ length: plan.jobs }, () => random.whole(Math.ceil(longest / 2), longest));
  return Promise.all(
    lengths.map(async (epochs, index) => {
      const key = `crowd ${plan.seed}, job ${index}`;
      const jobId = await client.start(key, { epochs, batchSize: BATCH });
      const steps = epochs * STEPS_PER_EPOCH;
      return { key, jobIds: [jobId], steps, stepsPerEpoch: STEPS_PER_EPOCH, treatment: untouched() };
    }),
  );
}

async function readChangesCursor(url: string): Promise<string> {
  const { data } = await send<{ jobs: { changesCursor: string } }>(url, '{ jobs(first: 1) { changesCursor } }');
  if (!data) throw new Error('the list of jobs could not be read');
  return data.jobs.changesCursor;
}

async function readLog(url: string, id: string): Promise<string[]> {
  const query = 'query ($id: ID!) { job(id: $id) { log(last: 10000) { lines { text } } } }';
  const { data } = await send<{ job: { log: { lines: { text: string }[] } } }>(url, query, { id });
  return data?.job.log.lines.map(({ text }) => text) ?? [];
}

/** Resolves when `signal` is aborted. */
async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

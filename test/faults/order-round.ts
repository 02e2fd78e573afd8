import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isTerminal, type JobStatus } from '../../src/runner/index.ts';
import { createRetryingClient, type RetryingClient } from './client.ts';
import { collectEvidence } from './evidence.ts';
import { type Answer, type History, type Order, type Request, untouched } from './history.ts';
import type { DrawnOrder } from './draw-order.ts';
import { endAll } from './processes.ts';
import { createRandom, type Random } from './random.ts';
import { createRestartableServer } from './server.ts';

const EPOCHS = 8;
/** Simulated jobs have 30 rows. */
const BATCH_SIZE = 15;
const STEPS_PER_EPOCH = 2;
/** Time in which a trainer that was launched before a pause starts, seconds: Python needs a while on a busy machine. */
const LAUNCHED_BEFORE = 10;

/** One run of jobs whose order is asked of the queue, while servers are killed. */
export interface OrderPlan {
  readonly seed: number;
  readonly slots: number;
  readonly order: DrawnOrder;
  /** Whether the jobs are also moved, and the queue and groups paused, again and again. */
  readonly isChanged: boolean;
}

export interface OrderResult {
  readonly history: History;
  readonly killed: number;
  /** Statuses with which the jobs ended, and those that their dependencies demand. */
  readonly ended: readonly JobStatus[];
  readonly expected: readonly JobStatus[];
}

/** Starts the jobs in a paused queue, kills servers until all have ended, and returns what every source recorded. */
export async function runOrderRound({ seed, slots, order, isChanged }: OrderPlan): Promise<OrderResult> {
  const random = createRandom(seed);
  const home = mkdtempSync(join(tmpdir(), 'trainyard-order-'));
  const stopped = AbortSignal.timeout(400_000);
  await using server = await createRestartableServer(home, {
    TRAINYARD_MAX_RUNNING: String(slots),
    TRAINYARD_SIMULATION_STEP_SECONDS: '0.1',
  });
  const client = createRetryingClient(server.url, stopped);
  const answers: Answer[] = [];
  let killed = 0;
  const killServer = async () => {
    await server.end('SIGKILL');
    killed += 1;
    server.start();
  };
  server.start();
  try {
    await client.pauseQueue();
    const from = now();
    for (const { name, limit } of order.groups) await client.setGroupLimit(name, limit);
    const inputs = order.jobs.map(({ dependsOn, group }, index) => ({
      ...{ epochs: EPOCHS, batchSize: BATCH_SIZE, idempotencyKey: `order ${seed}, job ${index}` },
      dependsOn: dependsOn.map(({ index: other, when }) => ({ index: other, when })),
      group,
    }));
    const starting = client.startAll(inputs);
    await delay(random.whole(0, 500));
    await killServer();
    const jobIds = await starting;
    // Asked again after a kill, the same keys are the same jobs.
    const again = await client.startAll(inputs);
    const incidents = again.join() === jobIds.join() ? [] : ['the same keys gave other jobs after a kill'];
    await killServer();
    await server.ready();
    await delay(1500);
    answers.push(...(await client.jobs()));
    const to = now();
    await client.resumeQueue();
    const pauses = [{ from, to }];
    for (let isOver = false; !isOver && !stopped.aborted;) {
      await delay(random.whole(200, 4000));
      if (isChanged) pauses.push(...(await change(client, random, jobIds)));
      await killServer();
      const seen = await client.jobs();
      answers.push(...seen);
      isOver = seen.every(({ status }) => isTerminal(status));
    }
    const metricSteps = new Map<string, number[]>();
    for (const jobId of jobIds) metricSteps.set(jobId, await client.metricSteps(jobId));
    await server.end('SIGTERM');
    const expected = order.expected;
    const history: History = {
      slots,
      requests: requestsOf(jobIds, expected),
      feeds: [],
      answers,
      metricSteps,
      incidents: [...incidents, ...server.incidents],
      order: orderOf(jobIds, order, pauses),
      ...collectEvidence(home),
    };
    const statuses = new Map(history.record.map(({ jobId, status }) => [jobId, status]));
    return { history, killed, expected, ended: jobIds.map((id) => statuses.get(id) ?? 'QUEUED') };
  } finally {
    endAll(home);
    rmSync(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }
}

const now = () => Date.now() / 1000;

/** Moves a job, and sometimes pauses the queue for a while. Returns the part of the pause in which nothing may start. */
async function change(client: RetryingClient, random: Random, jobIds: readonly string[]): Promise<Order['pauses']> {
  const [id, other] = [random.pick(jobIds), random.pick(jobIds)];
  if (id !== other) await client.moveJob(id, random.chance(0.5) ? { before: other } : { after: other });
  if (!random.chance(0.2)) return [];
  await client.pauseQueue();
  const from = now() + LAUNCHED_BEFORE;
  await delay((LAUNCHED_BEFORE + 2) * 1000);
  const to = now();
  await client.resumeQueue();
  return [{ from, to }];
}

function requestsOf(jobIds: readonly string[], expected: readonly JobStatus[]): Request[] {
  const steps = EPOCHS * STEPS_PER_EPOCH;
  return jobIds.map((jobId, index) => {
    const isStopped = expected[index] === 'STOPPED';
    const treatment = { ...untouched(), stop: isStopped ? 'YES' : 'NO', stopAsked: isStopped } as const;
    return { key: `job ${index}`, jobIds: [jobId], steps, stepsPerEpoch: STEPS_PER_EPOCH, treatment };
  });
}

function orderOf(jobIds: readonly string[], { jobs, groups }: DrawnOrder, pauses: Order['pauses']): Order {
  const idOf = (index: number) => jobIds[index] ?? '';
  return {
    dependsOn: new Map(
      jobs.map(({ dependsOn }, index) => [
        idOf(index),
        dependsOn.map(({ index: other, when }) => ({ jobId: idOf(other), when })),
      ]),
    ),
    groups: groups.map(({ name, limit }) => ({
      ...{ name, limit },
      jobIds: jobs.flatMap(({ group }, index) => (group === name ? idOf(index) : [])),
    })),
    pauses,
  };
}

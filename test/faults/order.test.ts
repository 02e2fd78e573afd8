import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { isTerminal } from '../../src/runner/index.ts';
import { temporaryHome } from '../support/home.ts';
import { check, describe } from './checker.ts';
import { createRetryingClient } from './client.ts';
import { collectEvidence } from './evidence.ts';
import { type Answer, untouched } from './history.ts';
import { endAll } from './processes.ts';
import { chosenSeed, createRandom } from './random.ts';
import { createRestartableServer } from './server.ts';

const SLOTS = 4;
const EPOCHS = 8;
/** Simulated jobs have 30 rows. */
const BATCH_SIZE = 15;
const STEPS_PER_EPOCH = 2;
const LIMIT = 2;

/** A diamond, and six jobs of a group. */
const DEPENDENCIES = [[], [0], [0], [1, 2], [], [], [], [], [], []] as const;
const IN_GROUP = [4, 5, 6, 7, 8, 9] as const;

test('a diamond, a group with two slots and a paused queue keep their order while servers are killed', async () => {
  const seed = chosenSeed();
  const random = createRandom(seed);
  const home = temporaryHome();
  const stopped = AbortSignal.timeout(400_000);
  await using server = await createRestartableServer(home, {
    TRAINYARD_MAX_RUNNING: String(SLOTS),
    TRAINYARD_SIMULATION_STEP_SECONDS: '0.1',
  });
  const client = createRetryingClient(server.url, stopped);
  const answers: Answer[] = [];
  const now = () => Date.now() / 1000;
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
    await client.setGroupLimit('pair', LIMIT);
    const inputs = DEPENDENCIES.map((dependsOn, index) => ({
      ...{ epochs: EPOCHS, batchSize: BATCH_SIZE, idempotencyKey: `order ${seed}, job ${index}` },
      dependsOn: dependsOn.map((other) => ({ index: other })),
      group: (IN_GROUP as readonly number[]).includes(index) ? 'pair' : null,
    }));
    const starting = client.startAll(inputs);
    await delay(random.whole(0, 500));
    await killServer();
    const jobIds = await starting;
    // Asked again after a kill, the same keys are the same jobs.
    expect(await client.startAll(inputs)).toEqual(jobIds);
    await killServer();
    await server.ready();
    await delay(1500);
    answers.push(...(await client.jobs()));
    expect(answers.every(({ status }) => status === 'QUEUED')).toBe(true);
    const to = now();
    await client.resumeQueue();
    for (let isOver = false; !isOver && !stopped.aborted;) {
      await delay(random.whole(200, 4000));
      await killServer();
      const seen = await client.jobs();
      answers.push(...seen);
      isOver = seen.every(({ status }) => isTerminal(status));
    }
    const metricSteps = new Map<string, number[]>();
    for (const jobId of jobIds) metricSteps.set(jobId, await client.metricSteps(jobId));
    await server.end('SIGTERM');
    const steps = EPOCHS * STEPS_PER_EPOCH;
    const history = {
      slots: SLOTS,
      requests: jobIds.map((jobId, index) => ({
        ...{ key: `job ${index}`, jobIds: [jobId], steps, stepsPerEpoch: STEPS_PER_EPOCH, treatment: untouched() },
      })),
      feeds: [],
      answers,
      metricSteps,
      incidents: server.incidents,
      order: {
        dependsOn: new Map(
          DEPENDENCIES.map((others, index) => [
            jobIds[index] ?? '',
            others.map((other) => ({ jobId: jobIds[other] ?? '', when: 'AFTER_OK' as const })),
          ]),
        ),
        groups: [{ name: 'pair', limit: LIMIT, jobIds: IN_GROUP.map((index) => jobIds[index] ?? '') }],
        pauses: [{ from, to }],
      },
      ...collectEvidence(home),
    };
    expect(describe(check(history), history), `repeat with TRAINYARD_FAULT_SEED=${seed}`).toBe('');
    expect(history.record.map(({ status }) => status)).toEqual(jobIds.map(() => 'COMPLETED'));
    expect(killed).toBeGreaterThan(2);
  } finally {
    endAll(home);
  }
});

import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { homeAt } from '../../src/runner/home.ts';
import { check, describe as describeBreaches } from '../faults/checker.ts';
import { collectEvidence } from '../faults/evidence.ts';
import { type Answer, type Request, untouched } from '../faults/history.ts';
import { readLines, readStarts } from '../faults/processes.ts';
import { chosenSeed, createRandom } from '../faults/random.ts';
import { answerOf, createRunnerFeed } from '../faults/runner-feed.ts';
import { ended, running, startRunner } from '../support/runner.ts';
import { NO_CLUSTER } from './cluster.ts';
import { reach, until } from './patience.ts';
import { createSlowFiles } from './slow-files.ts';
import { SETTINGS, useCluster } from './use-cluster.ts';

/** Until a file is visible, ms. The runner waits far longer for one: timers of a busy machine are late. */
const LONGEST_DELAY = 3_000;
/** Epochs, of one step each: the sample's 30 rows are less than a batch. */
const SHORT = 60;

describe.skipIf(NO_CLUSTER)('files of nodes that become visible late, in another order', { timeout: 900_000 }, () => {
  const onCluster = useCluster();

  test('keep every promise, also with clocks of nodes that are minutes ahead or behind', async () => {
    const home = onCluster.home();
    const nodes = join(onCluster.home(), 'nodes');
    const seed = chosenSeed();
    const random = createRandom(seed);
    const clockSeconds = random.pick([-300, 300]);
    using files = createSlowFiles({ home, nodes, random, longestDelay: LONGEST_DELAY, clockSeconds });
    const settings = { ...SETTINGS, python: files.python, visibleAfterMs: LONGEST_DELAY + 30_000 };
    let runner = await startRunner(home, settings);

    const requests: Request[] = [];
    for (let index = 0; index < 6; index += 1) {
      const steps = index < 4 ? SHORT : 100_000;
      const { id } = await runner.start({ backend: 'SIMULATION', epochs: steps, idempotencyKey: String(index) });
      const stop = index < 4 ? 'NO' : 'YES';
      const treatment = { ...untouched(), stop, stopAsked: stop === 'YES', stopWasPatient: true } as const;
      requests.push({ key: String(index), jobIds: [id], steps, stepsPerEpoch: 1, treatment });
    }
    const ids = requests.map(({ jobIds: [id = ''] }) => id);
    const feeds = ids.map((id) => createRunnerFeed(nodes, id));
    const following = feeds.map((feed) => feed.follow(runner));
    for (const id of ids.slice(4)) await reach(runner, id, running);
    await runner.stop(ids[4] as string, { graceSeconds: 60 });
    await runner[Symbol.asyncDispose]();
    await Promise.all(following);
    runner = await startRunner(home, settings);
    const goingOn = feeds.map((feed) => feed.follow(runner));
    await runner.stop(ids[5] as string, { graceSeconds: 60 });
    for (const id of ids) await reach(runner, id, ended);
    await Promise.all(goingOn);

    const answers: Answer[] = [];
    const metricSteps = new Map<string, number[]>();
    for (const id of ids) {
      answers.push(await answerOf(runner, await reach(runner, id, ended)));
      await until(`the metrics of ${id} are visible`, async () => {
        const [loss] = await runner.metrics(id, { names: ['loss'] });
        metricSteps.set(id, Array.from(loss?.points?.steps ?? []));
        return metricSteps.get(id)?.length === stepsReported(nodes, id);
      });
    }
    await runner[Symbol.asyncDispose]();
    const observed = { requests, feeds, answers, metricSteps, incidents: [] };
    const history = { slots: ids.length, ...observed, ...collectEvidence(home), starts: readStarts(nodes) };
    expect(describeBreaches(check(history), history), `repeat with TRAINYARD_FAULT_SEED=${seed}`).toBe('');
    expect(files.counts.overtook).toBeGreaterThan(5);
  });
});

/** The number of steps in a metrics file. */
function stepsReported(home: string, id: string): number {
  return readLines(homeAt(home).metricsOf(id)).filter((line) => line.includes('"loss"')).length;
}

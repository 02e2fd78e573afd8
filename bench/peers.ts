/**
 * Trainyard next to Dagster, Ray Jobs and MLflow: the time from the request of a job to the first message of its program, the delay of each
 * message, and a page of runs over HTTP. `npm run bench peers`; the first run installs them, which takes minutes.
 */
import { performance } from 'node:perf_hooks';
import { recordEndedJobs } from '../test/support/fleet-home.ts';
import { followDagster } from './peers/dagster.ts';
import { installPeers } from './peers/environment.ts';
import type { Followed } from './peers/followed.ts';
import { startMlflow } from './peers/mlflow.ts';
import { followRay } from './peers/ray.ts';
import { followTrainyard, startTrainyardWith } from './peers/trainyard.ts';
import { median, percentile, printGoal, printTable } from './report.ts';

const STARTS = Number(process.argv[2] ?? 3);
const RUNS = 1_000;
const PAGE = 50;
const PAGES = 20;

/** The metrics that the runs of MLflow have. */
const bestOf = (index: number) => ({
  loss: { value: ((index * 7919) % 1000) / 1000, step: 100, at: 0 },
  val_loss: { value: ((index * 7907) % 1000) / 1000, step: 100, at: 0 },
});

const installed = installPeers();
if (installed !== null) console.log(`\nThe peers were installed in ${installed.toFixed(0)} s.`);

const followed: Record<string, Followed> = {};
for (const [name, follow] of Object.entries({
  trainyard: followTrainyard,
  Dagster: followDagster,
  'Ray Jobs': followRay,
})) {
  try {
    followed[name] = await follow(STARTS);
  } catch (error) {
    console.log(`\n${name} could not be measured: ${String(error)}`);
    process.exitCode = 1;
  }
}
printTable(
  'Start and messages of a job, next to Dagster and Ray Jobs',
  Object.entries(followed).map(([name, { firsts, delays }]) => ({
    program: name,
    'request to first message, median (ms)': median(firsts).toFixed(0),
    'message to client, median (ms)': median(delays).toFixed(1),
    'p99 (ms)': percentile(delays, 0.99).toFixed(1),
  })),
);
console.log();
const own = followed.trainyard;
for (const [peer, times] of [
  ['Dagster', 10],
  ['Ray Jobs', 500],
] as const) {
  const other = followed[peer];
  if (!own || !other) continue;
  printGoal(`request to first message, less than ${peer}`, median(other.firsts) / median(own.firsts), 'at least', 50);
  printGoal(`delay of a message, less than ${peer}`, median(other.delays) / median(own.delays), 'at least', times);
}

try {
  await comparePages();
} catch (error) {
  console.log(`\nMLflow could not be measured: ${String(error)}`);
  process.exitCode = 1;
}

async function comparePages(): Promise<void> {
  await using mlflow = await startMlflow(RUNS);
  await using trainyard = await startTrainyardWith((home) => recordEndedJobs(home, RUNS, bestOf));
  const servers = { trainyard, MLflow: mlflow };
  const rows: Record<string, string>[] = [];
  const ratios: (() => void)[] = [];
  for (const orderBy of ['CREATED_AT', 'METRIC'] as const) {
    const times = { trainyard: [] as number[], MLflow: [] as number[] };
    for (let round = 0; round <= PAGES; round += 1) {
      for (const name of ['trainyard', 'MLflow'] as const) {
        const startedAt = performance.now();
        await servers[name].page(PAGE, orderBy);
        // The first requests compile, and fill caches.
        if (round > 0) times[name].push(performance.now() - startedAt);
      }
    }
    for (const [name, values] of Object.entries(times)) {
      const cells = { 'median (ms)': median(values).toFixed(1), worst: Math.max(...values).toFixed(1) };
      rows.push({ server: name, order: orderBy, ...cells });
    }
    const ratio = median(times.MLflow) / median(times.trainyard);
    ratios.push(() => printGoal(`${orderBy}: time of MLflow to Trainyard's`, ratio, 'at least', 10));
  }
  printTable(`A page of ${PAGE} of ${RUNS} runs over HTTP, next to MLflow`, rows);
  console.log();
  for (const print of ratios) print();
}

/**
 * The CPU time until a server with 100,000 ended jobs is ready, and until its lists are indexed. `npm run bench boot`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordEndedJobs } from '../test/support/fleet-home.ts';
import { startChild, type Usage } from './child.ts';
import { median, printGoal, printTable } from './report.ts';

const JOBS = 100_000;
const RUNS = 3;
const GOAL_SECONDS = 1;

const home = mkdtempSync(join(tmpdir(), 'trainyard-bench-'));
try {
  recordEndedJobs(home, JOBS);
  const ready: Usage[] = [];
  const indexed: Usage[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    await using server = await startChild('servers/boot.ts');
    await server.call('start', home);
    ready.push(await server.usage());
    await server.call('indexed');
    indexed.push(await server.usage());
  }
  const seconds = (usages: readonly Usage[]) => median(usages.map(({ cpu }) => cpu)) / 1e6;
  const row = (state: string, usages: readonly Usage[]) => ({
    [`${JOBS} ended jobs`]: state,
    'CPU, median (s)': seconds(usages).toFixed(2),
    'memory (MB)': (median(usages.map(({ memory }) => memory)) / 1e6).toFixed(0),
  });
  printTable('Start of a server', [row('ready', ready), row('all jobs read and indexed', indexed)]);
  printGoal('CPU time until it is ready, of one second', seconds(ready) / GOAL_SECONDS, 'at most', 1);
} finally {
  rmSync(home, { recursive: true });
}

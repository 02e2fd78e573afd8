/**
 * A server with 1,000 running jobs that each report once a second, and 100 subscribers: its CPU time and memory. Then the same server
 * after a burst of changes that the queue of inotify cannot hold. `node bench/running.ts [seconds]`; needs Linux and Python.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { recordRunningJobs } from '../test/support/fleet-home.ts';
import { until } from '../test/support/until.ts';
import { type ProtectedServer, startProtectedServer } from './protected-server.ts';
import { createReportingJobs } from './reporting-jobs.ts';
import { printGoal } from './report.ts';

const JOBS = 1_000;
const SUBSCRIBERS = 100;
const REPORTS_PER_SECOND = 1;
const SECONDS = Number(process.argv[2] ?? 20);
/** Bounds of the goals: a quarter of a core, and 300 MB. */
const CORES = 0.25;
const MEGABYTES = 300;
/** A file that is replaced causes several events; the queue of inotify holds 16,384 by default. */
const QUEUE = Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8'));
const TICKS_PER_SECOND = 100;

interface Usage {
  /** CPU time, s. */
  readonly cpu: number;
  /** Resident memory, MB. */
  readonly memory: number;
}

function usageOf(pid: number): Usage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const memory = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return { cpu: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND, memory: Number(memory) / 1024 };
}

using fleet = await createReportingJobs(REPORTS_PER_SECOND);
const ids = recordRunningJobs(fleet.home, JOBS, fleet.identity);
await using server = await startProtectedServer({
  home: fleet.home,
  environment: { TRAINYARD_MAX_RUNNING: String(JOBS) },
});
fleet.report(ids);

let messages = 0;
for (const id of ids.slice(0, SUBSCRIBERS)) {
  const query = `subscription { jobProgress(id: "${id}") { status step loss } }`;
  server
    .connect()
    .subscribe({ query }, { next: () => (messages += 1), error: () => undefined, complete: () => undefined });
}
await until('all jobs report', () => messages > SUBSCRIBERS * 3, 60);

messages = 0;
const before = usageOf(server.pid);
await delay(SECONDS * 1000);
const after = usageOf(server.pid);
const cores = (after.cpu - before.cpu) / SECONDS;
console.log(`\n## ${JOBS} running jobs with a report each second, ${SUBSCRIBERS} subscribers\n`);
console.log(
  `${(messages / SECONDS).toFixed(0)} messages a second, ${(cores * 100).toFixed(0)}% of a core, ${after.memory.toFixed(0)} MB.\n`,
);
printGoal('CPU time, of a quarter of a core', cores / CORES, 'at most', 1);
printGoal('memory, of 300 MB', after.memory / MEGABYTES, 'at most', 1);

// The reports end, and a stopped server does not read its events.
fleet.suspend();
await delay(2_000);
process.kill(server.pid, 'SIGSTOP');
const step = overflow(ids);
process.kill(server.pid, 'SIGCONT');
const continuedAt = performance.now();
let stale = JOBS;
await until('all jobs are current', async () => (stale = await countStale(server, step)) === 0, 30).catch(
  () => undefined,
);
const seconds = (performance.now() - continuedAt) / 1000;
console.log(`\n## ${JOBS} files after an overflow of inotify (${QUEUE} events)\n`);
console.log(`${stale} stale after ${seconds.toFixed(1)} s. A sweep starts each second.\n`);
printGoal('time until none is stale, of two seconds', seconds / 2, 'at most', 1);

/** Replaces the status files until the queue of inotify is full, with a last change of each after that. @returns its step */
function overflow(ids: readonly string[]): number {
  const statuses = ids.map((id) => {
    const path = join(fleet.home, 'artifacts', 'jobs', `${id}.json`);
    return { path, status: JSON.parse(readFileSync(path, 'utf8')) as { sequence: number; step: number } };
  });
  const staging = join(fleet.home, 'artifacts', 'staging', 'bench.json');
  const rounds = Math.ceil((QUEUE * 1.2) / ids.length);
  const last = 1_000_000;
  for (let round = 0; round <= rounds; round += 1) {
    for (const { path, status } of statuses) {
      status.sequence += 1;
      status.step = last - rounds + round;
      writeFileSync(staging, JSON.stringify(status));
      renameSync(staging, path);
    }
  }
  return last;
}

interface Page {
  readonly jobs: {
    readonly edges: readonly { readonly node: { readonly progress: { readonly step: number } } }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}

/** @returns the number of jobs that are not at a step */
async function countStale(server: ProtectedServer, step: number, after: string | null = null): Promise<number> {
  const query = `query ($after: String) {
    jobs(first: 200, after: $after) { edges { node { progress { step } } } pageInfo { hasNextPage endCursor } }
  }`;
  const { edges, pageInfo } = (await server.query<Page>(query, { after })).jobs;
  const stale = edges.filter(({ node }) => node.progress.step !== step).length;
  return pageInfo.hasNextPage ? stale + (await countStale(server, step, pageInfo.endCursor)) : stale;
}

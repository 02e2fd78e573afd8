import { afterAll, afterEach, beforeAll, expect, onTestFinished } from 'vitest';
import type { Job, Runner, StartInput } from '../../src/runner/index.ts';
import { homeAt } from '../../src/runner/home.ts';
import { readReportsOf } from '../faults/evidence.ts';
import type { Report } from '../faults/history.ts';
import { EVIDENCE, endAll, readStarts } from '../faults/processes.ts';
import { temporaryHome } from '../support/home.ts';
import { running } from '../support/runner.ts';
import { type Cluster, type NodeName, startCluster } from './cluster.ts';
import { reach } from './patience.ts';

/** Settings of a runner on the test cluster. */
export const SETTINGS = {
  launcher: 'slurm',
  slurmPollMs: 200,
  visibleAfterMs: 500,
  silentAfterMs: 30_000,
  stalledAfterMs: 600_000,
} as const;

export const FOREVER: StartInput = { backend: 'SIMULATION', epochs: 100_000 };

/** The resources of tests on a cluster. */
export interface ClusterTests {
  readonly cluster: Cluster;
  /** A home folder whose processes are killed after the test. */
  home(): string;
  /** The lines of `squeue` for a job, in a format such as `%N`. */
  inSlurm(id: string, format: string): string[];
  nodeOf(job: Job): NodeName;
  slurmIdOf(job: Job): string;
}

/** Starts a cluster for the tests of the block that calls it, and clears it after each test. */
export function useCluster(): ClusterTests {
  let cluster: Cluster | undefined;
  beforeAll(async () => {
    cluster = await startCluster();
    process.env['PYTHONPATH'] = [process.env['PYTHONPATH'], EVIDENCE.PYTHONPATH].filter(Boolean).join(':');
    process.env['TRAINYARD_SIMULATION_STEP_SECONDS'] = '0.02';
  }, 300_000);
  afterAll(() => cluster?.[Symbol.dispose]());
  afterEach(() => cluster?.clear(), 300_000);

  const tests: ClusterTests = {
    get cluster() {
      return cluster ?? expect.fail('The cluster has not started.');
    },
    home() {
      const home = temporaryHome();
      onTestFinished(() => endAll(home));
      return home;
    },
    inSlurm: (id, format) =>
      tests.cluster
        .slurm('squeue', '--noheader', '--states=all', `--format=%j|${format}`)
        .split('\n')
        .flatMap((line) => (line.startsWith(id) ? line.slice(line.indexOf('|') + 1) : [])),
    nodeOf: ({ id, attempt }) => tests.inSlurm(`${id}.${attempt}`, '%N')[0] as NodeName,
    slurmIdOf: ({ id, attempt }) => tests.inSlurm(`${id}.${attempt}`, '%i')[0] ?? expect.fail('no Slurm job'),
  };
  return tests;
}

/** Every attempt has been started exactly once. */
export function expectStartedOnce(home: string): void {
  const starts = readStarts(home).filter(({ role }) => role === 'TRAINER');
  const attempts = starts.map(({ jobId, attempt }) => `${jobId} ${attempt}`);
  expect(attempts.toSorted()).toEqual([...new Set(attempts)].toSorted());
}

/** The reported steps of all attempts, in the order of their lines. */
export function stepsOf(home: string, id: string): Report[] {
  return readReportsOf(homeAt(home).metricsOf(id));
}

export async function startRunning(runner: Runner, input: StartInput = FOREVER): Promise<Job> {
  const { id } = await runner.start(input);
  return reach(runner, id, running);
}

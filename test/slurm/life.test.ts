import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Job, StartInput } from '../../src/runner/index.ts';
import { homeAt } from '../../src/runner/home.ts';
import { readStarts } from '../faults/processes.ts';
import { stepClock } from '../support/step-clock.ts';
import { collect, ended, running, startRunner, statusesOf } from '../support/runner.ts';
import { NO_CLUSTER, type NodeName } from './cluster.ts';
import { reach, until } from './patience.ts';
import { expectStartedOnce, FOREVER, SETTINGS as settings, startRunning, stepsOf, useCluster } from './use-cluster.ts';

/** Silence of a job that Slurm does not know or has given up, ms, after which it is dead: only for jobs that are about to be. */
const SOON_SILENT_MS = 3_000;

const NAME = `a cluster of two nodes${NO_CLUSTER === null ? '' : ` (skipped: ${NO_CLUSTER})`}`;

describe.skipIf(NO_CLUSTER)(NAME, { timeout: 900_000 }, () => {
  const onCluster = useCluster();
  const { inSlurm, nodeOf, slurmIdOf } = onCluster;
  const otherNode = (name: NodeName): NodeName => (name === 'n1' ? 'n2' : 'n1');

  test('a job trains on a node, streams live, stops with a checkpoint, and resumes on the other node', async () => {
    const home = onCluster.home();
    const runner = await startRunner(home, settings);
    const { id } = await runner.start(FOREVER);
    const feed = collect(runner.watch(id));
    const first = nodeOf(await reach(runner, id, ({ progress }) => progress.step > 50));
    await runner.stop(id);
    const stopped = await reach(runner, id, ended);
    expect(stopped).toMatchObject({ state: { status: 'STOPPED' }, stop: { graceful: true } });
    expect(stopped.checkpoint).not.toBeNull();
    const events = await feed;
    expect(statusesOf(events)).toEqual(['QUEUED', 'STARTING', 'LOADING', 'RUNNING', 'STOPPING', 'STOPPED']);
    expect(events.length).toBeGreaterThan(10);

    onCluster.cluster.slurm('scontrol', 'update', `NodeName=${first}`, 'State=DRAIN', 'Reason=test');
    const { step } = stopped.progress;
    await runner.resume(id);
    const resumed = await reach(runner, id, (job) => running(job) && job.progress.step > step);
    expect(nodeOf(resumed)).toBe(otherNode(first));
    const steps = stepsOf(home, id);
    expect(steps.find(({ attempt }) => attempt === 2)?.step).toBe(step + 1);
    await runner.stop(id, { graceSeconds: 0 });
    await reach(runner, id, ended);
    expectStartedOnce(home);
  });

  test('a job says what it waits for, has no start limit meanwhile, and leaves the queue when it is stopped', async () => {
    for (const name of ['n1', 'n2'])
      onCluster.cluster.slurm('scontrol', 'update', `NodeName=${name}`, 'State=DRAIN', 'Reason=test');
    const home = onCluster.home();
    const runner = await startRunner(home, { ...settings, startTimeoutMs: 2_000 });
    const { id } = await runner.start(FOREVER);
    await until('Slurm has it', () => inSlurm(id, '%T')[0] === 'PENDING');
    await until('its start limit would be over', () => (runner.get(id)?.createdAt ?? Infinity) + 4_000 < Date.now());
    expect(runner.get(id)?.state.status).toBe('QUEUED');
    await until('it has a reason', () => / \(Slurm: \w+\)\.$/.test(runner.waitingFor(runner.get(id) as Job) ?? ''));
    // Slurm has it, and decides the order.
    expect(runner.queue).toMatchObject({ waiting: 0, running: 1, slots: null });
    await expect(runner.moveJob(id, { before: id })).rejects.toThrow('waits in the queue of the cluster');
    await runner.stop(id);
    const stopped = await reach(runner, id, ended);
    expect(stopped.state).toMatchObject({ status: 'STOPPED' });
    expect(readStarts(home)).toEqual([]);
  });

  test('a drained node finishes its job', async () => {
    const home = onCluster.home();
    const runner = await startRunner(home, settings);
    const job = await startRunning(runner, { backend: 'SIMULATION', epochs: 3 });
    onCluster.cluster.slurm('scontrol', 'update', `NodeName=${nodeOf(job)}`, 'State=DRAIN', 'Reason=test');
    expect((await reach(runner, job.id, ended)).state.status).toBe('COMPLETED');
  });

  test('a job that Slurm requeues resumes from its saved state as a new attempt', async () => {
    const home = onCluster.home();
    const runner = await startRunner(home, settings);
    const job = await startRunning(runner, { ...FOREVER, retry: { limit: 1, backoffSeconds: 0 } });
    const id = slurmIdOf(job);
    // An administrator can do this to any job.
    onCluster.cluster.slurm('scontrol', 'update', `JobId=${id}`, 'Requeue=1');
    onCluster.cluster.slurm('scontrol', 'requeue', id);
    const resumed = await reach(runner, job.id, ({ attempt, state }) => attempt === 2 && state.status === 'RUNNING');
    expect(resumed.transitions.map(({ status }) => status)).toContain('ERROR');
    const next = await reach(runner, job.id, ({ attempt, progress }) => attempt === 2 && progress.carried !== true);
    expect(next.progress.step).toBeGreaterThan(1);
    expectStartedOnce(home);
    expect(inSlurm(`${job.id}.1`, '%T')).toEqual([expect.stringMatching(/CANCELLED|COMPLETING/)]);
  });

  test('a job that Slurm preempts says so, saves, and resumes when the resources are free again', async () => {
    const home = onCluster.home();
    const runner = await startRunner(home, settings);
    const job = await startRunning(runner, { ...FOREVER, retry: { limit: 1, backoffSeconds: 0 } });
    const urgent = ['--partition=urgent', '--nodes=2', '--exclusive', '--output=/dev/null', '--wrap', 'sleep 600'];
    const taker = onCluster.cluster.slurm('sbatch', '--parsable', ...urgent).trim();
    const waits = await reach(runner, job.id, ({ attempt }) => attempt === 2);
    const failure = waits.transitions.findLast(({ status }) => status === 'ERROR');
    expect(failure).toBeDefined();
    onCluster.cluster.slurm('scancel', '--signal=KILL', '--full', taker);
    await reach(runner, job.id, ({ attempt, progress }) => attempt === 2 && progress.carried !== true);
    expectStartedOnce(home);
  });

  test('Slurm gets the resources of a job, and only those that are allowed', async () => {
    const home = onCluster.home();
    const allowed = { partition: ['main', 'nowhere'], constraint: ['second'], gpuType: ['a100'] };
    const runner = await startRunner(home, { ...settings, resources: { allowed } });
    const resources = { cpus: 3, memoryMb: 700, partition: 'main', constraint: 'second', timeLimitSeconds: 601 };
    const gpu = { ...resources, gpus: 1, gpuType: 'a100' };
    const job = await startRunning(runner, { ...FOREVER, resources: gpu });
    expect(inSlurm(job.id, '%P %C %m %f %l %b %N')).toEqual(['main 3 700M second 11:00 gres:gpu:a100:1 n2']);
    await runner.stop(job.id, { graceSeconds: 0 });
    for (const refused of [
      { partition: 'urgent' },
      { qos: 'high' },
      { constraint: 'second --wrap=id' },
      { nodes: 2 },
      { gpuType: 'a100' },
    ]) {
      await expect(runner.start({ ...FOREVER, resources: refused })).rejects.toThrow(
        /allow|one node|1 on this|needs gpus/,
      );
    }
    const wrong = await runner.start({ ...FOREVER, resources: { partition: 'nowhere' } });
    const { state } = await reach(runner, wrong.id, ended);
    expect(state).toMatchObject({
      status: 'ERROR',
      failure: { reason: 'SPAWN_FAILED', message: expect.stringContaining('nvalid partition') as string },
    });
  });

  test('a killed controller changes no status, and a job that ends meanwhile is noticed by its files', async () => {
    const home = onCluster.home();
    // The controller decides first whether a job is alive; its files count only after that.
    const runner = await startRunner(home, { ...settings, silentAfterMs: SOON_SILENT_MS });
    const [long, short] = [
      await startRunning(runner),
      await startRunning(runner, { backend: 'SIMULATION', epochs: 4 }),
    ];
    await onCluster.cluster.killController();
    expect((await reach(runner, short.id, ended)).state.status).toBe('COMPLETED');
    const { step } = (await reach(runner, long.id, running)).progress;
    await runner.stop(long.id);
    await reach(runner, long.id, ({ progress }) => progress.step > step + 20);
    expect(runner.get(long.id)?.state.status).toBe('STOPPING');
    await onCluster.cluster.startController();
    // A controller that was killed before it saved its state knows the job no more: that takes a while.
    expect((await reach(runner, long.id, ended)).state.status).toBe('STOPPED');
    expectStartedOnce(home);
  });

  test('jobs live through the death of the daemon of their node, and of the server', async () => {
    const home = onCluster.home();
    const first = await startRunner(home, settings);
    const { id } = await startRunning(first);
    const node = nodeOf(first.get(id) ?? expect.fail('no job'));
    await onCluster.cluster.killNode(node);
    await first[Symbol.asyncDispose]();
    const runner = await startRunner(home, settings);
    const { step } = (await reach(runner, id, running)).progress;
    // Slurm gives the node up; the job still reports, so it lives.
    await until('Slurm has given the job up', () => inSlurm(id, '%T')[0] === 'NODE_FAIL');
    const later = await reach(runner, id, ({ progress }) => progress.step > step + 100);
    expect(later).toMatchObject({ attempt: 1, state: { status: 'RUNNING' } });
    await runner[Symbol.asyncDispose]();
    // The daemon ends what Slurm has given up, when it is back.
    onCluster.cluster.startNode(node);
    const last = await startRunner(home, { ...settings, silentAfterMs: SOON_SILENT_MS });
    const resumed = await reach(last, id, ({ attempt }) => attempt === 2);
    expect(resumed.transitions.some(({ status }) => status === 'ERROR')).toBe(true);
    expectStartedOnce(home);
    await last.stop(id, { graceSeconds: 0 });
    await reach(last, id, ended);
  });

  test('the time limit of a job survives a restart of the server, also if the clock of its node is behind', async () => {
    const home = onCluster.home();
    const first = await startRunner(home, settings);
    const { id } = await startRunning(first, { ...FOREVER, timeLimitSeconds: 1_800 });
    await first[Symbol.asyncDispose]();
    stepClock(60 * 60 * 1000);
    const second = await startRunner(home, settings);
    const { step } = (await reach(second, id, running)).progress;
    const later = await reach(second, id, ({ progress }) => progress.step > step + 100);
    expect(later.state.status).toBe('RUNNING');
    await second.stop(id, { graceSeconds: 0 });
    await reach(second, id, ended);
  });

  test('100 jobs end as they should through two restarts of the server, each started once', async () => {
    const home = onCluster.home();
    const crowd: StartInput = { backend: 'SIMULATION', epochs: 1 };
    let runner = await startRunner(home, settings);
    const ids = await Promise.all(Array.from({ length: 100 }, async () => (await runner.start(crowd)).id));
    for (const share of [5, 40]) {
      await until(`${share} have ended`, () => ids.filter((id) => ended(runner.get(id) as Job)).length >= share);
      await runner[Symbol.asyncDispose]();
      runner = await startRunner(home, settings);
    }
    for (const id of ids) expect((await reach(runner, id, ended)).state.status).toBe('COMPLETED');
    expectStartedOnce(home);
    expect(new Set(readStarts(home).map(({ jobId }) => jobId))).toEqual(new Set(ids));
    for (const id of ids) {
      const steps = stepsOf(home, id).map(({ step }) => step);
      expect(new Set(steps).size).toBe(steps.length);
    }
    expect(readFileSync(homeAt(home).exit(ids[0] ?? ''), 'utf8')).toContain('"exit_code":0');
  });
});

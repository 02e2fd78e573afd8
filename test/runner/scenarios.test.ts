import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type Job } from '../../src/runner/index.ts';
import { readReportsOf } from '../faults/evidence.ts';
import { failCalls } from '../faults/failing-calls.ts';
import { EVIDENCE, readStarts } from '../faults/processes.ts';
import { temporaryHome } from '../support/home.ts';
import { collect, PYTHON, recordedLog, startRunner, statusesOf, ended, reach, running } from '../support/runner.ts';
import { until } from '../support/until.ts';
import { freeze, supervisorOf, trainerOf } from '../support/local-processes.ts';

// The scenarios of src/runner/PROTOCOL.md, with the same numbers. All processes are real; the trainer is the simulation.
const SHORT = { backend: 'SIMULATION', epochs: 20 } as const;
const LONG = { backend: 'SIMULATION', epochs: 4000 } as const;

function gone(pid: number | undefined): boolean {
  try {
    return pid !== undefined && readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return true;
  }
}

/** Every reported step of a job, in the order of its metrics file. */
const stepsOf = (home: string, id: string) =>
  readReportsOf(join(home, 'artifacts/metrics', `${id}.jsonl`)).map(({ step }) => step);

const pidOf = (job: Job) => trainerOf(job)?.pid ?? expect.fail('the trainer has no pid yet');
const supervisorPidOf = (job: Job) => supervisorOf(job)?.pid ?? expect.fail('the supervisor has no pid yet');

test('1. a job goes through its whole life', async () => {
  const home = temporaryHome();
  const runner = await startRunner(home);
  const job = await runner.start({
    ...SHORT,
    name: 'first',
    tags: ['a', 'a', 'b'],
  });
  const events = await collect(runner.watch(job.id));
  expect(statusesOf(events)).toEqual(['QUEUED', 'STARTING', 'LOADING', 'RUNNING', 'COMPLETED']);
  const last = runner.get(job.id);
  expect(last?.progress).toMatchObject({
    percent: 100,
    step: 20,
    totalSteps: 20,
    epoch: 20,
    etaSeconds: null,
  });
  expect(last).toMatchObject({
    simulation: true,
    request: { tags: ['a', 'b'] },
    checkpoint: `models/${job.id}.txt`,
  });
  const [loss] = await runner.metrics(job.id, { names: ['loss'] });
  expect(loss?.latest.step).toBe(20);
  expect(gone(trainerOf(last)?.pid)).toBe(true);
  await until('the supervisor has ended too', () => gone(supervisorOf(last)?.pid));
  expect(runner.watching).toBe(0);
  // A feed of a job that has ended is its terminal event, once.
  expect(statusesOf(await collect(runner.watch(job.id)))).toEqual(['COMPLETED']);
});

test('2. a stop saves a checkpoint and ends as STOPPED, also when it is requested twice', async () => {
  const runner = await startRunner(temporaryHome());
  const { id } = await runner.start(LONG);
  const feed = collect(runner.watch(id));
  const before = await reach(runner, id, running);
  const stops = await Promise.all([runner.stop(id), runner.stop(id, { graceSeconds: 60 })]);
  expect(stops.map(({ state }) => state.status)).toEqual(['STOPPING', 'STOPPING']);
  expect(statusesOf(await feed).slice(-2)).toEqual(['STOPPING', 'STOPPED']);
  const job = await reach(runner, id, ended);
  expect(await runner.checkpoint(job)).toMatchObject({
    path: `models/${id}.txt`,
  });
  expect(gone(pidOf(before))).toBe(true);
  expect((await runner.stop(id)).state.status).toBe('STOPPED');
});

test('3. a trainer that does not stop is killed at the deadline, and is STOPPED only when it is gone', async () => {
  const runner = await startRunner(temporaryHome());
  const { id } = await runner.start(LONG);
  const job = await reach(runner, id, running);
  process.kill(pidOf(job), 'SIGSTOP'); // It cannot see the signal now.
  await runner.stop(id, { graceSeconds: 0.3 });
  const stopped = await reach(runner, id, ended);
  expect(stopped.state.status).toBe('STOPPED');
  expect(gone(pidOf(job))).toBe(true);
});

test('4. a queued job stops at once, and the next one gets its turn', async () => {
  const runner = await startRunner(temporaryHome(), { maxRunning: 1 });
  const first = await runner.start(LONG);
  const second = await runner.start(SHORT);
  const third = await runner.start(SHORT);
  expect([second, third].map(({ id }) => runner.queuePosition(id))).toEqual([1, 2]);
  expect((await runner.stop(second.id)).state).toMatchObject({
    status: 'STOPPED',
    startedAt: null,
  });
  expect(runner.queuePosition(third.id)).toBe(1);
  await reach(runner, first.id, running);
  await runner.stop(first.id);
  expect((await reach(runner, third.id, ended)).state.status).toBe('COMPLETED');
});

test('5. a trainer that is killed is an ERROR with its signal and its last log lines', async () => {
  const runner = await startRunner(temporaryHome());
  const { id } = await runner.start(LONG);
  process.kill(pidOf(await reach(runner, id, running)), 'SIGKILL');
  const job = await reach(runner, id, ended);
  expect(job.state).toMatchObject({
    status: 'ERROR',
    failure: { reason: 'SIGNAL', signal: 'SIGKILL', exitCode: null },
  });
  await expect(runner.stop(id)).rejects.toThrow(`Job ${id} has already ended as ERROR.`);
});

test('6. a trainer continues when its supervisor is killed, and its end is detected', async () => {
  const runner = await startRunner(temporaryHome());
  const { id } = await runner.start({ ...LONG, epochs: 300 });
  process.kill(supervisorPidOf(await reach(runner, id, running)), 'SIGKILL');
  expect((await reach(runner, id, ended)).state.status).toBe('COMPLETED');
});

test('7. both killed: the job has VANISHED', async () => {
  const runner = await startRunner(temporaryHome());
  const { id } = await runner.start(LONG);
  const job = await reach(runner, id, running);
  process.kill(supervisorPidOf(job), 'SIGKILL');
  process.kill(pidOf(job), 'SIGKILL');
  expect((await reach(runner, id, ended)).state).toMatchObject({
    status: 'ERROR',
    failure: { reason: 'VANISHED' },
  });
});

test('8. the next server adopts live jobs, records the end of dead ones, resumes stops and continues the queue', async () => {
  const home = temporaryHome();
  const first = await startRunner(home, { maxRunning: 3 });
  const dead = await first.start(LONG);
  const stopping = await first.start(LONG);
  for (const { id } of [dead, stopping]) await reach(first, id, running);
  // The last of them: it must still run when the next server starts, also on a busy machine.
  const living = await first.start({ ...LONG, epochs: 1000 });
  const queued = await first.start(SHORT);
  await reach(first, living.id, running);
  const doomed = pidOf(first.get(dead.id) as Job);
  const frozen = pidOf(first.get(stopping.id) as Job);
  process.kill(frozen, 'SIGSTOP');
  await first.stop(stopping.id, { graceSeconds: 1 });
  const feed = first.watch(living.id);
  const { cursor } = (await feed.next()).value as { cursor: string };
  await first[Symbol.asyncDispose]();
  process.kill(doomed, 'SIGKILL');

  const second = await startRunner(home, { maxRunning: 3 });
  const found = await reach(second, dead.id, ended);
  expect(found.state).toMatchObject({
    status: 'ERROR',
    failure: { reason: 'SIGNAL', signal: 'SIGKILL' },
  });
  expect((await reach(second, stopping.id, ended)).state.status).toBe('STOPPED');
  expect((await reach(second, queued.id, ended)).state.status).toBe('COMPLETED');
  const events = await collect(second.watch(living.id, { after: cursor }));
  expect(events[0]?.gap).toBe(false);
  expect(statusesOf(events)).toEqual(['RUNNING', 'COMPLETED']);
  expect(second.count()).toBe(4);
});

test('9. a launch that was recorded but not seen is repeated without running the job twice', async () => {
  // No supervisor says its first word before the next server has launched another one.
  for (const [name, value] of Object.entries({ ...EVIDENCE, FAULT_SUPERVISOR_DELAY: '1' })) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  const home = temporaryHome();
  const settings = { trainerEnv: ['FAULT_*'] };
  const first = await startRunner(home, settings);
  const epochs = 200;
  const { id } = await first.start({ ...SHORT, epochs });
  await until('the first supervisor lives', () => readStarts(home).length > 0);
  await first[Symbol.asyncDispose]();
  const second = await startRunner(home, settings);
  const { state } = await reach(second, id, ended);
  // The steps first: if the job ran twice, they say so, whatever else went wrong. Steps, not lines: two runs of a step differ in their times.
  expect(stepsOf(home, id)).toEqual(Array.from({ length: epochs }, (_, index) => index + 1));
  expect(state.status).toBe('COMPLETED');
  expect(readStarts(home).filter(({ role }) => role === 'SUPERVISOR')).toHaveLength(2);
});

test('9. a second supervisor of a living job ends and does nothing', async () => {
  const home = temporaryHome();
  const runner = await startRunner(home);
  const { id } = await runner.start({ ...LONG, epochs: 300 });
  await reach(runner, id, running);
  const cwd = fileURLToPath(new URL('../../python', import.meta.url));
  const intruder = spawn(PYTHON, ['-m', 'trainyard.supervisor', home, id, '1'], { cwd, stdio: 'ignore' });
  expect(await once(intruder, 'exit')).toEqual([75, null]);
  expect((await reach(runner, id, ended)).state.status).toBe('COMPLETED');
});

/** Number of looks at the one job of a home among these calls: each look reads the exit file first. */
const looksIn = (calls: readonly string[]) =>
  calls.filter((call) => call === 'lstat artifacts/exits/<job>.json').length;

const badStatusFiles: Record<string, (path: string) => void> = {
  'a torn file': (path) => writeFileSync(path, '{"version": 1, "job_'),
  'an empty file': (path) => writeFileSync(path, ''),
  'a binary file': (path) => writeFileSync(path, Buffer.from([0, 255, 254, 1, 2])),
  'a huge file': (path) => writeFileSync(path, ' '.repeat(2 * 1024 * 1024)),
  'the file of another job': (path) => writeFileSync(path, JSON.stringify({ job_id: 'job_1_00000000', attempt: 1 })),
  'a FIFO': (path) => execFileSync('mkfifo', [path]),
  'a folder': (path) => mkdirSync(path),
  'a symbolic link': (path) => symlinkSync('/etc/hostname', path),
  'nothing at all': () => undefined,
};

test.each(Object.entries(badStatusFiles))('10. %s in the place of the status file changes nothing', async (_, put) => {
  const home = temporaryHome();
  const logger = recordedLog();
  const runner = await startRunner(home, { logger });
  const { id } = await runner.start(LONG);
  const pid = pidOf(await reach(runner, id, running));
  await freeze(pid);
  const path = join(home, 'artifacts/jobs', `${id}.json`);
  const { sequence } = JSON.parse(readFileSync(path, 'utf8')) as {
    sequence: number;
  };
  await until('its last report is applied', () => runner.get(id)?.sequence === sequence);
  renameSync(path, `${path}.good`);
  const good = runner.get(id);
  put(path);
  if (existsSync(path))
    await until('it was noticed', () =>
      logger.lines.some(({ message }) => message.includes('status file cannot be used')),
    );
  // Looks at one job do not overlap: when the third starts to read its files, the second is over.
  using calls = failCalls(home);
  await until('the job was looked at twice', () => looksIn(calls.calls) >= 3);
  expect(runner.get(id)?.progress).toEqual(good?.progress);
  expect(runner.get(id)?.state.status).toBe('RUNNING');
  expect(logger.lines.filter(({ message }) => message.includes('cannot be used')).length).toBeLessThanOrEqual(1);
  rmSync(path, { recursive: true, force: true });
  renameSync(`${path}.good`, path);
  process.kill(pid, 'SIGCONT');
  const { progress } = await reach(runner, id, (job) => job.progress.step > (good?.progress.step ?? Infinity));
  await runner.stop(id);
  const stopped = await reach(runner, id, ended);
  expect(stopped.state.status).toBe('STOPPED');
  expect(stopped.progress.step).toBeGreaterThanOrEqual(progress.step);
});

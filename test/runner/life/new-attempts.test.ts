import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Job } from '../../../src/runner/index.ts';
import { temporaryHome } from '../../support/home.ts';
import { collect, startRunner, statusesOf, ended, reach, running } from '../../support/runner.ts';
import { until } from '../../support/until.ts';
import { freeze, trainerOf } from '../../support/local-processes.ts';

const SHORT = { backend: 'SIMULATION', epochs: 20 } as const;
const LONG = { backend: 'SIMULATION', epochs: 4000 } as const;

/** Lets the monotonic clock of this process jump: limits are long, so that no job reaches one on a busy machine before. */
function passTime(milliseconds: number): void {
  const real = performance.now.bind(performance);
  performance.now = () => real() + milliseconds;
  onTestFinished(() => {
    performance.now = real;
  });
}

const kill = (job: Job) => process.kill(trainerOf(job)?.pid ?? expect.fail('no pid'), 'SIGKILL');

test('a stopped job is resumed as a new attempt and completes', async () => {
  const runner = await startRunner(temporaryHome());
  const { id } = await runner.start({ ...LONG, epochs: 300 });
  await reach(runner, id, running);
  await expect(runner.resume(id)).rejects.toMatchObject({ code: 'NOT_ENDED' });
  await runner.stop(id);
  const stopped = await collect(runner.watch(id));
  // Two at once: one of them is it, whichever comes first to the end of its checks.
  const results = await Promise.allSettled([runner.resume(id), runner.resume(id)]);
  expect(results).toContainEqual({ status: 'fulfilled', value: expect.objectContaining({ attempt: 2, id }) as Job });
  expect(results).toContainEqual({
    status: 'rejected',
    reason: expect.objectContaining({ code: 'NOT_ENDED' }) as Error,
  });
  // A reader that saw the first attempt end continues with the second one.
  const events = await collect(runner.watch(id, { after: stopped.at(-1)?.cursor }));
  expect(statusesOf(events)).toEqual(['QUEUED', 'STARTING', 'LOADING', 'RUNNING', 'COMPLETED']);
  expect(runner.get(id)).toMatchObject({ attempt: 2, progress: { percent: 100, epoch: 300 } });
});

test('a completed job is resumed with more epochs only', async () => {
  const runner = await startRunner(temporaryHome());
  const { id } = await runner.start(SHORT);
  await reach(runner, id, ended);
  await expect(runner.resume(id)).rejects.toThrow(
    'epochs must be greater than 20: this job has already completed 20 of 20.',
  );
  await expect(runner.resume(id, { epochs: 0 })).rejects.toMatchObject({ inputPath: ['input', 'epochs'] });
  await runner.resume(id, { epochs: 30 });
  const job = await reach(runner, id, ended);
  expect(job).toMatchObject({
    attempt: 2,
    state: { status: 'COMPLETED' },
    request: { epochs: 30 },
    progress: { epoch: 30 },
  });
});

test('a failure is retried as often as its policy says, with the feed ending at each failure', async () => {
  const home = temporaryHome();
  const runner = await startRunner(home);
  const { id } = await runner.start({ ...LONG, retry: { limit: 2, backoffSeconds: 0.01 } });
  for (const attempt of [1, 2, 3]) {
    const feed = collect(runner.watch(id));
    kill(await reach(runner, id, (job) => job.attempt === attempt && running(job)));
    expect((await feed).at(-1)?.status).toBe('ERROR');
  }
  const job = await reach(runner, id, (now) => ended(now) && now.attempt === 3);
  expect(job).toMatchObject({ retries: 2, retryAt: null, state: { failure: { reason: 'SIGNAL' } } });
  // Resumed by a user, it may be retried again.
  await runner.resume(id);
  kill(await reach(runner, id, running));
  await reach(runner, id, (now) => now.attempt === 5 && running(now));
  await runner.stop(id);
  expect(await reach(runner, id, ended)).toMatchObject({ state: { status: 'STOPPED' }, retryAt: null });
});

test('a failure that the policy does not name is not retried', async () => {
  const runner = await startRunner(temporaryHome());
  const { id } = await runner.start({ ...LONG, retry: { limit: 5, on: ['OUT_OF_MEMORY'] } });
  kill(await reach(runner, id, running));
  expect(await reach(runner, id, ended)).toMatchObject({ retryAt: null, attempt: 1 });
});

test('a pending retry survives a restart, and a stop cancels it', async () => {
  const home = temporaryHome();
  const first = await startRunner(home);
  const soon = await first.start({ ...LONG, epochs: 300, retry: { limit: 1, backoffSeconds: 1 } });
  // So long that the stop comes before it on a busy machine, too.
  const never = await first.start({ ...LONG, retry: { limit: 1, backoffSeconds: 600 } });
  for (const { id } of [soon, never]) kill(await reach(first, id, running));
  for (const { id } of [soon, never]) await reach(first, id, ended);
  expect((await first.stop(never.id)).state.status).toBe('ERROR');
  await first[Symbol.asyncDispose]();
  const second = await startRunner(home);
  expect(await reach(second, soon.id, (job) => job.attempt === 2 && ended(job))).toMatchObject({
    state: { status: 'COMPLETED' },
  });
  expect(second.get(never.id)).toMatchObject({ attempt: 1, retryAt: null });
});

test('a job that reaches its time limit ends as ERROR with its checkpoint saved', async () => {
  const runner = await startRunner(temporaryHome());
  const { id } = await runner.start({ ...LONG, timeLimitSeconds: 600 });
  const feed = collect(runner.watch(id));
  await reach(runner, id, running);
  passTime(600_000);
  expect(statusesOf(await feed).slice(-2)).toEqual(['STOPPING', 'ERROR']);
  const job = await reach(runner, id, ended);
  expect(job.state).toMatchObject({ failure: { reason: 'TIME_LIMIT' } });
  expect(await runner.checkpoint(job)).not.toBeNull();
});

test('a job that reports nothing for longer than its stall limit ends as ERROR', async () => {
  const home = temporaryHome();
  const runner = await startRunner(home);
  const { id } = await runner.start({ ...LONG, stallLimitSeconds: 600 });
  const pid = trainerOf(await reach(runner, id, running))?.pid ?? expect.fail('no pid');
  await freeze(pid);
  // After its last report: an earlier jump of the clock would not count as silence.
  await until('its last report is applied', () => {
    const { sequence } = JSON.parse(readFileSync(join(home, 'artifacts/jobs', `${id}.json`), 'utf8')) as Job;
    return runner.get(id)?.sequence === sequence;
  });
  passTime(600_000);
  await reach(runner, id, (job) => job.state.status === 'STOPPING');
  process.kill(pid, 'SIGCONT');
  const job = await reach(runner, id, ended);
  expect(job.state).toMatchObject({
    failure: { reason: 'TIME_LIMIT', message: expect.stringContaining('reported nothing') as string },
  });
});

test('the trainer sees its leased GPUs, and a request for more than exist is refused', async () => {
  const home = temporaryHome();
  const runner = await startRunner(home, { gpus: ['0', '3'], maxRunning: 4 });
  await expect(runner.start({ ...SHORT, gpus: 3 })).rejects.toThrow(
    'Requested 3 GPUs; 2 are available on this machine.',
  );
  const both = await runner.start({ ...LONG, gpus: 2 });
  const none = await runner.start({ ...LONG, gpus: 0 });
  const waits = await runner.start({ ...SHORT, gpus: 1 });
  const seenBy = (job: Job) =>
    /(?:^|\0)CUDA_VISIBLE_DEVICES=([^\0]*)/.exec(readFileSync(`/proc/${trainerOf(job)?.pid}/environ`, 'utf8'))?.[1];
  expect(seenBy(await reach(runner, both.id, running))).toBe('0,3');
  expect(seenBy(await reach(runner, none.id, running))).toBe('');
  expect(runner.queuePosition(waits.id)).toBe(1);
  await runner.stop(both.id);
  expect(runner.attempt(await reach(runner, waits.id, ended))?.gpuDevices).toEqual(['0']);
  await runner.stop(none.id);
});

test('deletes ended jobs with all their files, and no others', async () => {
  const home = temporaryHome();
  const runner = await startRunner(home);
  const gone = await runner.start({ ...SHORT, tags: ['x'], idempotencyKey: 'k' });
  const kept = await runner.start({ ...SHORT });
  const alive = await runner.start({ ...LONG, tags: ['x'] });
  await reach(runner, gone.id, ended);
  await reach(runner, kept.id, ended);
  await reach(runner, alive.id, running);
  await expect(runner.deleteJobs({})).rejects.toThrow('Give at least one condition');
  expect(await runner.deleteJobs({ tags: ['x'] })).toEqual([gone.id]);
  const files = ['artifacts', 'models'].flatMap((folder) =>
    readdirSync(join(home, folder), { recursive: true, encoding: 'utf8' }).filter((name) => name.includes(gone.id)),
  );
  expect(files).toEqual([]);
  expect(existsSync(join(home, 'models', `${kept.id}.txt`))).toBe(true);
  expect(runner.count()).toBe(2);
  const again = await runner.start({ ...SHORT, tags: ['x'], idempotencyKey: 'k' });
  expect(again.id).not.toBe(gone.id);
  await runner.stop(alive.id);
  await reach(runner, alive.id, ended);
});

test('jobs past the retention are deleted at the next start', async () => {
  const home = temporaryHome();
  const first = await startRunner(home);
  const { id } = await first.start(SHORT);
  await reach(first, id, ended);
  await first[Symbol.asyncDispose]();
  const second = await startRunner(home, { retentionMs: 60_000 });
  expect(second.get(id)).toBeDefined();
  await second[Symbol.asyncDispose]();
  const third = await startRunner(home, { retentionMs: 0 });
  await until('it is deleted', () => third.count() === 0);
});

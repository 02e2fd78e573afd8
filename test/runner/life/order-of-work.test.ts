import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Job, Runner, StartInput } from '../../../src/runner/index.ts';
import { temporaryHome } from '../../support/home.ts';
import { ended, reach, running, startRunner } from '../../support/runner.ts';
import { until } from '../../support/until.ts';

const SHORT = { backend: 'SIMULATION', epochs: 2 } as const;
const LONG = { backend: 'SIMULATION', epochs: 4000 } as const;
const start = (runner: Runner, input: StartInput, ...after: Job[]) =>
  runner.start({ ...input, dependsOn: after.map(({ id }) => ({ id })) });
const statusOf = (runner: Runner, job: Job) => runner.get(job.id)?.state.status;
/** When a job was launched and when it ended, by its transitions, Unix ms. */
const spanOf = (runner: Runner, { id }: Job) => {
  const { transitions } = runner.get(id) ?? expect.fail(`${id} is gone`);
  return [transitions.find(({ status }) => status !== 'QUEUED')?.at ?? 0, transitions.at(-1)?.at ?? 0] as const;
};

test('a diamond of four jobs that are started at once runs in the order of its dependencies', async () => {
  const runner = await startRunner(temporaryHome(), { maxRunning: 4 });
  const jobs = await runner.startAll([
    { ...SHORT, epochs: 6 },
    { ...SHORT, dependsOn: [{ index: 0 }] },
    { ...SHORT, dependsOn: [{ index: 0, when: 'AFTER_END' }] },
    { ...SHORT, dependsOn: [{ index: 1 }, { index: 2 }] },
  ]);
  const [top, left, right, bottom] = jobs as [Job, Job, Job, Job];
  expect(runner.waitingFor(runner.get(bottom.id) ?? bottom)).toBe(
    `Waits for ${left.id} to complete, ${right.id} to complete.`,
  );
  for (const { id } of jobs) expect((await reach(runner, id, ended)).state.status).toBe('COMPLETED');
  const [[, topEnd], [leftStart, leftEnd], [rightStart, rightEnd], [bottomStart]] = [top, left, right, bottom].map(
    (job) => spanOf(runner, job),
  ) as [Span, Span, Span, Span];
  expect(leftStart).toBeGreaterThanOrEqual(topEnd);
  expect(rightStart).toBeGreaterThanOrEqual(topEnd);
  expect(bottomStart).toBeGreaterThanOrEqual(Math.max(leftEnd, rightEnd));
});

type Span = readonly [number, number];

test('a job whose dependency can no longer be met is STOPPED with the reason, and so are the jobs that wait for it', async () => {
  const runner = await startRunner(temporaryHome());
  const first = await runner.start(LONG);
  const second = await start(runner, SHORT, first);
  const third = await start(runner, SHORT, second);
  const cleanUp = await runner.start({ ...SHORT, dependsOn: [{ id: third.id, when: 'AFTER_END' }] });
  await reach(runner, first.id, running);
  await runner.stop(first.id);
  for (const [job, cause] of [
    [second, first],
    [third, second],
  ] as const) {
    const { state, stop } = await reach(runner, job.id, ended);
    expect(state).toMatchObject({ status: 'STOPPED', startedAt: null });
    expect(stop?.reason).toBe(`Job ${cause.id} had to complete first, and it ended as STOPPED.`);
  }
  expect((await reach(runner, cleanUp.id, ended)).state.status).toBe('COMPLETED');
  // Its dependency is still broken, until that job is resumed.
  await expect(runner.resume(third.id)).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    message: expect.stringContaining('Resume that job first') as string,
  });
});

test('a stopped chain can be resumed from its start, and waits again', async () => {
  const runner = await startRunner(temporaryHome());
  const first = await runner.start(LONG);
  const second = await start(runner, SHORT, first);
  await reach(runner, first.id, running);
  await runner.stop(first.id);
  await reach(runner, second.id, ended);
  await runner.resume(first.id);
  const waiting = await runner.resume(second.id);
  expect(runner.waitingFor(waiting)).toBe(`Waits for ${first.id} to complete.`);
  await reach(runner, first.id, running);
  expect(statusOf(runner, second)).toBe('QUEUED');
  await runner.stop(first.id);
  expect((await reach(runner, second.id, ended)).stop?.reason).toContain('ended as STOPPED');
});

/** Kills the trainer of an attempt once it runs, so that the attempt ends as ERROR. */
async function fail(runner: Runner, { id }: Job, attempt: number): Promise<void> {
  const job = await reach(runner, id, (now) => now.attempt === attempt && running(now));
  process.kill(runner.attempt(job)?.pid ?? expect.fail('it has no process'), 'SIGKILL');
}

test('a dependency on a job that fails is decided only after its last automatic retry', async () => {
  const runner = await startRunner(temporaryHome());
  const failing = await runner.start({ ...LONG, retry: { limit: 1, on: ['SIGNAL'], backoffSeconds: 0 } });
  const next = await start(runner, SHORT, failing);
  const onFailure = await runner.start({ ...SHORT, dependsOn: [{ id: failing.id, when: 'AFTER_FAILURE' }] });
  await fail(runner, failing, 1);
  await reach(runner, failing.id, ({ attempt }) => attempt === 2);
  expect([statusOf(runner, next), statusOf(runner, onFailure)]).toEqual(['QUEUED', 'QUEUED']);
  await fail(runner, failing, 2);
  expect((await reach(runner, next.id, ended)).stop?.reason).toBe(
    `Job ${failing.id} had to complete first, and it ended as ERROR.`,
  );
  expect((await reach(runner, onFailure.id, ended)).state.status).toBe('COMPLETED');
});

test('a canceled retry decides the dependencies on the job', async () => {
  const runner = await startRunner(temporaryHome());
  const failing = await runner.start({ ...LONG, retry: { limit: 1, on: ['SIGNAL'], backoffSeconds: 3600 } });
  const next = await start(runner, SHORT, failing);
  await fail(runner, failing, 1);
  await reach(runner, failing.id, ({ retryAt }) => retryAt !== null);
  expect(statusOf(runner, next)).toBe('QUEUED');
  await runner.stop(failing.id);
  expect((await reach(runner, next.id, ended)).stop?.reason).toContain('ended as ERROR');
});

test('a dependency that was met stays met while the other job is resumed, also through a restart', async () => {
  const home = temporaryHome();
  const first = await startRunner(home, { maxRunning: 1 });
  const done = await first.start(SHORT);
  const blocker = await first.start(LONG);
  const waiting = await start(first, SHORT, done);
  await reach(first, done.id, ended);
  await reach(first, blocker.id, running);
  await reach(first, waiting.id, ({ unmet }) => unmet.length === 0);
  await first.resume(done.id, { epochs: 3 });
  await first[Symbol.asyncDispose]();

  const second = await startRunner(home, { maxRunning: 1 });
  expect(second.waitingFor(second.get(waiting.id) ?? waiting)).toBe('No slot is free: 1 of 1 are in use.');
  expect([waiting, done].map(({ id }) => second.queuePosition(id))).toEqual([1, 2]);
  await second.stop(blocker.id);
  await reach(second, waiting.id, ended);
  await reach(second, done.id, ended);
});

test('a dependency that ended while no server ran is decided at the next start', async () => {
  const home = temporaryHome();
  const first = await startRunner(home);
  // It must still run when the runner is closed, also on a busy machine.
  const parent = await first.start({ ...SHORT, epochs: 400 });
  const child = await start(first, SHORT, parent);
  await reach(first, parent.id, running);
  await first[Symbol.asyncDispose]();
  await until('the parent has ended', () => existsSync(join(home, 'artifacts', 'exits', `${parent.id}.json`)));

  const second = await startRunner(home);
  expect((await reach(second, child.id, ended)).state.status).toBe('COMPLETED');
});

test('a group runs no more jobs than its limit, which a restart keeps', async () => {
  const home = temporaryHome();
  const first = await startRunner(home, { maxRunning: 4 });
  await first.setGroupLimit('night', 1);
  const one = await first.start({ ...LONG, group: 'night' });
  const two = await first.start({ ...LONG, group: 'night' });
  const free = await first.start(LONG);
  await reach(first, free.id, running);
  await reach(first, one.id, running);
  const reason = 'The group night is at its limit: 1 of at most 1 jobs are running.';
  expect(first.waitingFor(first.get(two.id) ?? two)).toBe(reason);
  expect(first.queue.groups).toEqual([{ name: 'night', isPaused: false, limit: 1, running: 1, waiting: 1 }]);
  await first[Symbol.asyncDispose]();

  const second = await startRunner(home, { maxRunning: 4 });
  expect(second.waitingFor(second.get(two.id) ?? two)).toBe(reason);
  await second.setGroupLimit('night', 2);
  await reach(second, two.id, running);
  await second.setGroupLimit('night', null);
  for (const { id } of [one, two, free]) await second.stop(id);
  for (const { id } of [one, two, free]) await reach(second, id, ended);
  expect(second.queue.groups).toEqual([]);
});

test('a paused queue and a paused group start nothing until they are resumed, also after a restart', async () => {
  const home = temporaryHome();
  const first = await startRunner(home);
  await first.pauseQueue();
  await first.pauseQueue('night');
  const free = await first.start(SHORT);
  const night = await first.start({ ...SHORT, group: 'night' });
  expect([free, night].map((job) => first.waitingFor(job))).toEqual(['The queue is paused.', 'The queue is paused.']);
  await first[Symbol.asyncDispose]();

  const second = await startRunner(home);
  expect(second.queue).toMatchObject({ isPaused: true, waiting: 2, running: 0 });
  await second.resumeQueue();
  await reach(second, free.id, ended);
  expect(second.waitingFor(second.get(night.id) ?? night)).toBe('The group night is paused.');
  await second.resumeQueue('night');
  await reach(second, night.id, ended);
});

test('a job with notBefore starts after that time, not before', async () => {
  const runner = await startRunner(temporaryHome());
  const past = await runner.start({ ...SHORT, notBefore: 0 });
  await reach(runner, past.id, ended);
  const notBefore = Date.now() + 2000;
  const later = await runner.start({ ...SHORT, notBefore });
  await reach(runner, later.id, ended);
  expect(spanOf(runner, later)[0]).toBeGreaterThanOrEqual(notBefore);
});

test('a job names the time before which it does not start as the reason why it waits', async () => {
  const runner = await startRunner(temporaryHome());
  const notBefore = Date.now() + 3_600_000;
  const job = await runner.start({ ...SHORT, notBefore });
  expect(runner.waitingFor(job)).toBe(`Starts not before ${new Date(notBefore).toISOString()}.`);
});

test('waiting jobs move in the queue and change their priority, and a restart keeps that', async () => {
  const home = temporaryHome();
  const first = await startRunner(home, { maxRunning: 0 });
  const [a, b, c, d] = (await first.startAll([SHORT, SHORT, SHORT, SHORT])) as [Job, Job, Job, Job];
  const order = (runner: Runner) =>
    [a, b, c, d].toSorted((x, y) => (runner.queuePosition(x.id) ?? 0) - (runner.queuePosition(y.id) ?? 0));
  const names = new Map([a, b, c, d].map(({ id }, position) => [id, 'abcd'[position]]));
  const named = (runner: Runner) =>
    order(runner)
      .map(({ id }) => names.get(id))
      .join('');
  expect(named(first)).toBe('abcd');
  await first.moveJob(d.id, { before: b.id });
  expect(named(first)).toBe('adbc');
  await first.moveJob(a.id, { after: c.id });
  expect(named(first)).toBe('dbca');
  await first.update(c.id, { priority: 5 });
  expect(named(first)).toBe('cdba');
  expect(await first.moveJob(a.id, { before: c.id })).toMatchObject({ request: { priority: 5 } });
  expect(named(first)).toBe('acdb');
  const listed = (runner: Runner) =>
    runner.list({ orderBy: { field: 'QUEUE_POSITION', direction: 'ASC', metric: null }, limit: 9 });
  expect(listed(first).map(({ id }) => id)).toEqual(order(first).map(({ id }) => id));
  await first[Symbol.asyncDispose]();

  const second = await startRunner(home, { maxRunning: 0 });
  expect(named(second)).toBe('acdb');
  await expect(second.moveJob(a.id, {})).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  await expect(second.moveJob(a.id, { before: 'no' })).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
  await second.stop(d.id);
  await expect(second.moveJob(a.id, { before: d.id })).rejects.toMatchObject({ code: 'NOT_WAITING', jobId: d.id });
  await expect(second.moveJob(d.id, { before: a.id })).rejects.toMatchObject({
    code: 'NOT_WAITING',
    status: 'STOPPED',
  });
});

test('moves to the same spot never run out of places', async () => {
  const runner = await startRunner(temporaryHome(), { maxRunning: 0 });
  const [a, b, c] = (await runner.startAll([SHORT, SHORT, SHORT])) as [Job, Job, Job];
  for (let round = 0; round < 60; round += 1) {
    await runner.moveJob(b.id, { after: a.id });
    await runner.moveJob(c.id, { after: a.id });
  }
  expect([a, c, b].map(({ id }) => runner.queuePosition(id))).toEqual([1, 2, 3]);
});

test('startAll records all jobs or none, and says which input is wrong', async () => {
  const home = temporaryHome();
  const runner = await startRunner(home, { maxRunning: 0, maxQueued: 3 });
  const refused = async (inputs: readonly StartInput[], error: object) => {
    await expect(runner.startAll(inputs)).rejects.toMatchObject(error);
    expect(runner.count()).toBe(0);
  };
  await refused([], { inputPath: ['inputs'] });
  await refused([SHORT, { ...SHORT, epochs: 0 }], { inputPath: ['inputs', '1', 'epochs'] });
  await refused([SHORT, { ...SHORT, dataset: 'no.csv' }], { code: 'DATASET_NOT_FOUND' });
  await refused([SHORT, { ...SHORT, dependsOn: [{ index: 1 }] }], {
    inputPath: ['inputs', '1', 'dependsOn', '0', 'index'],
    message: expect.stringContaining('not an earlier input') as string,
  });
  await refused([{ ...SHORT, dependsOn: [{ index: 1 }] }, SHORT], { code: 'INVALID_INPUT' });
  await refused([SHORT, { ...SHORT, dependsOn: [{ index: 0 }, { index: 0 }] }], { code: 'INVALID_INPUT' });
  await refused([SHORT, SHORT, SHORT, SHORT], { code: 'QUEUE_FULL' });
  await refused(
    [
      { ...SHORT, idempotencyKey: 'k' },
      { ...SHORT, idempotencyKey: 'k' },
    ],
    {
      inputPath: ['inputs', '1', 'idempotencyKey'],
    },
  );
  const [first] = await runner.startAll([{ ...SHORT, idempotencyKey: 'one' }]);
  const inputs = [
    { ...SHORT, idempotencyKey: 'one' },
    { ...SHORT, idempotencyKey: 'two', dependsOn: [{ index: 0 }] },
  ];
  const both = await Promise.all([runner.startAll(inputs), runner.startAll(inputs)]);
  expect(both[0].map(({ id }) => id)).toEqual(both[1].map(({ id }) => id));
  expect(both[0][0]?.id).toBe(first?.id);
  expect(both[0][1]?.request.dependsOn).toEqual([{ jobId: first?.id, when: 'AFTER_OK' }]);
  expect(runner.count()).toBe(2);
});

test.each<[StartInput, string]>([
  [{ dependsOn: [{ id: 'no' }] }, 'dependsOn.0.id'],
  [{ dependsOn: [{}] }, 'dependsOn.0.index'],
  [{ dependsOn: [{ index: 0 }] }, 'dependsOn.0.index'],
  [{ group: '' }, 'group'],
  [{ group: '-x' }, 'group'],
  [{ group: 'a b' }, 'group'],
  [{ group: 'x'.repeat(65) }, 'group'],
  [{ notBefore: Number.NaN }, 'notBefore'],
  [{ notBefore: -1 }, 'notBefore'],
])('refuses %j and says where', async (input, path) => {
  const runner = await startRunner(temporaryHome());
  await expect(runner.start({ ...SHORT, ...input })).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    inputPath: ['input', ...path.split('.')],
  });
  expect(runner.count()).toBe(0);
});

test('refuses more than 100 dependencies', async () => {
  const runner = await startRunner(temporaryHome());
  const dependsOn = Array.from({ length: 101 }, (_, index) => ({ index }));
  await expect(runner.start({ ...SHORT, dependsOn })).rejects.toMatchObject({ inputPath: ['input', 'dependsOn'] });
});

test('refuses a dependency that can no longer be met, and an invalid limit', async () => {
  const runner = await startRunner(temporaryHome(), { maxRunning: 0 });
  const stopped = await runner.start(SHORT);
  await runner.stop(stopped.id);
  await expect(start(runner, SHORT, stopped)).rejects.toMatchObject({
    inputPath: ['input', 'dependsOn', '0', 'id'],
    message: expect.stringContaining('ended as STOPPED') as string,
  });
  for (const limit of [0, -1, 1.5, 100_001]) {
    await expect(runner.setGroupLimit('g', limit)).rejects.toMatchObject({ inputPath: ['input', 'limit'] });
  }
  await expect(runner.pauseQueue('no group')).rejects.toMatchObject({ inputPath: ['group'] });
  for (const priority of [1001, -1001, 0.5]) {
    await expect(runner.update(stopped.id, { priority })).rejects.toMatchObject({ inputPath: ['input', 'priority'] });
  }
});

test('a thousand jobs start at once and wait in their order, without blocking the server for long', async () => {
  const runner = await startRunner(temporaryHome(), { maxRunning: 0, maxQueued: 1000 });
  let longest = 0;
  let last = performance.now();
  const probe = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 5);
  const jobs = await runner.startAll(Array.from({ length: 1000 }, () => SHORT));
  await delay(10);
  clearInterval(probe);
  expect(jobs.map(({ id }) => runner.queuePosition(id))).toEqual(jobs.map((_, position) => position + 1));
  await expect(runner.startAll(Array.from({ length: 1001 }, () => SHORT))).rejects.toMatchObject({
    inputPath: ['inputs'],
  });
});

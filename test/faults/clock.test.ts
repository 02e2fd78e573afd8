import { expect, test } from 'vitest';
import type { Job, Runner } from '../../src/runner/index.ts';
import { temporaryHome } from '../support/home.ts';
import { collect, ended, reach, running, startRunner, statusesOf } from '../support/runner.ts';
import { trainerOf } from '../support/local-processes.ts';
import { stepClock } from '../support/step-clock.ts';

const HOUR = 60 * 60 * 1000;
const LONG = { backend: 'SIMULATION', epochs: 4000 } as const;

const pidOf = (job: Job) => trainerOf(job)?.pid ?? expect.fail('the trainer has no pid yet');

/** Long enough for a deadline that is wrongly considered past to kill: two looks at every job. */
async function twoSweeps(runner: Runner): Promise<void> {
  const other = await runner.start({ ...LONG, epochs: 500 });
  await reach(runner, other.id, ended);
}

test.each([
  ['forward', HOUR],
  ['back', -HOUR],
])('a clock stepped %s an hour changes nothing about a running job', async (_, by) => {
  const runner = await startRunner(temporaryHome());
  const { id } = await runner.start({ ...LONG, epochs: 300 });
  const feed = collect(runner.watch(id));
  await reach(runner, id, running);
  stepClock(by);
  expect((await reach(runner, id, ended)).state.status).toBe('COMPLETED');
  const events = await feed;
  expect(statusesOf(events)).toEqual(['QUEUED', 'STARTING', 'LOADING', 'RUNNING', 'COMPLETED']);
  const times = runner.get(id)?.transitions.map(({ at }) => at) ?? [];
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(runner.get(id)?.health).toBe('OK');
});

test('a stop keeps its time to save when the clock is stepped forward', async () => {
  const runner = await startRunner(temporaryHome());
  const { id } = await runner.start(LONG);
  const pid = pidOf(await reach(runner, id, running));
  process.kill(pid, 'SIGSTOP');
  await runner.stop(id, { graceSeconds: 600 });
  stepClock(HOUR);
  await twoSweeps(runner);
  expect(runner.get(id)?.state.status).toBe('STOPPING');
  process.kill(pid, 'SIGCONT');
  const stopped = await reach(runner, id, ended);
  expect(stopped.state.status).toBe('STOPPED');
  expect(await runner.checkpoint(stopped)).not.toBeNull();
});

test('a stop that is ignored ends at its deadline although the clock was stepped back', async () => {
  const runner = await startRunner(temporaryHome());
  const { id } = await runner.start(LONG);
  process.kill(pidOf(await reach(runner, id, running)), 'SIGSTOP');
  await runner.stop(id, { graceSeconds: 0.3 });
  stepClock(-HOUR);
  expect((await reach(runner, id, ended)).state.status).toBe('STOPPED');
});

test('a stop that the next server resumes never waits longer than requested', async () => {
  const home = temporaryHome();
  const first = await startRunner(home);
  const { id } = await first.start(LONG);
  process.kill(pidOf(await reach(first, id, running)), 'SIGSTOP');
  await first.stop(id, { graceSeconds: 1 });
  await first[Symbol.asyncDispose]();
  stepClock(-HOUR);
  const second = await startRunner(home);
  expect((await reach(second, id, ended)).state.status).toBe('STOPPED');
});

test('a stop that the next server resumes keeps its time to save, also after the trainer reported times that are ahead', async () => {
  const home = temporaryHome();
  const first = await startRunner(home);
  const { id } = await first.start(LONG);
  const pid = pidOf(await reach(first, id, running));
  process.kill(pid, 'SIGSTOP');
  // For this server, what the trainer reported happens in an hour.
  stepClock(-HOUR);
  await first.stop(id, { graceSeconds: 600 });
  await first[Symbol.asyncDispose]();
  const second = await startRunner(home);
  await twoSweeps(second);
  expect(second.get(id)?.state.status).toBe('STOPPING');
  process.kill(pid, 'SIGCONT');
  const stopped = await reach(second, id, ended);
  expect(await second.checkpoint(stopped)).not.toBeNull();
  expect(stopped.stop).toMatchObject({ graceful: true });
});

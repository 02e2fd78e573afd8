import { expect, onTestFinished, test } from 'vitest';
import { temporaryHome } from '../support/home.ts';
import { collect, ended, reach, running, startRunner, statusesOf } from '../support/runner.ts';
import { until } from '../support/until.ts';
import { EVIDENCE, readStarts, signal, stateOf } from './processes.ts';

const LONG = { backend: 'SIMULATION', epochs: 4000 } as const;
/** Much longer than the test waits: a process that ends received a stop request, and was not killed. */
const PATIENT = { graceSeconds: 600 };

function setEnvironment(variables: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(variables)) {
    const before = process.env[name];
    process.env[name] = value;
    onTestFinished(() => {
      if (before === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = before;
    });
  }
}

test('a stop reaches a job that an earlier server launched and that has not reported yet', async () => {
  setEnvironment({ ...EVIDENCE, FAULT_SUPERVISOR_DELAY: '1.5' });
  const home = temporaryHome();
  const first = await startRunner(home, { trainerEnv: ['FAULT_*'] });
  const { id } = await first.start(LONG);
  await until('the supervisor lives', () => readStarts(home).length > 0);
  await first[Symbol.asyncDispose]();

  const second = await startRunner(home);
  await second.stop(id, PATIENT);
  const job = await reach(second, id, ended);
  expect(job.state.status).toBe('STOPPED');
  await until('no supervisor is left', () => readStarts(home).every((s) => s.role === 'TRAINER' || !stateOf(s)));
  expect(readStarts(home).filter((start) => stateOf(start) !== undefined)).toEqual([]);
});

test('a stop takes effect although the supervisor that should pass it on was killed', async () => {
  setEnvironment(EVIDENCE);
  const home = temporaryHome();
  const runner = await startRunner(home);
  const { id } = await runner.start(LONG);
  await reach(runner, id, running);
  const supervisor = readStarts(home).find(({ role }) => role === 'SUPERVISOR') ?? expect.fail('no supervisor');
  signal(supervisor, 'SIGSTOP');
  await runner.stop(id, PATIENT);
  signal(supervisor, 'SIGKILL');
  const job = await reach(runner, id, ended);
  expect(job.state.status).toBe('STOPPED');
  expect(await runner.checkpoint(job)).not.toBeNull();
});

test('a trainer that hangs after a SIGTERM from another program is killed after the default grace', async () => {
  // A step that outlasts the test: a trainer sees a stop between two steps.
  setEnvironment({ ...EVIDENCE, TRAINYARD_SIMULATION_STEP_SECONDS: '600' });
  const home = temporaryHome();
  const runner = await startRunner(home, { defaultGraceMs: 300 });
  const { id } = await runner.start(LONG);
  const feed = collect(runner.watch(id));
  await reach(runner, id, ({ state }) => state.status === 'RUNNING');
  const trainer = readStarts(home).find(({ role }) => role === 'TRAINER') ?? expect.fail('no trainer');
  signal(trainer, 'SIGTERM');
  const job = await reach(runner, id, ended);
  expect(job.state).toMatchObject({ status: 'ERROR', failure: { reason: 'SIGNAL', signal: 'SIGKILL' } });
  expect('failure' in job.state && job.state.failure.message).toMatch(/SIGTERM from another program.*so it was killed/);
  expect(statusesOf(await feed).slice(-2)).toEqual(['STOPPING', 'ERROR']);
  expect(stateOf(trainer)).toBeUndefined();
  await until('the supervisor has ended too', () => readStarts(home).every((start) => !stateOf(start)));
});

test('a frozen supervisor delays only its own job, and is killed at the deadline', async () => {
  setEnvironment(EVIDENCE);
  const home = temporaryHome();
  const runner = await startRunner(home, { maxRunning: 2 });
  const { id } = await runner.start(LONG);
  await reach(runner, id, running);
  const starts = readStarts(home);
  for (const start of starts) signal(start, 'SIGSTOP');
  const other = await runner.start({ ...LONG, epochs: 20 });
  expect(statusesOf(await collect(runner.watch(other.id))).at(-1)).toBe('COMPLETED');
  await runner.stop(id, { graceSeconds: 0.2 });
  const job = await reach(runner, id, ended);
  expect(job.state.status).toBe('STOPPED');
  expect(starts.map(stateOf)).toEqual([undefined, undefined]);
});

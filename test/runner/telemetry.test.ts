import { expect, test } from 'vitest';
import type { RunnerObserver } from '../../src/runner/index.ts';
import { temporaryHome } from '../support/home.ts';
import { ended, reach, recordedLog, startRunner } from '../support/runner.ts';

test('an observer is told of a life from the queue to its end', async () => {
  const told: string[] = [];
  const observer: RunnerObserver = {
    jobQueued: ({ state }) => told.push(state.status),
    launching({ attempt }) {
      told.push(`launching ${attempt}`);
      return (failure) => told.push(`launched ${failure ?? ''}`);
    },
    jobReported: (_job, sinceLaunchMs) => told.push(`reported ${sinceLaunchMs > 0}`),
    jobEnded: ({ state }) => told.push(state.status),
  };
  const runner = await startRunner(temporaryHome(), { observers: [observer] });
  const { id } = await runner.start({ backend: 'SIMULATION', epochs: 1 });
  await reach(runner, id, ended);
  expect(told).toEqual(['QUEUED', 'launching 1', 'launched ', 'reported true', 'COMPLETED']);
});

test('a job whose Python cannot be started is told as one that was not launched', async () => {
  const told: string[] = [];
  const observer: RunnerObserver = {
    launching: () => (failure) => told.push(failure ? 'failed' : 'launched'),
    jobEnded: ({ state }) => told.push(state.status === 'ERROR' ? state.failure.reason : state.status),
  };
  const home = temporaryHome();
  const good = await startRunner(home, { maxRunning: 0 });
  const { id } = await good.start({ backend: 'SIMULATION' });
  await good[Symbol.asyncDispose]();
  // The trainers were asked when it was accepted; the interpreter goes missing before its turn.
  const runner = await startRunner(home, { python: '/nowhere/python3', observers: [observer] });
  await reach(runner, id, ended);
  expect(told).toEqual(['failed', 'SPAWN_FAILED']);
});

test('an observer that fails is logged, and changes nothing for the jobs and the other observers', async () => {
  const fail = () => {
    throw new Error('an observer that fails');
  };
  const ends: string[] = [];
  const logger = recordedLog();
  const runner = await startRunner(temporaryHome(), {
    logger,
    observers: [
      { jobQueued: fail, launching: () => fail, jobReported: fail, jobEnded: fail, statusTaken: fail },
      { launching: fail, jobEnded: ({ state }) => ends.push(state.status) },
    ],
  });
  const { id } = await runner.start({ backend: 'SIMULATION', epochs: 1 });
  const { state } = await reach(runner, id, ended);
  expect(state.status).toBe('COMPLETED');
  expect(ends).toEqual(['COMPLETED']);
  expect(logger.lines.filter(({ message }) => message === 'an observer of the runner failed').length).toBeGreaterThan(
    5,
  );
});

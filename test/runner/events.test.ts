import { expect, test } from 'vitest';
import type { RunnerEvent, RunnerListener } from '../../src/runner/index.ts';
import { temporaryHome } from '../support/home.ts';
import { ended, reach, recordedLog, startRunner } from '../support/runner.ts';

test('a listener receives the life of a job from the queue to its end', async () => {
  const received: string[] = [];
  const listener: RunnerListener = (event) => {
    switch (event.type) {
      case 'jobQueued':
      case 'jobEnded':
        received.push(event.job.state.status);
        return;
      case 'attemptLaunching':
        received.push(`launching ${event.job.attempt}`);
        return;
      case 'attemptLaunched':
        received.push(`launched ${event.failure ?? ''}${event.durationMs > 0 ? 'in time' : ''}`);
        return;
      case 'attemptReported':
        received.push(`reported ${event.sinceLaunchMs > 0}`);
        return;
      default:
    }
  };
  const runner = await startRunner(temporaryHome(), { listeners: [listener] });
  const { id } = await runner.start({ backend: 'SIMULATION', epochs: 1 });
  await reach(runner, id, ended);
  expect(received).toEqual(['QUEUED', 'launching 1', 'launched in time', 'reported true', 'COMPLETED']);
});

test('a job whose Python cannot be started is reported as not launched', async () => {
  const received: string[] = [];
  const listener: RunnerListener = (event) => {
    if (event.type === 'attemptLaunched') received.push(event.failure ? 'failed' : 'launched');
    if (event.type !== 'jobEnded') return;
    const { state } = event.job;
    received.push(state.status === 'ERROR' ? state.failure.reason : state.status);
  };
  const home = temporaryHome();
  const good = await startRunner(home, { maxRunning: 0 });
  const { id } = await good.start({ backend: 'SIMULATION' });
  await good[Symbol.asyncDispose]();
  // The trainers were listed when the job was accepted; the interpreter disappears before its launch.
  const runner = await startRunner(home, { python: '/nowhere/python3', listeners: [listener] });
  await reach(runner, id, ended);
  expect(received).toEqual(['failed', 'SPAWN_FAILED']);
});

test('a listener that fails is logged, and changes nothing for the jobs and the other listeners', async () => {
  const ends: string[] = [];
  const types = new Set<RunnerEvent['type']>();
  const logger = recordedLog();
  const runner = await startRunner(temporaryHome(), {
    logger,
    listeners: [
      (event) => {
        types.add(event.type);
        throw new Error('a listener that fails');
      },
      (event) => {
        if (event.type === 'jobEnded') ends.push(event.job.state.status);
      },
    ],
  });
  const { id } = await runner.start({ backend: 'SIMULATION', epochs: 1 });
  const { state } = await reach(runner, id, ended);
  expect(state.status).toBe('COMPLETED');
  expect(ends).toEqual(['COMPLETED']);
  expect([...types]).toEqual(
    expect.arrayContaining(['jobQueued', 'attemptLaunching', 'attemptLaunched', 'statusApplied', 'jobChanged']),
  );
  const failures = logger.lines.filter(({ message }) => message === 'a listener of runner events failed');
  expect(failures.length).toBeGreaterThan(5);
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyStatus, progressOf } from '../../../src/runner/job/apply-status.ts';
import { isTerminal, mayFollow } from '../../../src/runner/job/status.ts';
import type { Job, JobState } from '../../../src/runner/job/types.ts';
import { aJob } from './a-job.ts';
import { aReport } from './a-report.ts';
import { liveJobs, reports } from './arbitrary.ts';

const starting: JobState = { status: 'STARTING', startedAt: 1100 };
const statuses = ({ transitions }: Job) => transitions.map(({ status }) => status).join(' ');

test('a report moves a job through every status that it lists', () => {
  const job = applyStatus(aJob(), aReport());
  expect(job.state).toEqual({ status: 'RUNNING', startedAt: 1100 });
  expect(statuses(job)).toBe('QUEUED STARTING RUNNING');
  expect(job).toMatchObject({ sequence: 2, progress: { percent: 10, step: 5, loss: 0.5, metrics: { loss: 0.5 } } });
  // The newest status has the numbers of the report; those that were missed have what was known until then.
  expect(job.transitions.map(({ progress }) => progress.step)).toEqual([0, 0, 5]);
});

test('an old report, a report of another attempt and one of an ended job change nothing', () => {
  const job = aJob({ state: starting, sequence: 5 });
  for (const part of [{ sequence: 5 }, { sequence: 4 }, { sequence: 6, attempt: 2 }]) {
    expect(applyStatus(job, aReport(part))).toBe(job);
  }
  const ended = aJob({ state: { status: 'STOPPED', startedAt: 1, finishedAt: 2 } });
  expect(applyStatus(ended, aReport())).toBe(ended);
});

test('a terminal status is a claim, and is not applied', () => {
  const transitions = [{ status: 'COMPLETED', at: 1300 }] as const;
  const job = applyStatus(aJob({ state: starting }), aReport({ status: 'COMPLETED', transitions }));
  expect(job.state).toEqual(starting);
  expect(job.progress.step).toBe(5);
});

test('later reports of the trainer do not change a recorded stop', () => {
  const state: JobState = { status: 'STOPPING', startedAt: 1, requestedAt: 1, deadline: 9, cause: 'TIME_LIMIT' };
  const transitions = [{ status: 'RUNNING', at: 1200 } as const, { status: 'STOPPING', at: 1300 } as const];
  expect(applyStatus(aJob({ state }), aReport({ transitions })).state).toEqual(state);
});

test('a SIGTERM from another program is a stop without a deadline, which distinguishes it from a request', () => {
  const transitions = [{ status: 'STOPPING', at: 1300 } as const];
  const expected = { status: 'STOPPING', requestedAt: null, deadline: null, cause: 'FOREIGN_SIGNAL' };
  expect(applyStatus(aJob({ state: starting }), aReport({ transitions, startedAt: 7 })).state).toEqual({
    ...expected,
    startedAt: 1100,
  });
  expect(applyStatus(aJob(), aReport({ transitions, startedAt: null })).state).toEqual({
    ...expected,
    startedAt: 1500,
  });
});

test('a value that a report lacks keeps its known value', () => {
  const before = aJob({ host: 'lab-3', device: 'cuda:0', checkpoint: 'models/a.pt', health: 'STALLED' });
  const job = applyStatus(before, aReport({ epochs: null }));
  expect(job).toMatchObject({ host: 'lab-3', device: 'cuda:0', checkpoint: 'models/a.pt', health: 'OK' });
  expect(job.progress.epochs).toBe(10);
  expect(applyStatus(before, aReport({ host: 'b', device: 'cpu', checkpoint: 'models/b.pt' }))).toMatchObject({
    host: 'b',
    device: 'cpu',
    checkpoint: 'models/b.pt',
  });
});

test('a report without a new status makes a stalled job healthy again, and keeps its best values', () => {
  const before = aJob({ state: { status: 'RUNNING', startedAt: 1 }, health: 'STALLED', best: {} });
  const job = applyStatus(before, aReport({ simulation: true }));
  expect(job).toMatchObject({ health: 'OK', simulation: true, best: { loss: { value: 0.5, step: 5 } } });
  expect(job.transitions).toEqual(before.transitions);
});

test('the job keeps the handle that it is given, and its own by default', () => {
  const handle = { launcher: 'local' };
  expect(applyStatus(aJob({ handle }), aReport()).handle).toBe(handle);
  const recognized = { launcher: 'local', pid: 7 };
  expect(applyStatus(aJob({ handle }), aReport(), recognized).handle).toBe(recognized);
});

describe('for any sequence of reports', () => {
  const histories = fc.array(reports, { maxLength: 6 });

  test('step, epoch, percent and time never fall within an attempt, and every change of status is legal', () => {
    fc.assert(
      fc.property(liveJobs, histories, (first, history) => {
        let job = first;
        for (const report of history) {
          const next = applyStatus(job, report);
          for (const key of ['step', 'epoch', 'percent', 'updatedAt'] as const) {
            expect(next.progress[key]).toBeGreaterThanOrEqual(job.progress[key]);
          }
          expect(isTerminal(next.state.status)).toBe(false);
          const added = [job.state.status, ...next.transitions.slice(job.transitions.length).map((t) => t.status)];
          for (const [index, to] of added.slice(1).entries()) {
            expect(mayFollow(added[index] ?? to, to)).toBe(true);
          }
          expect(next.sequence).toBeGreaterThanOrEqual(job.sequence);
          job = next;
        }
      }),
    );
  });

  test('a report that was applied changes nothing when it is applied again', () => {
    fc.assert(
      fc.property(liveJobs, reports, (job, report) => {
        const once = applyStatus(job, report);
        expect(applyStatus(once, report)).toBe(once);
      }),
    );
  });

  test('percent does not fall with a report that says less', () => {
    const before = aJob({
      progress: progressOf(aJob(), aReport({ percent: 80, epoch: 8, step: 40, updatedAt: 9000 })),
    });
    expect(progressOf(before, aReport({ percent: 1, epoch: 1, step: 1, updatedAt: 1 }))).toMatchObject({
      percent: 80,
      epoch: 8,
      step: 40,
      updatedAt: 9000,
    });
  });
});

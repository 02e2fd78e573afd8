import { expect, test } from 'vitest';
import { outcomeOf } from '../../../src/runner/job/outcome.ts';
import type { Death, StatusReport } from '../../../src/runner/job/reports.ts';
import { type JobState } from '../../../src/runner/index.ts';
import { aJob } from './a-job.ts';

const exit = (exitCode: number | null, signal: string | null = null, more: object = {}): Death => ({
  dead: {
    attempt: 1,
    exitCode,
    signal,
    finishedAt: 5,
    peakMemoryBytes: null,
    outOfMemory: false,
    spawnError: null,
    ...more,
  },
  cause: { kind: 'EXITED' },
});
const gone: Death = { dead: null, cause: { kind: 'GONE', rebooted: false } };
const claim = (status: StatusReport['status'], error: StatusReport['error'] = null) =>
  ({ attempt: 1, status, error, startedAt: 1 }) as StatusReport;
const running: JobState = { status: 'RUNNING', startedAt: 1 };
const stopping: JobState = { status: 'STOPPING', startedAt: 1, deadline: 10, cause: 'USER' };
const broken = { reason: 'INVALID_DATASET', message: 'Line 3 is ragged.' } as const;

// The table "A trainer's terminal status is a claim" of PROTOCOL.md, row by row.
test.each<[string, Death, StatusReport | undefined, JobState, string]>([
  ['exit 0 with COMPLETED claimed is COMPLETED', exit(0), claim('COMPLETED'), running, 'COMPLETED'],
  ['... also when a stop raced it', exit(0), claim('COMPLETED'), stopping, 'COMPLETED'],
  ['STOPPED claimed after a stop is STOPPED', exit(0), claim('STOPPED'), stopping, 'STOPPED'],
  ['... even when it was then killed', exit(null, 'SIGKILL'), claim('STOPPED'), stopping, 'STOPPED'],
  ['ERROR claimed is that error', exit(1), claim('ERROR', broken), running, 'ERROR INVALID_DATASET'],
  ['... also while stopping', exit(1), claim('ERROR', broken), stopping, 'ERROR INVALID_DATASET'],
  ['killed at the deadline of a stop is STOPPED', exit(null, 'SIGKILL'), claim('STOPPING'), stopping, 'STOPPED'],
  ['STOPPED claimed though we did not ask is STOPPED', exit(0), claim('STOPPED'), running, 'STOPPED'],
  ['exit 0 without a claim is an error', exit(0), claim('RUNNING'), running, 'ERROR TRAINER_ERROR'],
  ['an exit code is an error', exit(3), claim('RUNNING'), running, 'ERROR EXIT_NONZERO'],
  ['... even after COMPLETED was claimed', exit(3), claim('COMPLETED'), running, 'ERROR EXIT_NONZERO'],
  ['a signal is an error', exit(null, 'SIGSEGV'), claim('RUNNING'), running, 'ERROR SIGNAL'],
  [
    'the out-of-memory killer is named',
    exit(null, 'SIGKILL', { outOfMemory: true }),
    undefined,
    running,
    'ERROR OUT_OF_MEMORY',
  ],
  [
    'a trainer that could not be spawned',
    exit(null, null, { spawnError: 'no such file' }),
    undefined,
    running,
    'ERROR SPAWN_FAILED',
  ],
  ['gone with COMPLETED claimed is COMPLETED', gone, claim('COMPLETED'), stopping, 'COMPLETED'],
  ['gone without a claim has VANISHED', gone, claim('RUNNING'), running, 'ERROR VANISHED'],
  [
    'gone with a reboot since',
    { dead: null, cause: { kind: 'GONE', rebooted: true } },
    claim('RUNNING'),
    running,
    'ERROR HOST_REBOOT',
  ],
  ['gone while stopping is STOPPED', gone, claim('RUNNING'), stopping, 'STOPPED'],
  [
    'a claim of another attempt does not count',
    exit(0),
    { ...claim('COMPLETED'), attempt: 2 },
    running,
    'ERROR TRAINER_ERROR',
  ],
])('%s', (_, death, claimed, state, expected) => {
  const facts = { death, claim: claimed, lastLogLines: ['last words'], now: 9000 };
  const ended = outcomeOf(aJob({ state }), facts);
  expect('failure' in ended ? `${ended.status} ${ended.failure.reason}` : ended.status).toBe(expected);
  if ('failure' in ended) expect(ended.failure.lastLogLines).toEqual(['last words']);
});

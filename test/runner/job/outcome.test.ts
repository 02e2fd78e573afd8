import { expect, test } from 'vitest';
import { conclude, type ProofOfDeath } from '../../../src/runner/job/outcome.ts';
import type { StatusFile } from '../../../src/runner/reports/status-file.ts';
import { type JobState } from '../../../src/runner/index.ts';
import { aJob } from './a-job.ts';

const exit = (code: number | null, signal: string | null = null, more: object = {}): ProofOfDeath => ({
  kind: 'EXIT_FILE',
  exit: {
    job_id: 'x',
    attempt: 1,
    exit_code: code,
    signal,
    finished_at: 5,
    max_rss_bytes: null,
    oom_killed: false,
    spawn_error: null,
    ...more,
  },
});
const gone: ProofOfDeath = { kind: 'GONE', rebooted: false };
const claim = (status: StatusFile['status'], error: StatusFile['error'] = null) =>
  ({ attempt: 1, status, error, started_at: 1 }) as StatusFile;
const running: JobState = { status: 'RUNNING', startedAt: 1 };
const stopping: JobState = { status: 'STOPPING', startedAt: 1, deadline: 10, cause: 'USER' };
const broken = { reason: 'INVALID_DATASET', message: 'Line 3 is ragged.' } as const;

// The table "A trainer's terminal status is a claim" of PROTOCOL.md, row by row.
test.each<[string, ProofOfDeath, StatusFile | undefined, JobState, string]>([
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
    exit(null, 'SIGKILL', { oom_killed: true }),
    undefined,
    running,
    'ERROR OUT_OF_MEMORY',
  ],
  [
    'a trainer that could not be spawned',
    exit(null, null, { spawn_error: 'no such file' }),
    undefined,
    running,
    'ERROR SPAWN_FAILED',
  ],
  ['gone with COMPLETED claimed is COMPLETED', gone, claim('COMPLETED'), stopping, 'COMPLETED'],
  ['gone without a claim has VANISHED', gone, claim('RUNNING'), running, 'ERROR VANISHED'],
  ['gone with a reboot since', { kind: 'GONE', rebooted: true }, claim('RUNNING'), running, 'ERROR HOST_REBOOT'],
  ['gone while stopping is STOPPED', gone, claim('RUNNING'), stopping, 'STOPPED'],
  [
    'a claim of another attempt does not count',
    exit(0),
    { ...claim('COMPLETED'), attempt: 2 },
    running,
    'ERROR TRAINER_ERROR',
  ],
])('%s', (_, proof, claimed, state, expected) => {
  const ended = conclude(aJob({ state }), proof, claimed, ['last words'], 9000);
  expect('failure' in ended ? `${ended.status} ${ended.failure.reason}` : ended.status).toBe(expected);
  if ('failure' in ended) expect(ended.failure.lastLogLines).toEqual(['last words']);
});

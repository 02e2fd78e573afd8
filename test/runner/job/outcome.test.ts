import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OUTCOME_RULES, outcomeOf } from '../../../src/runner/job/outcome.ts';
import { NO_RESOURCE_RULES, resolveResources } from '../../../src/runner/job/resources.ts';
import { isTerminal, mayFollow } from '../../../src/runner/job/status.ts';
import type { JobState } from '../../../src/runner/job/types.ts';
import type { Claim, Death, ExitReport } from '../../../src/runner/job/reports.ts';
import { aJob } from './a-job.ts';
import { anExit } from './a-report.ts';
import { claims, deaths, liveJobs } from './arbitrary.ts';

const PROTOCOL = new URL('../../../src/runner/PROTOCOL.md', import.meta.url);

const exit = (part: Partial<ExitReport> = {}): Death => ({ dead: anExit(part), cause: { kind: 'EXITED' } });
const killed = exit({ exitCode: null, signal: 'SIGKILL' });
const gone: Death = { dead: null, cause: { kind: 'GONE', rebooted: false } };
const rebooted: Death = { dead: null, cause: { kind: 'GONE', rebooted: true } };
const notSpawned: Death = { dead: null, cause: { kind: 'SPAWN_FAILED', message: 'Python could not be started.' } };
const claim = (status: Claim['status'], error: Claim['error'] = null): Claim => ({ attempt: 1, status, error });
const broken = { reason: 'INVALID_DATASET', message: 'Line 3 is ragged.' } as const;

const running: JobState = { status: 'RUNNING', startedAt: 1 };
const stopping: JobState = { status: 'STOPPING', startedAt: 1, requestedAt: 1, deadline: 10, cause: 'USER' };
/** The trainer received SIGTERM from another program. */
const foreign: JobState = { ...stopping, cause: 'FOREIGN_SIGNAL', requestedAt: null, deadline: null };
/** ... and has its deadline. */
const limitedForeign: JobState = { ...foreign, requestedAt: 1, deadline: 10 };
const limited = (cause: 'TIME_LIMIT' | 'STALL_LIMIT' | 'START_TIMEOUT', startedAt: number | null = 1): JobState => ({
  status: 'STOPPING',
  startedAt,
  requestedAt: 1,
  deadline: 10,
  cause,
});

interface Row {
  readonly row: number;
  readonly ends: string;
}

/** The rows of the table under the heading that `outcome.ts` quotes. */
function protocolRows(): Row[] {
  const section = readFileSync(PROTOCOL, 'utf8').split('### How an attempt ends\n')[1]?.split('\n#')[0] ?? '';
  const lines = section.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) => {
    const cells = line.split('|').map((cell) => cell.trim());
    return { row: Number(cells[1]), ends: cells[5] ?? '' };
  });
}

test('the rules are the rows of the table in PROTOCOL.md, in its order', () => {
  const numbers = Array.from({ length: 16 }, (_, index) => index + 1);
  expect(protocolRows().map(({ row }) => row)).toEqual(numbers);
  expect(OUTCOME_RULES.map(({ row }) => row)).toEqual(numbers);
});

type Example = [row: number, title: string, Death, Claim | undefined, JobState, message?: RegExp];

// At least one for each row of the table, and one for each way in which a row comes before a later one.
const examples: Example[] = [
  [1, 'a trainer that completed', exit(), claim('COMPLETED'), running],
  [1, '... also when a stop raced it', exit(), claim('COMPLETED'), stopping],
  [1, '... also when its supervisor died', gone, claim('COMPLETED'), running],
  [2, 'an error that the trainer reported', exit({ exitCode: 1 }), claim('ERROR', broken), running, /^Line 3 is/],
  [2, '... also while it was being stopped', killed, claim('ERROR', broken), stopping, /^Line 3 is/],
  [3, 'a stop by a user', exit(), claim('STOPPED'), stopping],
  [3, '... at whose deadline it was killed', killed, claim('STOPPING'), stopping],
  [3, '... that it claimed before it was killed', killed, claim('STOPPED'), stopping],
  [3, '... without any report', gone, undefined, stopping],
  [3, '... after COMPLETED was claimed, and it failed', exit({ exitCode: 3 }), claim('COMPLETED'), stopping],
  [3, '... before its supervisor could be started', notSpawned, undefined, stopping],
  [3, '... when an error was claimed without saying which', exit({ exitCode: 1 }), claim('ERROR'), stopping],
  [4, 'a time limit', exit(), claim('STOPPED'), limited('TIME_LIMIT'), /\b100 seconds/],
  [5, 'a stall limit', killed, claim('RUNNING'), limited('STALL_LIMIT'), /\b90 seconds/],
  [6, 'a trainer that did not start', killed, undefined, limited('START_TIMEOUT'), /trainer/],
  [6, 'a Python that did not start', killed, undefined, limited('START_TIMEOUT', null), /Python/],
  [7, 'a preemption', { ...exit(), engine: 'PREEMPTED' }, claim('STOPPED'), limitedForeign, /took the resources/],
  [7, 'a node that failed', { ...gone, engine: 'NODE_FAIL' }, claim('RUNNING'), running, /node/],
  [7, 'the time limit of Slurm', { ...killed, engine: 'TIME_LIMIT' }, claim('STOPPING'), foreign, /timeLimitSeconds/],
  [7, 'the memory limit of Slurm', { ...killed, engine: 'OUT_OF_MEMORY' }, undefined, running, /memoryMb/],
  [1, '... when it had completed', { ...exit(), engine: 'PREEMPTED' }, claim('COMPLETED'), running],
  [3, '... after a stop by a user', { ...killed, engine: 'PREEMPTED' }, undefined, stopping],
  [8, 'a supervisor that could not be started', notSpawned, undefined, running, /^Python could not be started\.$/],
  [
    9,
    'a trainer that could not be started',
    exit({ exitCode: null, spawnError: 'EACCES' }),
    undefined,
    running,
    /EACCES/,
  ],
  [
    10,
    'a trainer that ran out of memory',
    exit({ signal: 'SIGKILL', outOfMemory: true }),
    undefined,
    running,
    /memory/,
  ],
  [11, 'a trainer that a signal ended', exit({ exitCode: null, signal: 'SIGSEGV' }), undefined, running, /SIGSEGV/],
  [11, '... after another program asked it to stop', killed, claim('STOPPING'), foreign, /SIGKILL.*did not send/],
  [
    11,
    '... by this server, at the deadline of that stop',
    killed,
    claim('STOPPING'),
    limitedForeign,
    /so it was killed/,
  ],
  [11, '... also if it had claimed to be stopped', killed, claim('STOPPED'), limitedForeign, /so it was killed/],
  [11, '... although it claimed to be stopped', killed, claim('STOPPED'), running, /SIGKILL/],
  [11, '... although it claimed to be complete', killed, claim('COMPLETED'), running, /SIGKILL/],
  [12, 'a trainer that another program stopped', exit(), claim('STOPPED'), foreign],
  [12, '... in time', exit(), claim('STOPPED'), limitedForeign],
  [12, '... which was not noticed before', exit(), claim('STOPPED'), running],
  [12, '... and which did not exit with code 0', exit({ exitCode: 143 }), claim('STOPPED'), running],
  [13, 'an exit code', exit({ exitCode: 3 }), claim('RUNNING'), running, /\b3\b/],
  [13, '... after COMPLETED was claimed', exit({ exitCode: 3 }), claim('COMPLETED'), running, /\b3\b/],
  [13, '... after another program asked it to stop', exit({ exitCode: 3 }), claim('STOPPING'), foreign, /\b3\b/],
  [14, 'exit code 0 without a claim', exit(), claim('RUNNING'), running, /\b0\b/],
  [14, '... while another program stopped it', exit(), claim('STOPPING'), foreign, /\b0\b/],
  [14, '... with the claim of another attempt', exit(), { ...claim('COMPLETED'), attempt: 2 }, running, /\b0\b/],
  [15, 'a reboot', rebooted, claim('RUNNING'), running, /restarted/],
  [16, 'nothing is left', gone, claim('RUNNING'), running, /exit record/],
  [16, '... with an error without a reason', gone, claim('ERROR'), running, /exit record/],
];

const request = { timeLimitSeconds: 100, stallLimitSeconds: 90 };

test.each(examples)('row %i: %s', (row, _, death, claimed, state, message) => {
  const facts = { death, claim: claimed, lastLogLines: ['last words'], now: 9000 };
  const ended = outcomeOf(aJob({ state, request }), facts);
  const { ends } = protocolRows()[row - 1] ?? expect.fail('no such row');
  const [status, reason] = ends.replaceAll('`', '').split(' ');
  expect(ended.status).toBe(status);
  if (ended.status !== 'ERROR') return;
  expect(ended.failure.reason).toBe({ 2: broken.reason, 7: death.engine }[row] ?? reason);
  expect(ended.failure.message).toMatch(message ?? expect.fail('an error needs a message'));
  expect(ended.failure.lastLogLines).toEqual(['last words']);
});

test('SIGABRT means out of memory in a job with a limit of memory, because native code aborts without memory', () => {
  const facts = { death: exit({ exitCode: null, signal: 'SIGABRT' }), claim: undefined, lastLogLines: [], now: 9000 };
  const end = (memoryMb: number | null) =>
    outcomeOf(
      aJob({ state: running, request: { resources: resolveResources({ memoryMb }, NO_RESOURCE_RULES) } }),
      facts,
    );
  expect(end(1500)).toMatchObject({
    failure: { reason: 'OUT_OF_MEMORY', message: expect.stringContaining('memoryMb limits it to 1500 MiB') as string },
  });
  expect(end(null)).toMatchObject({
    failure: { reason: 'SIGNAL', message: expect.stringContaining('SIGABRT') as string },
  });
});

test('every row has an example', () => {
  expect([...new Set(examples.map(([row]) => row))]).toEqual(OUTCOME_RULES.map(({ row }) => row));
});

test('the exit record says how and when the trainer ended', () => {
  const facts = { claim: undefined, lastLogLines: [], now: 9000 };
  const end = (death: Death, state: JobState = running) => outcomeOf(aJob({ state }), { ...facts, death });
  expect(end(exit({ exitCode: 3, peakMemoryBytes: 7 }))).toMatchObject({
    startedAt: 1,
    finishedAt: 5000,
    failure: { exitCode: 3, signal: null, peakMemoryBytes: 7 },
  });
  expect(end(killed)).toMatchObject({ failure: { exitCode: null, signal: 'SIGKILL', peakMemoryBytes: null } });
  expect(end(gone)).toMatchObject({
    finishedAt: 9000,
    failure: { exitCode: null, signal: null, peakMemoryBytes: null },
  });
  // The clock of its machine may be ahead.
  expect(end(exit({ finishedAt: 9001 }))).toMatchObject({ finishedAt: 9000 });
});

test('the message of a failure does not name the home, also if its path has spaces', () => {
  const death = exit({ exitCode: null, spawnError: 'cannot run /srv/my lab/venv/bin/python' });
  const facts = { death, claim: undefined, lastLogLines: [], now: 9000, home: '/srv/my lab' };
  expect(outcomeOf(aJob({ state: running }), facts)).toMatchObject({
    failure: { message: 'The trainer could not be started: cannot run …/venv/bin/python' },
  });
});

test('the time of the start is that of the job or, if it is not known, of the claim for this attempt', () => {
  const start = (state: JobState, claimed: Claim | undefined) =>
    outcomeOf(aJob({ state }), { death: gone, claim: claimed, lastLogLines: [], now: 9000 });
  const started = { ...claim('RUNNING'), startedAt: 77 };
  expect(start(running, started)).toMatchObject({ startedAt: 1 });
  expect(start({ status: 'QUEUED' }, started)).toMatchObject({ startedAt: 77 });
  expect(start({ status: 'QUEUED' }, { ...started, attempt: 2 })).toMatchObject({ startedAt: null });
  expect(start({ status: 'QUEUED' }, undefined)).toMatchObject({ startedAt: null });
});

describe('for any job, death and claim', () => {
  const facts = fc.record({
    death: deaths,
    claim: claims,
    lastLogLines: fc.constant(['last words']),
    now: fc.integer({ min: 5000, max: 10_000 }),
  });

  test('the job ends, legally, in the past, and an ERROR says why', () => {
    fc.assert(
      fc.property(liveJobs, facts, (job, known) => {
        const ended = outcomeOf(job, known);
        expect(isTerminal(ended.status)).toBe(true);
        expect(mayFollow(job.state.status, ended.status)).toBe(true);
        expect('finishedAt' in ended && ended.finishedAt <= known.now).toBe(true);
        if (ended.status === 'ERROR') expect(ended.failure.message).toMatch(/^\S.*\.$/);
      }),
    );
  });

  test('only a claim of this attempt makes it COMPLETED, and an exit code or a signal disproves it', () => {
    fc.assert(
      fc.property(liveJobs, facts, (job, known) => {
        const { status } = outcomeOf(job, known);
        const claimed = known.claim?.attempt === job.attempt && known.claim.status === 'COMPLETED';
        const exited = known.death.dead;
        expect(status === 'COMPLETED').toBe(claimed && (exited === null || exited.exitCode === 0));
      }),
    );
  });

  test('it is STOPPED only if a user asked for it or the trainer claims it', () => {
    fc.assert(
      fc.property(liveJobs, facts, (job, known) => {
        fc.pre(outcomeOf(job, known).status === 'STOPPED');
        const { state } = job;
        const asked = state.status === 'STOPPING' && state.deadline !== null && state.cause === 'USER';
        expect(asked || (known.claim?.status === 'STOPPED' && known.claim.attempt === job.attempt)).toBe(true);
      }),
    );
  });
});

import fc from 'fast-check';
import type { Claim, Death, StatusReport } from '../../../src/runner/job/reports.ts';
import type { Handle, Job, JobState } from '../../../src/runner/job/types.ts';
import { JOB_STATUSES } from '../../../src/runner/job/status.ts';
import { FAILURE_REASONS } from '../../../src/runner/job/failure.ts';
import { aJob } from './a-job.ts';
import { aReport, anExit } from './a-report.ts';

const handle: Handle = { launcher: 'local' };
const seconds = fc.integer({ min: 1, max: 1000 });
const error = fc.record({ reason: fc.constantFrom(...FAILURE_REASONS), message: fc.constant('Line 3 is ragged.') });

/** Every state that a job can be in before it ends. */
const liveStates: fc.Arbitrary<JobState> = fc.oneof(
  fc.constant<JobState>({ status: 'QUEUED' }),
  fc.constantFrom('STARTING', 'LOADING', 'RUNNING').map((status) => ({ status, startedAt: 1 })),
  fc.record({
    status: fc.constant('STOPPING' as const),
    startedAt: fc.option(fc.nat()),
    requestedAt: fc.option(fc.nat()),
    deadline: fc.option(fc.nat()),
    cause: fc.constantFrom('USER', 'TIME_LIMIT', 'STALL_LIMIT', 'START_TIMEOUT', 'FOREIGN_SIGNAL'),
  }),
);

/** Jobs that have not ended, launched or not. */
export const liveJobs: fc.Arbitrary<Job> = fc
  .record({
    state: liveStates,
    health: fc.constantFrom('OK', 'STALLED'),
    handle: fc.option(fc.constant(handle)),
    retries: fc.nat(5),
    request: fc.record({
      timeLimitSeconds: fc.option(seconds),
      stallLimitSeconds: fc.option(seconds),
      retry: fc.option(
        fc.record({
          limit: fc.nat(5),
          on: fc.subarray([...FAILURE_REASONS]),
          backoffSeconds: fc.integer({ min: 0, max: 3600 }),
        }),
      ),
    }),
  })
  .map((part) => aJob(part));

/** Content of a status file, also content that no trainer writes. */
export const reports: fc.Arbitrary<StatusReport> = fc
  .record({
    attempt: fc.constantFrom(1, 2),
    sequence: fc.nat(20),
    status: fc.constantFrom(...JOB_STATUSES),
    percent: fc.double({ min: 0, max: 100, noNaN: true }),
    epoch: fc.nat(20),
    epochs: fc.option(fc.nat(20)),
    step: fc.nat(100),
    updatedAt: fc.nat(5000),
    startedAt: fc.option(fc.nat(5000)),
    checkpoint: fc.option(fc.constant('models/job.pt')),
    transitions: fc.array(fc.record({ status: fc.constantFrom(...JOB_STATUSES), at: fc.nat(5000) }), { maxLength: 8 }),
    error: fc.option(error),
  })
  .map(aReport);

/** Every way in which an attempt is known to be dead. */
export const deaths: fc.Arbitrary<Death> = fc.oneof(
  fc
    .record({
      exitCode: fc.option(fc.nat(255)),
      signal: fc.option(fc.constantFrom('SIGKILL', 'SIGTERM', 'SIGSEGV')),
      finishedAt: fc.nat(20_000),
      outOfMemory: fc.boolean(),
      spawnError: fc.option(fc.constant('No such file.')),
    })
    .map((part): Death => ({ dead: anExit(part), cause: { kind: 'EXITED' } })),
  fc.boolean().map((rebooted): Death => ({ dead: null, cause: { kind: 'GONE', rebooted } })),
  fc.constant<Death>({ dead: null, cause: { kind: 'SPAWN_FAILED', message: 'Python could not be started.' } }),
);

/** The end according to the last report; undefined if no report can be read. */
export const claims: fc.Arbitrary<Claim | undefined> = fc.option(
  fc.record(
    {
      attempt: fc.constantFrom(1, 2),
      status: fc.constantFrom(...JOB_STATUSES),
      startedAt: fc.option(fc.nat()),
      error: fc.option(error),
    },
    { requiredKeys: ['attempt', 'status'] },
  ),
  { nil: undefined },
);

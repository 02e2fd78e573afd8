import { hidePaths } from './hide-paths.ts';
import type { Claim, Death, ExitReport, StatusReport } from './reports.ts';
import type { EngineReason, FailureReason } from './failure.ts';
import { type Job, type JobState, startedAtOf, type StopCause } from './types.ts';

/** Everything that decides how an attempt ended. */
export interface OutcomeFacts {
  readonly death: Death;
  /** The last status report of the attempt, or the claim at the start of an unusable one; undefined if neither can be read. */
  readonly claim: Claim | undefined;
  /** The last lines that the process printed, oldest first. */
  readonly lastLogLines: readonly string[];
  /** Unix ms. */
  readonly now: number;
  /** The home folder, which messages must not name. */
  readonly home?: string | undefined;
}

/** The facts in the terms of the table "How an attempt ends" of PROTOCOL.md. */
interface Case {
  readonly job: Job;
  readonly exit: ExitReport | null;
  readonly cause: Death['cause'];
  /** The terminal status that the trainer claimed; undefined if none. */
  readonly claim: 'COMPLETED' | 'STOPPED' | 'ERROR' | undefined;
  readonly claimedError: StatusReport['error'];
  /** Why this runner asked for a stop; undefined if it did not. A SIGTERM by another program does not count. */
  readonly stop: StopCause | undefined;
  readonly engine: EngineReason | undefined;
}

type Ending = 'COMPLETED' | 'STOPPED' | { readonly reason: FailureReason; readonly message: string };

/** One row of the table. */
interface Rule {
  readonly row: number;
  readonly when: (facts: Case) => boolean;
  readonly end: (facts: Case) => Ending;
}

/** Messages for the actions of a workload manager. */
const ENGINE_MESSAGES: Readonly<Record<EngineReason, string>> = {
  PREEMPTED: 'Slurm took the resources of the job for another one. Its checkpoint is kept: resume the job to continue.',
  NODE_FAIL: 'The node that ran the job failed. The last checkpoint is kept: resume the job to continue.',
  TIME_LIMIT:
    'Slurm ended the job at the time limit of its allocation. Its checkpoint is kept: resume the job to continue, or set a higher timeLimitSeconds.',
  OUT_OF_MEMORY: 'The job used more memory than Slurm allocated. Set a higher memoryMb, or use a smaller batchSize.',
};

/** The table "How an attempt ends" of PROTOCOL.md, row by row: the first rule that applies decides. */
export const OUTCOME_RULES: readonly Rule[] = [
  {
    row: 1,
    when: ({ claim, exit }) => claim === 'COMPLETED' && (exit === null || exit.exitCode === 0),
    end: () => 'COMPLETED',
  },
  {
    row: 2,
    when: ({ claim, claimedError }) => claim === 'ERROR' && claimedError !== null,
    end: ({ claimedError }) => ({ reason: 'TRAINER_ERROR', message: 'Training failed.', ...claimedError }),
  },
  { row: 3, when: ({ stop }) => stop === 'USER', end: () => 'STOPPED' },
  {
    row: 4,
    when: ({ stop }) => stop === 'TIME_LIMIT',
    end: ({ job }) => limitReached(`ran longer than its limit of ${job.request.timeLimitSeconds} seconds`),
  },
  {
    row: 5,
    when: ({ stop }) => stop === 'STALL_LIMIT',
    end: ({ job }) => limitReached(`reported nothing for ${job.request.stallLimitSeconds} seconds`),
  },
  {
    row: 6,
    when: ({ stop }) => stop === 'START_TIMEOUT',
    end: ({ job }) => ({
      reason: 'START_TIMEOUT',
      message:
        startedAtOf(job) === null
          ? 'Python did not start within the time limit. Check that TRAINYARD_PYTHON is a working interpreter.'
          : 'The trainer was started but did not report within the time limit. Check whether Python hangs, for example on a network drive.',
    }),
  },
  {
    row: 7,
    when: ({ engine }) => engine !== undefined,
    end: ({ engine = 'NODE_FAIL' }) => ({ reason: engine, message: ENGINE_MESSAGES[engine] }),
  },
  {
    row: 8,
    when: ({ cause }) => cause.kind === 'SPAWN_FAILED',
    end: ({ cause }) => ({
      reason: 'SPAWN_FAILED',
      message: cause.kind === 'SPAWN_FAILED' ? cause.message : 'The trainer could not be started.',
    }),
  },
  {
    row: 9,
    when: ({ exit }) => exit !== null && exit.spawnError !== null,
    end: ({ exit }) => ({
      reason: 'SPAWN_FAILED',
      message: `The trainer could not be started: ${exit?.spawnError ?? 'no reason was recorded'}`,
    }),
  },
  {
    row: 10,
    when: ({ exit, job }) => exit?.outOfMemory === true || isAbortAtLimit(exit, job),
    end: ({ exit, job }) => ({
      reason: 'OUT_OF_MEMORY',
      message: isAbortAtLimit(exit, job)
        ? `A library ended the trainer with SIGABRT, as many do when they get no memory: memoryMb limits it to ${job.request.resources?.memoryMb} MiB. Set a higher limit, or use a smaller batchSize or less data.`
        : 'The kernel killed the trainer because memory ran out. Use a smaller batchSize, less data, or a machine with more memory.',
    }),
  },
  {
    row: 11,
    when: ({ exit }) => exit !== null && exit.signal !== null,
    end: ({ exit, stop }) => ({
      reason: 'SIGNAL',
      message: killedMessage(exit?.signal ?? 'a signal', stop),
    }),
  },
  { row: 12, when: ({ claim }) => claim === 'STOPPED', end: () => 'STOPPED' },
  {
    row: 13,
    when: ({ exit }) => exit !== null && exit.exitCode !== 0,
    end: ({ exit }) => ({
      reason: 'EXIT_NONZERO',
      message: `The trainer exited with code ${exit?.exitCode ?? 'unknown'}. See its log.`,
    }),
  },
  {
    row: 14,
    when: ({ exit }) => exit !== null,
    end: () => ({ reason: 'TRAINER_ERROR', message: 'The trainer exited with code 0 without reporting completion.' }),
  },
  {
    row: 15,
    when: ({ cause }) => cause.kind === 'GONE' && cause.rebooted,
    end: () => ({ reason: 'HOST_REBOOT', message: 'The machine was restarted while the job ran.' }),
  },
  {
    row: 16,
    when: () => true,
    end: () => ({
      reason: 'VANISHED',
      message:
        'The process and its supervisor disappeared without an exit record. Possible causes: a service manager that kills the whole control group, or a full disk.',
    }),
  },
];

/** How a job ends, by the first rule of {@link OUTCOME_RULES} that applies. */
export function outcomeOf(job: Job, { death, claim, lastLogLines, now, home }: OutcomeFacts): JobState {
  const report = claim?.attempt === job.attempt ? claim : undefined;
  const exit = death.dead;
  const facts: Case = {
    job,
    exit,
    cause: death.cause,
    engine: death.engine,
    claim: terminalStatusOf(report),
    claimedError: report?.error ?? null,
    stop: job.state.status === 'STOPPING' && job.state.deadline !== null ? job.state.cause : undefined,
  };
  const rule = OUTCOME_RULES.find(({ when }) => when(facts));
  if (!rule) throw new Error('The last outcome rule applies to everything.');
  const ending = rule.end(facts);
  const startedAt = startedAtOf(job) ?? report?.startedAt ?? null;
  const finishedAt = exit ? Math.min(exit.finishedAt, now) : now;
  if (typeof ending === 'string') return { status: ending, startedAt, finishedAt };
  const failure = {
    ...ending,
    message: hidePaths(ending.message, home),
    exitCode: exit?.exitCode ?? null,
    signal: exit?.signal ?? null,
    peakMemoryBytes: exit?.peakMemoryBytes ?? null,
    lastLogLines,
  };
  return { status: 'ERROR', startedAt, finishedAt, failure };
}

function terminalStatusOf(report: Claim | undefined): Case['claim'] {
  switch (report?.status) {
    case 'COMPLETED':
    case 'STOPPED':
    case 'ERROR':
      return report.status;
    default:
      return undefined;
  }
}

/** Native code, such as that of Polars, aborts where Python raises a MemoryError. */
function isAbortAtLimit(exit: ExitReport | null, { request }: Job): boolean {
  return exit?.outOfMemory !== true && exit?.signal === 'SIGABRT' && (request.resources?.memoryMb ?? null) !== null;
}

function killedMessage(signal: string, stop: Case['stop']): string {
  return stop === 'FOREIGN_SIGNAL' && signal === 'SIGKILL'
    ? 'The trainer received SIGTERM from another program and did not end within the time to save a checkpoint, so it was killed.'
    : `The trainer was ended by ${signal}, which Trainyard did not send.`;
}

function limitReached(what: string): Ending {
  return {
    reason: 'TIME_LIMIT',
    message: `The training ${what} and was stopped. Its checkpoint is kept: resume the job to continue.`,
  };
}

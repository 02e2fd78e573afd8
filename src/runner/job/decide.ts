import type { Death } from './reports.ts';
import { isTerminal } from './status.ts';
import { requestStop } from './stop.ts';
import type { Job, StopCause } from './types.ts';

/**
 * State of the processes of an attempt, as its launcher knows it.
 *
 * - `WAITING`: it is in the queue of a workload manager, and no process has been started.
 * - `UNKNOWN`: they could not be observed, which proves nothing.
 * - `NOT_LAUNCHED`: the launch was recorded, and it is not known whether it happened. Launching again is safe.
 */
export type Inspection = 'ALIVE' | 'WAITING' | 'UNKNOWN' | 'NOT_LAUNCHED' | Death;

/** The facts about a launched attempt at one moment. Durations come from a monotonic clock. */
export interface Facts {
  /** Unix ms. */
  readonly now: number;
  /** The result of the launcher's inspection; null if there was none this time. `UNKNOWN` proves nothing. */
  readonly inspection: Inspection | null;
  /** Whether the deadline of a stop has passed. */
  readonly overdue: boolean;
  /** Time since the newest report or, before the first, since the launch, ms. */
  readonly silentMs: number;
  /** Time since the attempt started, ms. */
  readonly runningMs: number;
}

export interface DecideSettings {
  /** Maximum time from the launch to the trainer's first report, ms. */
  readonly startTimeoutMs: number;
  /** A job without a report for this long is STALLED, ms. */
  readonly stalledAfterMs: number;
  /** Time to save a checkpoint for a job that reached one of its limits, or received SIGTERM from another program, ms. */
  readonly defaultGraceMs: number;
}

/** One thing to do for a job. */
export type Effect =
  /** Launch the attempt again. */
  | { readonly kind: 'LAUNCH' }
  /** Replace the job by this newer version of it. */
  | { readonly kind: 'UPDATE'; readonly job: Job }
  /** Ask the trainer to save and exit. Safe to repeat: the launcher delivers it once. */
  | { readonly kind: 'REQUEST_STOP' }
  /** Kill every process of the attempt. */
  | { readonly kind: 'KILL' }
  /** No process is alive: record how the job ended. */
  | { readonly kind: 'CONCLUDE'; readonly death: Death };

/**
 * Decides what to do for a job, from what is known about it. Pure: the executor performs the effects, in order. Only proof of death
 * ends a job, and an observation that fails (`UNKNOWN`, null) has no effect.
 */
export function decide(job: Job, facts: Facts, settings: DecideSettings): readonly Effect[] {
  if (isTerminal(job.state.status) || job.handle === null) return [];
  const { inspection } = facts;
  if (inspection === 'NOT_LAUNCHED') return [{ kind: 'LAUNCH' }];
  if (typeof inspection === 'object' && inspection !== null) return [{ kind: 'CONCLUDE', death: inspection }];
  if (facts.overdue) {
    // Recorded first: if the server dies now, the next one still knows that the trainer did not end on its own.
    const noted: readonly Effect[] =
      job.killedAt === null ? [{ kind: 'UPDATE', job: { ...job, killedAt: facts.now } }] : [];
    return [...noted, { kind: 'KILL' }];
  }
  if (job.state.status === 'STOPPING') {
    if (job.state.deadline === null) return [{ kind: 'UPDATE', job: limitForeignStop(job, facts.now, settings) }];
    // Again at each look: the process that was to receive the first request may have died with it. A foreign SIGTERM has arrived.
    return job.state.cause === 'FOREIGN_SIGNAL' ? [] : [{ kind: 'REQUEST_STOP' }];
  }
  // No limit has started to count for an attempt that waits.
  if (inspection === null || inspection === 'WAITING') return [];
  return checkLimits(job, facts, settings);
}

/** Gives a deadline to a stop that another program requested: a trainer that hangs would otherwise keep its slot and GPUs. */
function limitForeignStop(job: Job, now: number, { defaultGraceMs }: DecideSettings): Job {
  return requestStop(job, { cause: 'FOREIGN_SIGNAL', graceMs: defaultGraceMs }, now);
}

function checkLimits(job: Job, facts: Facts, settings: DecideSettings): readonly Effect[] {
  const effects: Effect[] = [];
  let next = job;
  if (facts.silentMs > settings.stalledAfterMs && job.health === 'OK') {
    next = { ...next, health: 'STALLED' };
    effects.push({ kind: 'UPDATE', job: next });
  }
  const cause = exceededLimit(job, facts, settings);
  if (cause === undefined) return effects;
  const graceMs = cause === 'START_TIMEOUT' ? 0 : settings.defaultGraceMs;
  return [
    ...effects,
    { kind: 'UPDATE', job: requestStop(next, { cause, graceMs }, facts.now) },
    { kind: 'REQUEST_STOP' },
  ];
}

/** The limit that a job has exceeded, if any. */
function exceededLimit(
  { state, request }: Job,
  { silentMs, runningMs }: Facts,
  { startTimeoutMs }: DecideSettings,
): StopCause | undefined {
  const { timeLimitSeconds, stallLimitSeconds } = request;
  if ((state.status === 'QUEUED' || state.status === 'STARTING') && silentMs > startTimeoutMs) return 'START_TIMEOUT';
  if (state.status === 'QUEUED') return undefined;
  if (timeLimitSeconds !== null && runningMs > timeLimitSeconds * 1000) return 'TIME_LIMIT';
  if (stallLimitSeconds !== null && silentMs > stallLimitSeconds * 1000) return 'STALL_LIMIT';
  return undefined;
}

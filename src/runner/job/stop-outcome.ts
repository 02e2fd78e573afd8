import type { Claim, Death } from './reports.ts';
import type { Job, StopOutcome } from './types.ts';

/**
 * How the stop of a dead attempt ended; null if none was requested.
 * @param job the attempt before its end
 * @param claim the last status report of the attempt
 */
export function stopOutcomeOf(job: Job, { dead: exit }: Death, claim: Claim | undefined): StopOutcome | null {
  const { state } = job;
  if (state.status !== 'STOPPING') return null;
  const hasClaimed = claim?.attempt === job.attempt && (claim.status === 'STOPPED' || claim.status === 'COMPLETED');
  // Without an exit record it is not known whether the trainer or the kill was faster.
  const graceful = exit
    ? exit.signal === null && (exit.exitCode === 0 || hasClaimed)
    : hasClaimed && job.killedAt === null;
  if (graceful || job.killedAt === null) return { graceful, killedAfterSeconds: null, reason: null };
  const requestedAt = state.requestedAt ?? job.killedAt;
  return { graceful, killedAfterSeconds: Math.max(0, job.killedAt - requestedAt) / 1000, reason: null };
}

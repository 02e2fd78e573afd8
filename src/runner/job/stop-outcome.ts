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
  // A claim is the last act of a training: whatever ends the process after it, such as the deadline on a busy machine, loses nothing.
  const graceful = hasClaimed || (exit !== null && exit.signal === null && exit.exitCode === 0);
  if (graceful || job.killedAt === null) return { graceful, killedAfterSeconds: null, reason: null };
  const requestedAt = state.requestedAt ?? job.killedAt;
  return { graceful, killedAfterSeconds: Math.max(0, job.killedAt - requestedAt) / 1000, reason: null };
}

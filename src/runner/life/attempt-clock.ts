/** Monotonic times of one attempt, ms, since the wall clock may be set back. They are not recorded: each server measures its own. */
export interface AttemptClock {
  /** When this server launched or adopted it. */
  launchedAt: number;
  /** Since when it has been running, also under an earlier server. */
  runningSince: number;
  /** Whether the next report says for how long it has been running: it was adopted, and its machine has another clock. */
  awaitsRunningTime?: boolean;
  /** When its newest report was applied. */
  reportedAt: number;
  /** When a stop becomes a kill. */
  killAt: number | undefined;
  /** When its exit record was first seen. */
  exitSeenAt?: number;
  /** When its launch by this server started; undefined once it has reported, or if it was adopted. */
  unreportedSince: number | undefined;
}

export function startClock(): AttemptClock {
  const now = performance.now();
  return { launchedAt: now, runningSince: now, reportedAt: now, killAt: undefined, unreportedSince: undefined };
}

/** Node's timers hold no more; the sweep looks again after that. */
const MAX_TIMER_MS = 2 ** 31 - 2;

/** The deadlines of stops: wakes a job when its time to save a checkpoint is over. */
export interface Deadlines {
  /**
   * Sets the deadline of a job, replacing an earlier one.
   * @param deadline Unix ms
   * @param requestedAt when the stop was requested, Unix ms: the deadline is never further away than it was then, whatever the clock says
   * @returns the deadline in monotonic ms
   */
  arm(jobId: string, deadline: number, requestedAt: number): number;
  disarm(jobId: string): void;
  close(): void;
}

export function createDeadlines(wake: (jobId: string) => void): Deadlines {
  const timers = new Map<string, NodeJS.Timeout>();

  function disarm(jobId: string): void {
    clearTimeout(timers.get(jobId));
    timers.delete(jobId);
  }

  return {
    arm(jobId, deadline, requestedAt) {
      const left = Math.min(Math.max(0, deadline - Date.now()), Math.max(0, deadline - requestedAt), MAX_TIMER_MS);
      disarm(jobId);
      timers.set(jobId, setTimeout(() => wake(jobId), left + 1).unref());
      return performance.now() + left;
    },
    disarm,
    close() {
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
    },
  };
}

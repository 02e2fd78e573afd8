/** What the page and the terminal derive from the status and the progress of a job. */
import { JOB_STATUSES } from './graphql/job-statuses.ts';

/** Whether a job has ended: no other status may follow. */
export function hasEnded(status: keyof typeof JOB_STATUSES): boolean {
  return JOB_STATUSES[status].next.length === 0;
}

/** Seconds that a running job still needs; null if unknown, as after the last epoch: its trainer may still measure the model. */
export function secondsLeft({ percent, etaSeconds }: { percent: number; etaSeconds: number | null }): number | null {
  return percent >= 100 ? null : etaSeconds;
}

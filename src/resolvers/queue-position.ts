import type { Job } from '../runner/index.ts';
import type { Context } from './context.ts';

/** Queue position of a job, from 1; null if it is not waiting. */
export function queuePosition({ runner }: Context, job: Job): number | null {
  return runner.queuePosition(job.id);
}

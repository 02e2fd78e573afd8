import type { Job } from '../runner/index.ts';
import type { Context } from './context.ts';

/** A job's place in the queue, from 1; null when it is not waiting. */
export function queuePosition({ runner }: Context, job: Job): number | null {
  return runner.queuePosition(job.id);
}

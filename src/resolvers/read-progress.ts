import type { Job, JobEvent } from '../runner/index.ts';
import type { Context } from './context.ts';

/** Latest progress of a job, as the event that a new subscriber gets first. */
export function readProgress({ runner }: Context, job: Job): JobEvent {
  return runner.snapshot(job);
}

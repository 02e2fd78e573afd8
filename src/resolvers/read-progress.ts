import type { Job, JobEvent } from '../runner/index.ts';
import type { Context } from './context.ts';

/** A job's newest numbers, as the event that a new subscriber would get first. */
export function readProgress({ runner }: Context, job: Job): JobEvent {
  return runner.snapshot(job);
}

import { mayFollow } from './status.ts';
import type { Job, JobState, Progress } from './types.ts';

/** A bug in this program: a status that must not follow the current one. */
export class IllegalTransitionError extends Error {
  override readonly name = 'IllegalTransitionError';
}

/**
 * Moves `job` to its next state, at `at` (Unix ms) and with `progress` as the numbers of that moment.
 * @throws IllegalTransitionError
 */
export function transition(job: Job, state: JobState, at: number, progress: Progress = job.progress): Job {
  if (!mayFollow(job.state.status, state.status)) {
    throw new IllegalTransitionError(`${job.id} is ${job.state.status} and cannot become ${state.status}`);
  }
  // The clock may have been set back since: times in the history never decrease.
  const notBefore = job.transitions.at(-1)?.at ?? at;
  const reached = { status: state.status, at: Math.max(at, notBefore), progress };
  return { ...job, state, progress, health: 'OK', transitions: [...job.transitions, reached] };
}

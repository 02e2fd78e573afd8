import { type Job, type JobState, NEXT, type Progress } from './job.ts';

/** A bug in this program: a status was to follow one that it may not follow. */
export class IllegalTransitionError extends Error {
  override readonly name = 'IllegalTransitionError';
}

/**
 * `job` in its next state, at `at` (Unix ms) and with `progress` as the numbers of that moment.
 * @throws IllegalTransitionError
 */
export function transition(job: Job, state: JobState, at: number, progress: Progress = job.progress): Job {
  if (!NEXT[job.state.status].includes(state.status)) {
    throw new IllegalTransitionError(`${job.id} is ${job.state.status} and cannot become ${state.status}`);
  }
  // The clock may have been stepped back since: the history still reads forwards.
  const notBefore = job.transitions.at(-1)?.at ?? at;
  const reached = { status: state.status, at: Math.max(at, notBefore), progress };
  return { ...job, state, progress, health: 'OK', transitions: [...job.transitions, reached] };
}

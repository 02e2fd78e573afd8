import { CONDITION_VERB, type Dependency } from './dependency.ts';
import { isTerminal } from './status.ts';
import type { Job } from './types.ts';

/** The state of a dependency. `broken` says why it cannot be met any more. */
export type DependencyState = 'MET' | 'PENDING' | { readonly broken: string };

/**
 * The state of a dependency on `job` as it is now. A job that waits for an automatic retry has not ended. STOPPED is not a failure: a
 * user wanted it.
 * @param job the job that it depends on; undefined if it was deleted
 */
export function dependencyState({ jobId, when }: Dependency, job: Job | undefined): DependencyState {
  if (!job) return { broken: `Job ${jobId}, which had to ${CONDITION_VERB[when]} first, was deleted.` };
  const { status } = job.state;
  if (!isTerminal(status) || job.retryAt !== null) return 'PENDING';
  const isMet =
    when === 'AFTER_END' ||
    (when === 'AFTER_OK' && status === 'COMPLETED') ||
    (when === 'AFTER_FAILURE' && status === 'ERROR');
  return isMet ? 'MET' : { broken: `Job ${jobId} had to ${CONDITION_VERB[when]} first, and it ended as ${status}.` };
}

/** The result of {@link checkDependencies}. */
export interface DependencyCheck {
  /** The ids of the jobs that it still waits for: the same list if nothing changed. */
  readonly unmet: readonly string[];
  /** Why the job can never start; null if it can. */
  readonly broken: string | null;
}

/** Checks the dependencies that a job still waits for. A dependency that was met once stays met, whatever the other job does later. */
export function checkDependencies(
  { request, unmet }: Pick<Job, 'request' | 'unmet'>,
  find: (id: string) => Job | undefined,
): DependencyCheck {
  const waitsFor = new Set(unmet);
  const left: string[] = [];
  for (const dependency of request.dependsOn) {
    if (!waitsFor.has(dependency.jobId)) continue;
    const state = dependencyState(dependency, find(dependency.jobId));
    if (typeof state === 'object') return { unmet, broken: state.broken };
    if (state === 'PENDING') left.push(dependency.jobId);
  }
  return { unmet: left.length === unmet.length ? unmet : left, broken: null };
}

import { dependencyState } from '../job/check-dependencies.ts';
import { type Dependency, MAX_DEPENDENCIES } from '../job/dependency.ts';
import { InvalidInputError } from '../job/errors.ts';
import type { DependencyInput } from '../job/request.ts';
import { quote } from '../job/shorten.ts';
import type { Job } from '../job/types.ts';

/** The dependencies of a new job. */
export interface ResolvedDependencies {
  readonly dependsOn: readonly Dependency[];
  /** The ids of those that are not met yet. */
  readonly unmet: readonly string[];
}

/**
 * Finds the jobs that a new one depends on. They all exist before it does, so that no cycle is possible.
 * @param earlier the jobs of the same call that come before it
 * @throws InvalidInputError for a job that does not exist, is named twice, or can no longer meet the condition
 */
export function resolveDependencies(
  inputs: readonly DependencyInput[],
  earlier: readonly Job[],
  find: (id: string) => Job | undefined,
  path: readonly string[],
): ResolvedDependencies {
  if (inputs.length > MAX_DEPENDENCIES) {
    throw new InvalidInputError(`dependsOn must have at most ${MAX_DEPENDENCIES} entries.`, path);
  }
  const dependsOn: Dependency[] = [];
  const unmet: string[] = [];
  const seen = new Set<string>();
  for (const [position, input] of inputs.entries()) {
    const at = (field: string) => [...path, String(position), field];
    const job = input.id == null ? jobAt(input.index, earlier, at('index')) : find(input.id);
    if (input.id != null && input.index != null) {
      throw new InvalidInputError('A dependency has either an id or an index, not both.', at('index'));
    }
    if (!job) throw new InvalidInputError(`There is no job ${quote(input.id ?? '')} to wait for.`, at('id'));
    if (seen.has(job.id)) {
      throw new InvalidInputError(`dependsOn names job ${job.id} twice. Name each job once.`, at('id'));
    }
    seen.add(job.id);
    const dependency: Dependency = { jobId: job.id, when: input.when ?? 'AFTER_OK' };
    const state = dependencyState(dependency, job);
    if (typeof state === 'object') {
      throw new InvalidInputError(`${state.broken} A job that waits for it could never start.`, at('id'));
    }
    dependsOn.push(dependency);
    if (state === 'PENDING') unmet.push(job.id);
  }
  return { dependsOn, unmet };
}

function jobAt(index: number | null | undefined, earlier: readonly Job[], path: readonly string[]): Job {
  if (index == null) throw new InvalidInputError('A dependency needs an id or, in startTrainings, an index.', path);
  const job = Number.isInteger(index) ? earlier[index] : undefined;
  if (job) return job;
  const message =
    earlier.length === 0
      ? `index ${index} is not an earlier input: an index is the position, from 0, of an earlier one in the same startTrainings.`
      : `index ${index} is not an earlier input: it must be a whole number from 0 to ${earlier.length - 1}, so that no jobs wait for each other.`;
  throw new InvalidInputError(message, path);
}

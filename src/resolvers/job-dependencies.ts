import type { Dependency, Job } from '../runner/index.ts';
import type { Context } from './context.ts';

/** A dependency of a job as it is now. */
export interface JobDependency extends Dependency {
  readonly isMet: boolean;
}

/** The dependencies of a job, in the order of its start. */
export function jobDependencies({ request, unmet }: Job): JobDependency[] {
  return request.dependsOn.map((dependency) => ({ ...dependency, isMet: !unmet.includes(dependency.jobId) }));
}

/** Why a waiting job does not start, as a sentence; null if it is about to, or does not wait. */
export function waitingFor({ runner }: Context, job: Job): string | null {
  return runner.waitingFor(job);
}

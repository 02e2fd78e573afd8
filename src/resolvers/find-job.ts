import type { Job } from '../runner/index.ts';
import type { Context } from './context.ts';

/** Finds a job by id; null if there is none. */
export function findJob({ runner }: Context, id: string): Job | null {
  return runner.get(id) ?? null;
}

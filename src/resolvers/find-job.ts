import type { Job } from '../runner/index.ts';
import type { Context } from './context.ts';

/** The job with this id; null when there is none. */
export function findJob({ runner }: Context, id: string): Job | null {
  return runner.get(id) ?? null;
}

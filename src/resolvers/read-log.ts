import type { Job, LogPage, LogQuery } from '../runner/index.ts';
import type { Context } from './context.ts';

/**
 * The newest lines that a job printed, or those after a cursor.
 * @throws InvalidInputError for a page size out of bounds
 */
export function readLog({ runner }: Context, job: Job, query: LogQuery): Promise<LogPage> {
  return runner.log(job.id, query);
}

import { InvalidInputError } from '../runner/index.ts';
import type { Job } from '../runner/index.ts';
import type { LogPage, LogQuery } from '../runner/index.ts';
import type { Context } from './context.ts';

/** The most lines of a page of the log. */
export const LARGEST_LOG_PAGE = 10_000;

/**
 * The newest lines that a job printed, or those after a cursor.
 * @throws InvalidInputError for a page size out of bounds or a foreign cursor
 */
export async function readLog({ runner }: Context, job: Job, query: LogQuery): Promise<LogPage> {
  if (query.last != null && (query.last < 1 || query.last > LARGEST_LOG_PAGE)) {
    throw new InvalidInputError(`last must be from 1 to ${LARGEST_LOG_PAGE}, and is ${query.last}.`, ['last']);
  }
  return runner.log(job.id, query);
}

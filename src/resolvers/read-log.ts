import type { Job, LogPage, LogQuery } from '../runner/index.ts';
import type { Context } from './context.ts';

/**
 * Reads the latest log lines of a job, or the lines after or before a cursor.
 * @throws InvalidInputError for a page size out of range
 */
export function readLog({ runner, answer }: Context, job: Job, query: LogQuery): Promise<LogPage> {
  const read = () => runner.log(job.id, query);
  // Aliases of the same page share one read.
  return answer?.share(JSON.stringify(['log', job.id, query.last, query.after, query.before]), read) ?? read();
}

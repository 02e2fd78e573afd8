import type { Job, LogPage, LogQuery } from '../runner/index.ts';
import type { Context } from './context.ts';

/**
 * The newest lines that a job printed, or those after a cursor.
 * @throws InvalidInputError for a page size out of bounds
 */
export function readLog({ runner, answer }: Context, job: Job, query: LogQuery): Promise<LogPage> {
  const read = () => runner.log(job.id, query);
  // Aliases of the same page read it once.
  return answer?.share(JSON.stringify(['log', job.id, query.last, query.after]), read) ?? read();
}

import type { LogPage, LogQuery } from '../runner/index.ts';
import type { Context } from './context.ts';

export interface WatchLogArguments extends LogQuery {
  readonly id: string;
}

/**
 * The log of one job, live, to its last line.
 * @throws JobNotFoundError, InvalidInputError (`last` out of bounds), at once
 */
export function watchLog({ runner }: Context, { id, ...query }: WatchLogArguments): AsyncIterableIterator<LogPage> {
  return runner.watchLog(id, query);
}

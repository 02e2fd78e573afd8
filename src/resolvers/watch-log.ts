import type { LogPage, LogQuery } from '../runner/index.ts';
import type { Context } from './context.ts';

export interface WatchLogArguments extends LogQuery {
  readonly id: string;
}

/**
 * Opens the live log of one job, which ends after its last line.
 * @throws JobNotFoundError, InvalidInputError (`last` out of range), synchronously
 */
export function watchLog({ runner }: Context, { id, ...query }: WatchLogArguments): AsyncIterableIterator<LogPage> {
  return runner.watchLog(id, query);
}

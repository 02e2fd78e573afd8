import { isTerminal } from './status.ts';
import type { Job } from './types.ts';

/** Total run time of the attempts before the newest one, ms: each from its start to its end, without the time in the queue. */
export function earlierRunTime({ transitions }: Pick<Job, 'transitions'>): number {
  const newest = transitions.findLastIndex(({ status }) => status === 'QUEUED');
  let total = 0;
  let startedAt: number | null = null;
  for (const { status, at } of transitions.slice(0, Math.max(0, newest))) {
    if (status === 'QUEUED') startedAt = null;
    else if (!isTerminal(status)) startedAt ??= at;
    else if (startedAt !== null) {
      total += Math.max(0, at - startedAt);
      startedAt = null;
    }
  }
  return total;
}

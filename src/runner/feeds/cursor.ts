import type { Job } from '../job/types.ts';

/** A place in a job's feed: how many statuses and which version of the numbers somebody has seen. */
export interface FeedPosition {
  readonly transitions: number;
  readonly sequence: number;
}

/**
 * Says a place as an opaque text. It holds nothing that lives in the server's memory, so it stays good over a restart.
 */
export function encodeCursor(jobId: string, { transitions, sequence }: FeedPosition): string {
  return Buffer.from(`${jobId.slice(-8)}:${transitions}:${sequence}`).toString('base64url');
}

/** The place that `cursor` names in the feed of `job`; undefined when it is no cursor of that feed. */
export function decodeCursor(job: Job, cursor: string): FeedPosition | undefined {
  const match = /^([0-9a-f]{8}):(\d{1,9}):(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
  if (match?.[1] !== job.id.slice(-8)) return undefined;
  const position = { transitions: Number(match[2]), sequence: Number(match[3]) };
  return position.transitions > job.transitions.length || position.sequence > job.sequence ? undefined : position;
}

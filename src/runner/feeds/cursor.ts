import type { Job } from '../job/types.ts';

/** A position in a job's feed: the number of statuses and the version of the numbers that a reader has received. */
export interface FeedPosition {
  readonly transitions: number;
  readonly sequence: number;
}

/**
 * Encodes a position as an opaque text. It does not refer to the server's memory, so it stays valid across a restart.
 */
export function encodeCursor(jobId: string, { transitions, sequence }: FeedPosition): string {
  return Buffer.from(`${jobId.slice(-8)}:${transitions}:${sequence}`).toString('base64url');
}

/** The position of `cursor` in the feed of `job`; undefined if it is not a cursor of that feed. */
export function decodeCursor(job: Job, cursor: string): FeedPosition | undefined {
  const match = /^([0-9a-f]{8}):(\d{1,9}):(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
  if (match?.[1] !== job.id.slice(-8)) return undefined;
  const position = { transitions: Number(match[2]), sequence: Number(match[3]) };
  return position.transitions > job.transitions.length || position.sequence > job.sequence ? undefined : position;
}

/** The sort key of waiting jobs: higher priority first, then lower place. */
export interface QueuePlace {
  readonly jobId: string;
  readonly priority: number;
  /** Assigned in order of arrival; a move changes it. */
  readonly place: number;
}

/** Negative if `a` is ahead of `b`. */
export function compareQueuePlaces(a: QueuePlace, b: QueuePlace): number {
  if (a.priority !== b.priority) return b.priority - a.priority;
  if (a.place !== b.place) return a.place - b.place;
  if (a.jobId === b.jobId) return 0;
  return a.jobId < b.jobId ? -1 : 1;
}

/**
 * A place between two others; undefined if no number is left between them, after many moves to the same spot.
 * @param ahead the place ahead; undefined at the front
 * @param behind the place behind; undefined at the end
 */
export function placeBetween(ahead: number | undefined, behind: number | undefined): number | undefined {
  if (ahead === undefined || behind === undefined) {
    const place = ahead === undefined ? (behind ?? 1) - 1 : ahead + 1;
    return Number.isSafeInteger(Math.trunc(place)) ? place : undefined;
  }
  const middle = ahead + (behind - ahead) / 2;
  return middle > ahead && middle < behind ? middle : undefined;
}

import { INPUT_LIMITS } from '../job/input-limits.ts';
import { goodnessOf } from '../job/score.ts';
import type { Job } from '../job/types.ts';

export const JOB_ORDER_FIELDS = [
  'CREATED_AT',
  'ENDED_AT',
  'NAME',
  'PROGRESS',
  'SCORE',
  'METRIC',
  'QUEUE_POSITION',
] as const;
export type JobOrderField = (typeof JOB_ORDER_FIELDS)[number];

/** The order of a list of jobs. Jobs with the same key are ordered by id. */
export interface JobOrder {
  readonly field: JobOrderField;
  readonly direction: 'ASC' | 'DESC';
  /** For `METRIC`: the metric by whose best value to order. */
  readonly metric: string | null;
}

export const NEWEST_FIRST: JobOrder = { field: 'CREATED_AT', direction: 'DESC', metric: null };

/** The sort key of a job; null comes last in both directions. */
export type SortKey = number | string | null;

/** The place of a job in an order. */
export interface JobPlace {
  readonly key: SortKey;
  readonly id: string;
}

/** The current place of `job`: its key may change while it runs. */
export function placeOf(job: Job, { field, metric }: JobOrder): JobPlace {
  return { key: keyOf(job, field, metric), id: job.id };
}

function keyOf(
  { createdAt, state, request, progress, best, score, place, handle }: Job,
  field: JobOrderField,
  metric: string | null,
): SortKey {
  switch (field) {
    case 'CREATED_AT':
      return createdAt;
    case 'ENDED_AT':
      return 'finishedAt' in state ? state.finishedAt : null;
    case 'NAME':
      return request.name?.toLowerCase() ?? null;
    case 'PROGRESS':
      return progress.percent;
    case 'SCORE':
      return score && goodnessOf(score);
    case 'QUEUE_POSITION':
      return state.status === 'QUEUED' && handle === null ? queueKey(request.priority, place) : null;
    case 'METRIC':
      return (metric === null ? undefined : best[metric]?.value) ?? null;
    default:
      return field satisfies never;
  }
}

/** A text that sorts as the queue does: the higher priority first, then the lower place. */
function queueKey(priority: number, place: number): string {
  const [, highest] = INPUT_LIMITS.priority;
  return `${String(highest - priority).padStart(4, '0')} ${sortableNumber(place)}`;
}

/** A number as text of a fixed length that sorts in the same order. */
function sortableNumber(number: number): string {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, number);
  const raw = bits.getBigUint64(0);
  // The sign bit is set in negative numbers, whose other bits grow away from zero.
  const sortable = number < 0 ? BigInt.asUintN(64, ~raw) : raw | (1n << 63n);
  return sortable.toString(16).padStart(16, '0');
}

/** Negative if `a` comes before `b`. */
export function comparePlaces(a: JobPlace, b: JobPlace, direction: 'ASC' | 'DESC'): number {
  if (a.key !== b.key) {
    if (a.key === null) return 1;
    if (b.key === null) return -1;
    return (a.key < b.key ? -1 : 1) * (direction === 'ASC' ? 1 : -1);
  }
  if (a.id === b.id) return 0;
  return (a.id < b.id ? -1 : 1) * (direction === 'ASC' ? 1 : -1);
}

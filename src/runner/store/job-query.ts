import type { ScorePart } from '../job/score.ts';
import type { JobStatus } from '../job/status.ts';
import type { Job } from '../job/types.ts';
import type { JobOrder, JobPlace } from './job-order.ts';

/** Selects jobs that meet every given condition. */
export interface JobFilter {
  /** One of these jobs. */
  readonly ids?: readonly string[] | null | undefined;
  readonly status?: readonly JobStatus[] | null | undefined;
  /** Any of these tags. */
  readonly tags?: readonly string[] | null | undefined;
  /** Every one of these tags. */
  readonly allTags?: readonly string[] | null | undefined;
  readonly trainer?: string | null | undefined;
  readonly dataset?: string | null | undefined;
  readonly group?: string | null | undefined;
  /** Part of the name, case-insensitive. */
  readonly name?: string | null | undefined;
  /** Part of the id, name, dataset, notes or a tag, case-insensitive. */
  readonly text?: string | null | undefined;
  /** Exclusive bounds, Unix ms. A job that has not ended meets no condition on its end. */
  readonly createdAfter?: number | null | undefined;
  readonly createdBefore?: number | null | undefined;
  readonly endedAfter?: number | null | undefined;
  readonly endedBefore?: number | null | undefined;
  readonly metrics?: readonly MetricCondition[] | null | undefined;
  readonly score?: ScoreCondition | null | undefined;
}

/** A condition on a metric. A job that never reported the metric does not meet it. */
export interface MetricCondition {
  readonly name: string;
  /** Default: `BEST`. */
  readonly of?: 'BEST' | 'LATEST' | null | undefined;
  readonly lt?: number | null | undefined;
  readonly lte?: number | null | undefined;
  readonly gt?: number | null | undefined;
  readonly gte?: number | null | undefined;
}

/** A condition on the score. A job without a score does not meet it. */
export interface ScoreCondition {
  /** Name of its metric. */
  readonly name?: string | null | undefined;
  /** Any of these parts of the data. */
  readonly part?: readonly ScorePart[] | null | undefined;
  readonly lt?: number | null | undefined;
  readonly lte?: number | null | undefined;
  readonly gt?: number | null | undefined;
  readonly gte?: number | null | undefined;
}

/** A page of jobs by keyset pagination: new or deleted jobs do not shift a page. */
export interface JobQuery {
  readonly filter?: JobFilter | null | undefined;
  /** Default: newest first, by time of creation. */
  readonly orderBy?: JobOrder | undefined;
  /** Only jobs after this place in the order. */
  readonly after?: JobPlace | null | undefined;
  /** Only jobs before this place in the order. */
  readonly before?: JobPlace | null | undefined;
  readonly limit: number;
  /** True takes the page from the end of the range instead of its start; the order stays the same. */
  readonly fromEnd?: boolean | undefined;
}

/** Number of jobs of each status. */
export type JobCounts = Readonly<Record<JobStatus, number>>;

/** One message of the feed of all jobs. */
export interface JobChange {
  /** Opaque; pass it as `after` to continue from here, also after a restart of the server. */
  readonly cursor: string;
  /** Relative to the filter: a job that starts to match is `ADDED`, one that no longer matches is `REMOVED`. */
  readonly kind: 'ADDED' | 'CHANGED' | 'REMOVED';
  readonly jobId: string;
  /** The current job; null once it is deleted. */
  readonly job: Job | null;
  /** True if the feed could not continue from `after`: this is the first of all matching jobs, and earlier state is invalid. */
  readonly gap: boolean;
}

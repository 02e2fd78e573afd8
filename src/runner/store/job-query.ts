import type { JobStatus } from '../job/status.ts';
import type { Job } from '../job/types.ts';
import type { JobOrder, JobPlace } from './job-order.ts';

/** Which jobs to list; every condition given must hold. */
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
  /** Part of the name, upper and lower case alike. */
  readonly name?: string | null | undefined;
  /** Part of the id, name, dataset, notes or a tag, upper and lower case alike. */
  readonly text?: string | null | undefined;
  /** Times are Unix ms, and not included. A job that has not ended meets no condition on its end. */
  readonly createdAfter?: number | null | undefined;
  readonly createdBefore?: number | null | undefined;
  readonly endedAfter?: number | null | undefined;
  readonly endedBefore?: number | null | undefined;
  readonly metrics?: readonly MetricCondition[] | null | undefined;
}

/** A condition on a metric of a job; one that never reported it does not meet it. */
export interface MetricCondition {
  readonly name: string;
  /** Default: `BEST`. */
  readonly of?: 'BEST' | 'LATEST' | null | undefined;
  readonly lt?: number | null | undefined;
  readonly lte?: number | null | undefined;
  readonly gt?: number | null | undefined;
  readonly gte?: number | null | undefined;
}

/** A page of jobs by keyset: no offset, so jobs that come or go never shift a page. */
export interface JobQuery {
  readonly filter?: JobFilter | null | undefined;
  /** Default: by time of creation, the newest first. */
  readonly orderBy?: JobOrder | undefined;
  /** Only jobs behind this place in the order. */
  readonly after?: JobPlace | null | undefined;
  /** Only jobs ahead of this place in the order. */
  readonly before?: JobPlace | null | undefined;
  readonly limit: number;
  /** True takes the page from the end of the range instead of its beginning (the order stays). */
  readonly fromEnd?: boolean | undefined;
}

/** How many jobs there are of each status. */
export type JobCounts = Readonly<Record<JobStatus, number>>;

/** One message of the feed of all jobs. */
export interface JobChange {
  /** Opaque; hand it back as `after` to go on from here, also after a restart of the server. */
  readonly cursor: string;
  /** As seen through the filter: a job that begins to match is `ADDED`, one that no longer does is `REMOVED`. */
  readonly kind: 'ADDED' | 'CHANGED' | 'REMOVED';
  readonly jobId: string;
  /** As it is now; null once it is deleted. */
  readonly job: Job | null;
  /** True when `after` could not be honoured: this is the first of all jobs that match, and whatever was known before is void. */
  readonly gap: boolean;
}

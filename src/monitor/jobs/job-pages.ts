import type { JobRowFragment } from '../graphql/graphql.ts';
import type { Session } from '../live/session.ts';
import { type Counts, toCounts } from './job-counts.ts';
import { feedFilter, type JobQuery, ORDERS, rowFilter } from './job-query.ts';
import { FirstPageDocument, NextPageDocument } from './operations.ts';

/** Small, so that the first rows appear quickly. */
export const FIRST_PAGE = 60;
/** The maximum page size of the API. */
const PAGE = 200;

/** Reads a list of jobs page by page. */
export interface JobPages {
  /** Whether the last page has been read. */
  readonly isComplete: boolean;
  /** Restarts at the first page. @throws CombinedError */
  first(): Promise<FirstPage>;
  /** @throws CombinedError */
  next(): Promise<readonly JobRowFragment[]>;
}

export interface FirstPage {
  readonly rows: readonly JobRowFragment[];
  readonly counts: Counts;
  /** Cursor from which to follow the live feed. */
  readonly changesCursor: string;
}

export function createJobPages(session: Session, query: JobQuery): JobPages {
  const filter = rowFilter(query);
  const orderBy = ORDERS[query.order];
  let after: string | null = null;
  let isComplete = false;

  function advance({ endCursor, hasNextPage }: { endCursor: string | null; hasNextPage: boolean }): void {
    after = endCursor;
    isComplete = !hasNextPage;
  }

  return {
    get isComplete() {
      return isComplete;
    },
    async first() {
      const { jobs, jobCounts } = await session.query(FirstPageDocument, {
        first: FIRST_PAGE,
        filter,
        orderBy,
        countFilter: feedFilter(query),
      });
      advance(jobs.pageInfo);
      const rows = jobs.edges.map(({ node }) => node);
      return { rows, counts: toCounts(jobCounts), changesCursor: jobs.changesCursor };
    },
    async next() {
      const { jobs } = await session.query(NextPageDocument, { first: PAGE, after, filter, orderBy });
      advance(jobs.pageInfo);
      return jobs.edges.map(({ node }) => node);
    },
  };
}

import type { JobRowFragment } from '../graphql/graphql.ts';
import type { Session } from '../live/session.ts';
import { type Counts, countsOf } from './job-counts.ts';
import { feedFilter, type JobQuery, ORDERS, rowFilter } from './job-query.ts';
import { FirstPageDocument, NextPageDocument } from './operations.ts';

/** Few, to be there at once. */
export const FIRST_PAGE = 60;
/** As many as the API gives. */
const PAGE = 200;

/** The pages of a list of jobs, one behind the other. */
export interface JobPages {
  /** Whether the last one was read. */
  readonly isComplete: boolean;
  /** Begins anew. @throws CombinedError */
  first(): Promise<FirstPage>;
  /** @throws CombinedError */
  next(): Promise<readonly JobRowFragment[]>;
}

export interface FirstPage {
  readonly rows: readonly JobRowFragment[];
  readonly counts: Counts;
  /** Where the live feed has to begin. */
  readonly changesCursor: string;
}

export function createJobPages(session: Session, query: JobQuery): JobPages {
  const filter = rowFilter(query);
  const orderBy = ORDERS[query.order];
  let after: string | null = null;
  let isComplete = false;

  function turn({ endCursor, hasNextPage }: { endCursor: string | null; hasNextPage: boolean }): void {
    after = endCursor;
    isComplete = !hasNextPage;
  }

  return {
    get isComplete() {
      return isComplete;
    },
    async first() {
      const { jobs, jobCounts } = await session.ask(FirstPageDocument, {
        first: FIRST_PAGE,
        filter,
        orderBy,
        countFilter: feedFilter(query),
      });
      turn(jobs.pageInfo);
      const rows = jobs.edges.map(({ node }) => node);
      return { rows, counts: countsOf(jobCounts), changesCursor: jobs.changesCursor };
    },
    async next() {
      const { jobs } = await session.ask(NextPageDocument, { first: PAGE, after, filter, orderBy });
      turn(jobs.pageInfo);
      return jobs.edges.map(({ node }) => node);
    },
  };
}

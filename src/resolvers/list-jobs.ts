import {
  InvalidInputError,
  type Job,
  type JobFilter,
  type JobOrder,
  type JobOrderField,
  type JobPlace,
  needsIndex,
  placeOf,
} from '../runner/index.ts';
import type { Context } from './context.ts';
import { decodeJobCursor, encodeJobCursor } from './job-cursor.ts';
import { type Page, type PageArguments, takePage } from './page.ts';

export interface ListJobsArguments extends PageArguments {
  readonly filter?: JobFilter | null | undefined;
  readonly orderBy?: JobOrderArgument | null | undefined;
}

export interface JobOrderArgument {
  readonly field: JobOrderField;
  readonly direction: 'ASC' | 'DESC';
  /** The metric for the field `METRIC`. */
  readonly metric?: string | null | undefined;
}

/** A page of jobs in the shape of a Relay connection. */
export interface JobPage extends Page<Job> {
  /** The filter of the list, for `totalCount`. */
  readonly filter: JobFilter | null;
  /** Cursor for `jobsChanged`: continues from when this page was read. */
  readonly changesCursor: string;
}

/**
 * Lists one page of jobs, newest first by default.
 * @throws InvalidInputError for a page size out of range, `first` together with `last`, a cursor of another order, or an order
 *   by METRIC without a metric name
 */
export async function listJobs({ runner }: Context, args: ListJobsArguments): Promise<JobPage> {
  const orderBy = orderOf(args);
  const range = { filter: args.filter ?? null, orderBy };
  if (needsIndex(range.filter, orderBy)) await runner.indexed;
  const page = takePage<Job, JobPlace>(args, {
    list: (query) => runner.list({ ...range, ...query }),
    placeOf: (job) => placeOf(job, orderBy),
    encode: (place) => encodeJobCursor(place, orderBy),
    decode: (cursor, argument) => decodeJobCursor(cursor, orderBy, argument),
  });
  return { ...page, filter: range.filter, changesCursor: runner.changesCursor };
}

function orderOf({ orderBy }: ListJobsArguments): JobOrder {
  const { field, direction, metric } = orderBy ?? { field: 'CREATED_AT', direction: 'DESC' };
  if (field === 'METRIC' && (metric == null || metric === '')) {
    throw new InvalidInputError(
      'orderBy METRIC needs the name of a metric: orderBy: { field: METRIC, metric: "val_loss" }.',
      ['orderBy', 'metric'],
    );
  }
  return { field, direction, metric: field === 'METRIC' ? (metric ?? null) : null };
}

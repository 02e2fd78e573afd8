import {
  InvalidInputError,
  type Job,
  type JobFilter,
  type JobOrder,
  type JobOrderField,
  type JobPlace,
  placeOf,
} from '../runner/index.ts';
import type { Context } from './context.ts';
import { decodeJobCursor, encodeJobCursor } from './job-cursor.ts';

/** Jobs on a page when neither `first` nor `last` is given. */
export const DEFAULT_PAGE = 50;
/** The most jobs on a page. */
export const LARGEST_PAGE = 200;

export interface ListJobsArguments {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
  readonly filter?: JobFilter | null | undefined;
  readonly orderBy?: JobOrderArgument | null | undefined;
}

export interface JobOrderArgument {
  readonly field: JobOrderField;
  readonly direction: 'ASC' | 'DESC';
  /** The metric for the field `METRIC`. */
  readonly metric?: string | null | undefined;
}

/** A page of jobs as Relay's connection has it. */
export interface JobPage {
  readonly edges: readonly { readonly cursor: string; readonly node: Job }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  /** What the page was taken from, for those who count it. */
  readonly filter: JobFilter | null;
  /** For `jobsChanged`: what changed since this page was read. */
  readonly changesCursor: string;
}

/**
 * One page of jobs, the newest first unless `orderBy` says otherwise.
 * @throws InvalidInputError for a page size out of bounds, `first` together with `last`, a cursor of another order, or an order
 *   by a metric that is not named
 */
export function listJobs({ runner }: Context, args: ListJobsArguments): JobPage {
  const size = pageSize(args);
  const fromEnd = args.last != null;
  const orderBy = orderOf(args);
  const range = { filter: args.filter ?? null, orderBy };
  // One more than asked for tells whether there is another page on that side.
  const found = runner.list({
    ...range,
    after: args.after == null ? null : decodeJobCursor(args.after, orderBy, 'after'),
    before: args.before == null ? null : decodeJobCursor(args.before, orderBy, 'before'),
    limit: size + 1,
    fromEnd,
  });
  const more = found.length > size;
  const jobs = !more ? found : fromEnd ? found.slice(1) : found.slice(0, size);
  const places = jobs.map((job) => placeOf(job, orderBy));
  const cursors = places.map((place) => encodeJobCursor(place, orderBy));
  const [first, last] = [places[0], places.at(-1)];
  const anyBefore = (place: JobPlace) => runner.list({ ...range, before: place, limit: 1, fromEnd: true }).length > 0;
  const anyAfter = (place: JobPlace) => runner.list({ ...range, after: place, limit: 1 }).length > 0;
  return {
    edges: jobs.map((job, index) => ({ cursor: cursors[index] ?? '', node: job })),
    pageInfo: {
      hasNextPage: fromEnd ? last !== undefined && anyAfter(last) : more,
      hasPreviousPage: fromEnd ? more : first !== undefined && anyBefore(first),
      startCursor: cursors[0] ?? null,
      endCursor: cursors.at(-1) ?? null,
    },
    filter: range.filter,
    changesCursor: runner.changesCursor,
  };
}

function orderOf({ orderBy }: ListJobsArguments): JobOrder {
  const { field, direction, metric } = orderBy ?? { field: 'CREATED_AT', direction: 'DESC' };
  if (field === 'METRIC' && (metric == null || metric === '')) {
    throw new InvalidInputError('To order by METRIC, say which: orderBy: { field: METRIC, metric: "val_loss" }.', [
      'orderBy',
      'metric',
    ]);
  }
  return { field, direction, metric: field === 'METRIC' ? (metric ?? null) : null };
}

function pageSize({ first, last }: ListJobsArguments): number {
  if (first != null && last != null) {
    throw new InvalidInputError('Give first or last, not both.', ['last']);
  }
  const [name, size] = last == null ? (['first', first ?? DEFAULT_PAGE] as const) : (['last', last] as const);
  if (size < 1 || size > LARGEST_PAGE) {
    throw new InvalidInputError(
      `${name} must be from 1 to ${LARGEST_PAGE}, and is ${size}. Use after or before to go on to further pages.`,
      [name],
    );
  }
  return size;
}

import { InvalidInputError } from '../runner/index.ts';
import type { Job } from '../runner/index.ts';
import type { JobFilter, JobKey } from '../runner/index.ts';
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
  readonly orderBy?: { readonly direction: 'ASC' | 'DESC' } | null | undefined;
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
}

/**
 * One page of jobs, the newest first unless `orderBy` says otherwise.
 * @throws InvalidInputError for a page size out of bounds, `first` together with `last`, or a foreign cursor
 */
export function listJobs({ runner }: Context, args: ListJobsArguments): JobPage {
  const size = pageSize(args);
  const fromEnd = args.last != null;
  const range = { filter: args.filter ?? null, direction: args.orderBy?.direction ?? ('DESC' as const) };
  // One more than asked for tells whether there is another page on that side.
  const found = runner.list({
    ...range,
    after: args.after == null ? null : decodeJobCursor(args.after, 'after'),
    before: args.before == null ? null : decodeJobCursor(args.before, 'before'),
    limit: size + 1,
    fromEnd,
  });
  const more = found.length > size;
  const jobs = !more ? found : fromEnd ? found.slice(1) : found.slice(0, size);
  const [first, last] = [jobs[0], jobs.at(-1)];
  const anyBefore = (key: JobKey) => runner.list({ ...range, before: key, limit: 1, fromEnd: true }).length > 0;
  const anyAfter = (key: JobKey) => runner.list({ ...range, after: key, limit: 1 }).length > 0;
  return {
    edges: jobs.map((job) => ({ cursor: encodeJobCursor(job), node: job })),
    pageInfo: {
      hasNextPage: fromEnd ? last !== undefined && anyAfter(last) : more,
      hasPreviousPage: fromEnd ? more : first !== undefined && anyBefore(first),
      startCursor: first === undefined ? null : encodeJobCursor(first),
      endCursor: last === undefined ? null : encodeJobCursor(last),
    },
    filter: range.filter,
  };
}

/** How many jobs a filter lets through, all pages together. */
export function countJobs({ runner }: Context, filter: JobFilter | null): number {
  return runner.count(filter);
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

import { JOB_STATUSES } from '../../client/graphql/job-statuses.ts';
import { hasEnded } from '../../client/job-progress.ts';
import type { JobFilter, JobOrder, JobStatus } from '../graphql/graphql.ts';

/** The tabs of the list, with the statuses of each. */
export const TABS = {
  all: null,
  active: (Object.keys(JOB_STATUSES) as JobStatus[]).filter((status) => !hasEnded(status)),
  completed: ['COMPLETED'],
  stopped: ['STOPPED'],
  failed: ['ERROR'],
} as const satisfies Record<string, readonly JobStatus[] | null>;
export type Tab = keyof typeof TABS;

/** The sort orders of the list. */
export const ORDERS = {
  newest: { field: 'CREATED_AT', direction: 'DESC' },
  oldest: { field: 'CREATED_AT', direction: 'ASC' },
  ended: { field: 'ENDED_AT', direction: 'DESC' },
  name: { field: 'NAME', direction: 'ASC' },
  progress: { field: 'PROGRESS', direction: 'DESC' },
  score: { field: 'SCORE', direction: 'DESC' },
} as const satisfies Record<string, JobOrder>;
export type Order = keyof typeof ORDERS;

/** Filters and order of the list. The URL has all of them. */
export interface JobQuery {
  readonly tab: Tab;
  readonly text: string;
  readonly tag: string;
  readonly group: string;
  readonly order: Order;
}

/** Parses the query string of a URL. Unknown values count as missing. */
export function parseJobQuery(search: string): JobQuery {
  const parameters = new URLSearchParams(search);
  const tab = parameters.get('show') ?? '';
  const order = parameters.get('sort') ?? '';
  return {
    tab: tab in TABS ? (tab as Tab) : 'all',
    text: parameters.get('q') ?? '',
    tag: parameters.get('tag') ?? '',
    group: parameters.get('group') ?? '',
    order: order in ORDERS ? (order as Order) : 'newest',
  };
}

/** The URL of a list. */
export function listUrl({ tab, text, tag, group, order }: JobQuery): string {
  const parameters = new URLSearchParams();
  if (tab !== 'all') parameters.set('show', tab);
  if (text !== '') parameters.set('q', text);
  if (tag !== '') parameters.set('tag', tag);
  if (group !== '') parameters.set('group', group);
  if (order !== 'newest') parameters.set('sort', order);
  const search = parameters.toString();
  return search === '' ? '/' : `/?${search}`;
}

/**
 * The filter without the tab. The live feed uses it, so that it also reports jobs that move to another tab: the tabs show their counts.
 */
export function feedFilter({ text, tag, group }: JobQuery): JobFilter {
  return {
    ...(text.trim() !== '' && { text: text.trim() }),
    ...(tag !== '' && { tags: [tag] }),
    ...(group !== '' && { group }),
  };
}

/** The filter for the rows of the tab. */
export function rowFilter(query: JobQuery): JobFilter {
  const statuses: readonly JobStatus[] | null = TABS[query.tab];
  return { ...feedFilter(query), ...(statuses && { status: [...statuses] }) };
}

/** Whether a tab shows jobs with this status. */
export function isInTab(tab: Tab, status: JobStatus): boolean {
  const statuses: readonly JobStatus[] | null = TABS[tab];
  return statuses === null || statuses.includes(status);
}

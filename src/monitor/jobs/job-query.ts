import type { JobFilter, JobOrder, JobStatus } from '../graphql/graphql.ts';

/** The groups of statuses that the list has a tab for; what is in none is in `all`. */
export const TABS = {
  all: null,
  active: ['QUEUED', 'STARTING', 'LOADING', 'RUNNING', 'STOPPING'],
  completed: ['COMPLETED'],
  stopped: ['STOPPED'],
  failed: ['ERROR'],
} as const satisfies Record<string, readonly JobStatus[] | null>;
export type Tab = keyof typeof TABS;

/** The orders that the list offers. */
export const ORDERS = {
  newest: { field: 'CREATED_AT', direction: 'DESC' },
  oldest: { field: 'CREATED_AT', direction: 'ASC' },
  ended: { field: 'ENDED_AT', direction: 'DESC' },
  name: { field: 'NAME', direction: 'ASC' },
  progress: { field: 'PROGRESS', direction: 'DESC' },
  val_loss: { field: 'METRIC', direction: 'ASC', metric: 'val_loss' },
  loss: { field: 'METRIC', direction: 'ASC', metric: 'loss' },
} as const satisfies Record<string, JobOrder>;
export type Order = keyof typeof ORDERS;

/** Which jobs the list shows, and how: all of it stands in the address. */
export interface JobQuery {
  readonly tab: Tab;
  readonly text: string;
  readonly tag: string;
  readonly order: Order;
}

/** Reads the search part of an address; what it does not know, it takes for left out. */
export function parseJobQuery(search: string): JobQuery {
  const parameters = new URLSearchParams(search);
  const tab = parameters.get('show') ?? '';
  const order = parameters.get('sort') ?? '';
  return {
    tab: tab in TABS ? (tab as Tab) : 'all',
    text: parameters.get('q') ?? '',
    tag: parameters.get('tag') ?? '',
    order: order in ORDERS ? (order as Order) : 'newest',
  };
}

/** The address of a list. */
export function addressOf({ tab, text, tag, order }: JobQuery): string {
  const parameters = new URLSearchParams();
  if (tab !== 'all') parameters.set('show', tab);
  if (text !== '') parameters.set('q', text);
  if (tag !== '') parameters.set('tag', tag);
  if (order !== 'newest') parameters.set('sort', order);
  const search = parameters.toString();
  return search === '' ? '/' : `/?${search}`;
}

/**
 * The filter without the tab. The live feed has this one: so it also tells of jobs that go to another tab, whose numbers are
 * shown too.
 */
export function feedFilter({ text, tag }: JobQuery): JobFilter {
  return { ...(text.trim() !== '' && { text: text.trim() }), ...(tag !== '' && { tags: [tag] }) };
}

/** The filter of the rows. */
export function rowFilter(query: JobQuery): JobFilter {
  const statuses: readonly JobStatus[] | null = TABS[query.tab];
  return { ...feedFilter(query), ...(statuses && { status: [...statuses] }) };
}

/** Whether the tab shows jobs of this status. */
export function isShown(tab: Tab, status: JobStatus): boolean {
  const statuses: readonly JobStatus[] | null = TABS[tab];
  return statuses === null || statuses.includes(status);
}

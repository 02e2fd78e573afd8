import { Link } from 'wouter';
import { formatCount } from '../format/numbers.ts';
import { type Counts, countForTab } from './job-counts.ts';
import { listUrl, type JobQuery, type Tab, TABS } from './job-query.ts';

const NAMES: Readonly<Record<Tab, string>> = {
  all: 'All',
  active: 'Active',
  completed: 'Completed',
  stopped: 'Stopped',
  failed: 'Failed',
};

/** Tabs by status, with the number of jobs in each. */
export function StatusTabs({ query, counts }: { query: JobQuery; counts: Counts | null }) {
  return (
    <nav className="tabs" aria-label="Jobs by status">
      {(Object.keys(TABS) as Tab[]).map((tab) => (
        <Link
          key={tab}
          href={listUrl({ ...query, tab })}
          className="tab"
          aria-current={tab === query.tab ? 'page' : undefined}
        >
          {NAMES[tab]} <span className="tab-count">{counts && formatCount(countForTab(counts, tab))}</span>
        </Link>
      ))}
    </nav>
  );
}

import { Link } from 'wouter';
import { formatCount } from '../format/numbers.ts';
import { type Counts, countOfTab } from './job-counts.ts';
import { addressOf, type JobQuery, type Tab, TABS } from './job-query.ts';

const NAMES: Readonly<Record<Tab, string>> = {
  all: 'All',
  active: 'Active',
  completed: 'Completed',
  stopped: 'Stopped',
  failed: 'Failed',
};

/** The jobs by how they are, each with how many there are. */
export function StatusTabs({ query, counts }: { query: JobQuery; counts: Counts | null }) {
  return (
    <nav className="tabs" aria-label="Jobs by status">
      {(Object.keys(TABS) as Tab[]).map((tab) => (
        <Link
          key={tab}
          href={addressOf({ ...query, tab })}
          className="tab"
          aria-current={tab === query.tab ? 'page' : undefined}
        >
          {NAMES[tab]} <span className="tab-count">{counts && formatCount(countOfTab(counts, tab))}</span>
        </Link>
      ))}
    </nav>
  );
}

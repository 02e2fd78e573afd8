import { useEffect } from 'react';
import { Link } from 'wouter';
import { ReadOnlyNote } from '../access/read-only-note.tsx';
import { useRights } from '../access/rights.ts';
import { usePageTitle } from '../layout/page-title.ts';
import { useStore } from '../live/store.ts';
import { FilterBar } from './filter-bar.tsx';
import { useJobList } from './use-job-list.ts';
import { JobTable } from './job-table.tsx';
import { listUrl, type JobQuery } from './job-query.ts';
import { SelectionBar } from './selection-bar.tsx';
import { StatusTabs } from './status-tabs.tsx';
import './jobs.css';

/** The live list of all jobs. */
export function JobsPage() {
  usePageTitle('Jobs');
  const { list, query } = useJobList();
  const { counts, length, isLoading, problem, isOutdated } = useStore(list.view);
  useEffect(() => list.follow(), [list]);
  return (
    <>
      <div className="page-head">
        <h1>Jobs</h1>
        <StatusTabs query={query} counts={counts} />
      </div>
      <FilterBar query={query} />
      {problem !== null && <p className="notice bad">{problem}</p>}
      {isOutdated && (
        <p className="notice jobs-outdated">
          The order is out of date.{' '}
          <button type="button" className="button small" onClick={list.reload}>
            Sort again
          </button>
        </p>
      )}
      {!isLoading && problem === null && length === 0 ? <EmptyList query={query} /> : <JobTable list={list} />}
      <SelectionBar />
    </>
  );
}

function EmptyList({ query }: { query: JobQuery }) {
  const { canStart } = useRights();
  const isFiltered = listUrl({ ...query, order: 'newest' }) !== '/';
  return (
    <div className="card jobs-empty">
      {isFiltered ? (
        <>
          <h2>No job matches</h2>
          <p>
            <Link href="/">Show all jobs</Link>
          </p>
        </>
      ) : (
        <>
          <h2>No jobs yet</h2>
          {canStart ? (
            <>
              <p>Select a table, start a training, and watch its metrics live.</p>
              <p>
                <Link href="/start" className="button primary">
                  Start the first training
                </Link>
              </p>
            </>
          ) : (
            <ReadOnlyNote />
          )}
        </>
      )}
    </div>
  );
}

import { useEffect } from 'react';
import { Link } from 'wouter';
import { usePageTitle } from '../layout/page-title.ts';
import { useStore } from '../live/store.ts';
import { FilterBar } from './filter-bar.tsx';
import { useJobList } from './job-lists.ts';
import { JobTable } from './job-table.tsx';
import { addressOf, type JobQuery } from './job-query.ts';
import { SelectionBar } from './selection-bar.tsx';
import { StatusTabs } from './status-tabs.tsx';
import './jobs.css';

/** Every job, live. */
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
          Things have changed since this list was sorted.{' '}
          <button type="button" className="button small" onClick={list.reload}>
            Sort again
          </button>
        </p>
      )}
      {!isLoading && problem === null && length === 0 ? <Nothing query={query} /> : <JobTable list={list} />}
      <SelectionBar />
    </>
  );
}

function Nothing({ query }: { query: JobQuery }) {
  const isFiltered = addressOf({ ...query, order: 'newest' }) !== '/';
  return (
    <div className="card jobs-nothing">
      {isFiltered ? (
        <>
          <h2>No job is like that</h2>
          <p>
            <Link href="/">Show all jobs</Link>
          </p>
        </>
      ) : (
        <>
          <h2>No training yet</h2>
          <p>Pick a table, press one button, and watch a model learn.</p>
          <p>
            <Link href="/start" className="button primary">
              Start the first training
            </Link>
          </p>
        </>
      )}
    </div>
  );
}

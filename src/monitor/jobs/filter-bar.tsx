import { useEffect, useRef } from 'react';
import { useLocation } from 'wouter';
import { Icon } from '../layout/icon.tsx';
import { listUrl, type JobQuery, type Order, parseJobQuery } from './job-query.ts';

const ORDER_NAMES: Readonly<Record<Order, string>> = {
  newest: 'Newest first',
  oldest: 'Oldest first',
  ended: 'Recently ended first',
  name: 'Name',
  progress: 'Most progress first',
  score: 'Best score first',
};

/** Delay after the last keystroke before the list reloads, ms. */
const SEARCH_DELAY_MS = 200;

/** Search, filters by tag and group, and order of the list. The URL has all of them. */
export function FilterBar({ query }: { query: JobQuery }) {
  const [, navigate] = useLocation();
  const search = useRef<HTMLInputElement>(null);
  const typing = useRef<ReturnType<typeof setTimeout>>(undefined);
  // Reads the current URL: it may have changed while the user typed.
  const change = (what: Partial<JobQuery>) =>
    navigate(listUrl({ ...parseJobQuery(location.search), ...what }), { replace: true });

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== '/' || event.target instanceof HTMLInputElement) return;
      event.preventDefault();
      search.current?.focus();
    };
    addEventListener('keydown', onKey);
    return () => {
      removeEventListener('keydown', onKey);
      clearTimeout(typing.current);
    };
  }, []);

  // Follows changes of the URL by other means: the back button, a tab, a link.
  useEffect(() => {
    if (search.current && search.current !== document.activeElement) search.current.value = query.text;
  }, [query.text]);

  return (
    <div className="filters" role="search">
      <label className="filter-text">
        <span className="visually-hidden">Search names, tags, notes, datasets and ids (press /)</span>
        <Icon name="search" />
        <input
          ref={search}
          type="search"
          placeholder="Search"
          defaultValue={query.text}
          onChange={({ target }) => {
            clearTimeout(typing.current);
            typing.current = setTimeout(() => change({ text: target.value }), SEARCH_DELAY_MS);
          }}
        />
      </label>
      {(['tag', 'group'] as const).map(
        (what) =>
          query[what] !== '' && (
            <button key={what} type="button" className="button tag-filter" onClick={() => change({ [what]: '' })}>
              <span className="visually-hidden">Remove the filter for the {what} </span>
              {query[what]}
              <Icon name="close" />
            </button>
          ),
      )}
      <label className="filter-order">
        <span className="visually-hidden">Order</span>
        <select value={query.order} onChange={({ target }) => change({ order: target.value as Order })}>
          {Object.entries(ORDER_NAMES).map(([order, name]) => (
            <option key={order} value={order}>
              {name}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

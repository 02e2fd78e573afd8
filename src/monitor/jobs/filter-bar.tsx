import { useEffect, useRef } from 'react';
import { useLocation } from 'wouter';
import { Icon } from '../layout/icon.tsx';
import { addressOf, type JobQuery, type Order, parseJobQuery } from './job-query.ts';

const ORDER_NAMES: Readonly<Record<Order, string>> = {
  newest: 'Newest first',
  oldest: 'Oldest first',
  ended: 'Ended last first',
  name: 'By name',
  progress: 'Furthest first',
  val_loss: 'Lowest validation loss',
  loss: 'Lowest training loss',
};

/** How long somebody may pause between two letters before the list follows, ms. */
const TYPING_MS = 200;

/** What narrows the list down. All of it goes into the address. */
export function FilterBar({ query }: { query: JobQuery }) {
  const [, navigate] = useLocation();
  const search = useRef<HTMLInputElement>(null);
  const typing = useRef<ReturnType<typeof setTimeout>>(undefined);
  // Of the address as it is then: while somebody types it may have changed by other means.
  const change = (what: Partial<JobQuery>) =>
    navigate(addressOf({ ...parseJobQuery(location.search), ...what }), { replace: true });

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

  // Also when the address changes by other means than typing: back, a tab, a link.
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
            typing.current = setTimeout(() => change({ text: target.value }), TYPING_MS);
          }}
        />
      </label>
      {query.tag !== '' && (
        <button type="button" className="button tag-filter" onClick={() => change({ tag: '' })}>
          <span className="visually-hidden">Show also jobs without the tag </span>
          {query.tag}
          <Icon name="close" />
        </button>
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

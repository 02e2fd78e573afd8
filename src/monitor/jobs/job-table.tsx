import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState, useSyncExternalStore } from 'react';
import { useSession } from '../live/session-context.ts';
import { useStore } from '../live/store.ts';
import { createLastOpened } from './last-opened.ts';
import { JobRow, RowPlaceholder } from './job-row.tsx';
import type { JobList } from './job-list.ts';

const NARROW = '(max-width: 48rem)';
const ROW_HEIGHT = 60;
const NARROW_ROW_HEIGHT = 124;

/** The table of jobs. Only visible rows are in the document, and each subscribes to its own job. */
export function JobTable({ list }: { list: JobList }) {
  const { length } = useStore(list.view);
  const isNarrow = useSyncExternalStore(subscribeNarrow, () => matchMedia(NARROW).matches);
  const height = isNarrow ? NARROW_ROW_HEIGHT : ROW_HEIGHT;
  const table = useRef<HTMLDivElement>(null);
  const [margin, setMargin] = useState(0);
  useLayoutEffect(() => setMargin(table.current?.offsetTop ?? 0), [isNarrow]);

  const virtualizer = useWindowVirtualizer({
    count: length,
    estimateSize: () => height,
    overscan: 6,
    scrollMargin: margin,
    // Renders once per frame instead of once per scroll event.
    useFlushSync: false,
    getItemKey: (index) => list.idAt(index) ?? index,
  });
  useEffect(() => virtualizer.measure(), [virtualizer, height]);
  useFirstRow();
  useReturnedFocus(length);
  const items = virtualizer.getVirtualItems();
  const lastVisible = items.at(-1)?.index ?? 0;
  useEffect(() => list.loadUpTo(lastVisible + 1), [list, lastVisible, length]);

  return (
    <div className="card job-table" role="table" aria-label="Jobs" aria-rowcount={length + 1} onKeyDown={onKey}>
      <div role="rowgroup">
        <div className="job-row job-head" role="row" aria-rowindex={1}>
          {['Select', 'Job', 'Status', 'Progress', 'Score', 'Time'].map((name) => (
            <span key={name} role="columnheader">
              {name === 'Select' ? <span className="visually-hidden">{name}</span> : name}
            </span>
          ))}
        </div>
      </div>
      <div ref={table} role="rowgroup" className="job-rows" style={{ height: virtualizer.getTotalSize() }}>
        {items.map(({ index, key, start }) => {
          const id = list.idAt(index);
          const place = { index, top: start - margin, height };
          return id === undefined ? (
            <RowPlaceholder key={key} {...place} />
          ) : (
            <JobRow key={key} id={id} rows={list.rows} {...place} />
          );
        })}
      </div>
    </div>
  );
}

function subscribeNarrow(listener: () => void): () => void {
  const media = matchMedia(NARROW);
  media.addEventListener('change', listener);
  return () => media.removeEventListener('change', listener);
}

/** Arrow up and down move the focus between jobs, and Space selects the focused one. */
function onKey(event: KeyboardEvent<HTMLDivElement>): void {
  const row = document.activeElement?.closest('[role="row"]');
  if (!row?.matches('.job-rows > *')) return;
  if (event.key === ' ' && document.activeElement?.matches('a.job-name')) {
    event.preventDefault();
    row.querySelector<HTMLElement>('input[type=checkbox]')?.click();
  }
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  const rows = rowsOf(event.currentTarget);
  const next = rows[rows.indexOf(row) + (event.key === 'ArrowDown' ? 1 : -1)];
  const link = next?.querySelector<HTMLElement>('a.job-name');
  if (!link) return;
  event.preventDefault();
  link.focus();
}

/** The rows in the document, in the order of the list. */
function rowsOf(table: Element): Element[] {
  return [...table.querySelectorAll('.job-rows > *')].sort(
    (a, b) => Number(a.getAttribute('aria-rowindex')) - Number(b.getAttribute('aria-rowindex')),
  );
}

/** Without a focused control, arrow down starts at the first job in view. */
function useFirstRow(): void {
  useEffect(() => {
    const onArrow = (event: globalThis.KeyboardEvent) => {
      const { activeElement } = document;
      if (event.key !== 'ArrowDown' || (activeElement !== document.body && activeElement?.id !== 'main')) return;
      const table = document.querySelector('.job-table');
      const first = table && rowsOf(table).find((row) => row.getBoundingClientRect().top >= 0);
      const link = first?.querySelector<HTMLElement>('a.job-name');
      if (!link) return;
      event.preventDefault();
      link.focus();
    };
    addEventListener('keydown', onArrow);
    return () => removeEventListener('keydown', onArrow);
  }, []);
}

/** Returns the focus to the job that the user comes back from. */
function useReturnedFocus(length: number): void {
  const lastOpened = useSession().getOrCreate(createLastOpened);
  useEffect(() => {
    if (lastOpened.id === null || length === 0) return;
    // After the change of the page, which moves the focus to its content.
    const frame = requestAnimationFrame(() => {
      const { activeElement } = document;
      if (activeElement === document.body || activeElement?.id === 'main') {
        document.querySelector<HTMLElement>(`.job-table a.job-name[href="/jobs/${lastOpened.id ?? ''}"]`)?.focus();
      }
      lastOpened.id = null;
    });
    return () => cancelAnimationFrame(frame);
  }, [lastOpened, length]);
}

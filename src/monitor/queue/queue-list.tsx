import { type KeyboardEvent, useLayoutEffect, useRef, useState } from 'react';
import type { WaitingJobFragment } from '../graphql/graphql.ts';
import { useSession } from '../live/session-context.ts';
import { useAction } from '../live/use-action.ts';
import type { LiveQueue } from './live-queue.ts';
import { moveTo } from './move.ts';
import { MoveJobDocument } from './operations.ts';
import { QueueRow } from './queue-row.tsx';
import { type DropPlace, useDrag } from './use-drag.ts';

/** The waiting jobs in order. Dragging, buttons and Alt with an arrow key move them. */
export function QueueList({ jobs, live }: { jobs: readonly WaitingJobFragment[]; live: LiveQueue }) {
  const session = useSession();
  const list = useRef<HTMLOListElement>(null);
  const [moved, setMoved] = useState('');
  const keepFocus = useKeptFocus();
  const ids = jobs.map(({ id }) => id);

  const change = useAction(async (id: string, to: number) => {
    const move = moveTo(ids, id, to);
    if (move === null) return null;
    keepFocus();
    const answer = session.mutate(MoveJobDocument, { input: move });
    live.showMove(move, answer);
    const { moveJob: result } = await answer;
    if ('message' in result) return result.message;
    const job = jobs.find((each) => each.id === id);
    setMoved(`${job?.name ?? id} moved.`);
    return null;
  });

  const drag = useDrag((id: string, { id: target, side }: DropPlace) => {
    const others = ids.filter((other) => other !== id);
    change.run(id, others.indexOf(target) + (side === 'AFTER' ? 1 : 0));
  });

  function onKey(event: KeyboardEvent): void {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const rows = [...(list.current?.children ?? [])];
    const index = rows.findIndex((row) => row.contains(document.activeElement));
    if (step === undefined || index === -1) return;
    event.preventDefault();
    if (event.altKey) change.run(ids[index] ?? '', index + step);
    else rows[index + step]?.querySelector<HTMLElement>('a')?.focus();
  }

  return (
    <>
      {change.error !== null && (
        <p className="notice bad" role="alert">
          {change.error}
        </p>
      )}
      <p className="visually-hidden" role="status">
        {moved}
      </p>
      <ol ref={list} className="card queue-list" aria-label="Waiting jobs in order" onKeyDown={onKey}>
        {jobs.map((job, index) => (
          <QueueRow
            key={job.id}
            job={job}
            isFirst={index === 0}
            isLast={index === jobs.length - 1}
            isBusy={change.isBusy}
            drag={drag}
            onMove={(to) => change.run(job.id, to === 'FIRST' ? 0 : index + (to === 'UP' ? -1 : 1))}
          />
        ))}
      </ol>
    </>
  );
}

/** Browsers drop the focus of an element that moves in the document: returns a function that keeps it over the next change. */
function useKeptFocus(): () => void {
  const kept = useRef<Element | null>(null);
  useLayoutEffect(() => {
    if (kept.current instanceof HTMLElement && kept.current.isConnected) kept.current.focus();
    kept.current = null;
  });
  return () => {
    kept.current = document.activeElement;
  };
}

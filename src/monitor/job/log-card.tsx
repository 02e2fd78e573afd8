import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState } from 'react';
import { formatTime } from '../format/times.ts';
import { DownloadLink } from '../live/download-link.tsx';
import { useSession } from '../live/session-context.ts';
import { useStore } from '../live/store.ts';
import { createJobLog } from './job-log.ts';

const LINE_HEIGHT = 20;

/** The log of a job. It scrolls to new lines until the user scrolls up. */
export function LogCard({ id, attempt, hasEnded }: { id: string; attempt: number; hasEnded: boolean }) {
  const session = useSession();
  const log = useMemo(() => createJobLog(session, id), [session, id]);
  useEffect(() => log.follow(), [log, attempt]);
  const lines = useStore(log.lines);
  const box = useRef<HTMLDivElement>(null);
  const [isAtEnd, setAtEnd] = useState(true);
  const virtualizer = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: () => LINE_HEIGHT,
    overscan: 20,
    getItemKey: (index) => lines[index]?.number ?? index,
  });
  useEffect(() => {
    if (isAtEnd && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [lines, isAtEnd]);

  return (
    <section className="card log" aria-labelledby="log-title">
      <div className="log-head">
        <h2 id="log-title">Log</h2>
        <DownloadLink address={`/jobs/${id}/log`}>Download log</DownloadLink>
        <label>
          <input type="checkbox" checked={isAtEnd} onChange={() => setAtEnd(!isAtEnd)} /> Follow new lines
        </label>
      </div>
      <div
        ref={box}
        className="log-box"
        role="log"
        aria-live="off"
        aria-label="Output of the training"
        tabIndex={0}
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) =>
          setAtEnd(scrollHeight - scrollTop - clientHeight < LINE_HEIGHT)
        }
      >
        {lines.length === 0 && <p className="hint">{hasEnded ? 'The log is empty.' : 'No log lines yet.'}</p>}
        <div style={{ height: virtualizer.getTotalSize(), position: 'relative' }}>
          {virtualizer.getVirtualItems().map(({ index, key, start }) => {
            const line = lines[index];
            return (
              <div
                key={key}
                className="log-line"
                data-stream={line?.stream}
                style={{ transform: `translateY(${start}px)` }}
              >
                {line && <time dateTime={line.at}>{formatTime(line.at)}</time>}
                <span>{line?.text}</span>
              </div>
            );
          })}
        </div>
      </div>
    </section>
  );
}

import type { LogOfJobSubscription } from '../graphql/graphql.ts';
import { batchByFrame } from '../live/batch-by-frame.ts';
import type { Session } from '../live/session.ts';
import { createStore, type Store } from '../live/store.ts';
import { LogDocument } from './operations.ts';

/** Lines that the page asks for when it comes, and the most that it keeps. */
const LAST = 500;
const KEPT = 5000;

type LogLine = LogOfJobSubscription['jobLog']['lines'][number];

/** A line with its number, by which it is known while older ones fall away. */
export type NumberedLine = LogLine & { readonly number: number };

/** What a job prints, live. */
export interface JobLog {
  readonly lines: Store<readonly NumberedLine[]>;
  /** Reads on from where it was left. Returns what ends it. */
  follow(): () => void;
}

export function createJobLog(session: Session, id: string): JobLog {
  const lines = createStore<readonly NumberedLine[]>([]);
  let count = 0;
  let after: string | undefined;
  const batch = batchByFrame<number, LogLine>((more) => {
    const numbered = more.map((line) => ({ ...line, number: ++count }));
    lines.set([...lines.get(), ...numbered].slice(-KEPT));
  });
  let arrived = 0;
  return {
    lines,
    follow() {
      const leave = session.watch(
        LogDocument,
        // An end of the job ends the feed; a new attempt goes on behind it.
        after === undefined ? { id, last: LAST } : { id, after },
        ({ jobLog: page }) => {
          after = page.cursor;
          if (page.gap) {
            // Not a continuation of what is shown, for example because the log was rotated away.
            batch.flush();
            lines.set([]);
          }
          for (const line of page.lines) batch.add(++arrived, line);
        },
      );
      return () => {
        leave();
        batch.flush();
      };
    },
  };
}

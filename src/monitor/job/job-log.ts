import type { LogOfJobSubscription } from '../graphql/graphql.ts';
import { batchByFrame } from '../live/batch-by-frame.ts';
import type { Session } from '../live/session.ts';
import { createStore, type Store } from '../live/store.ts';
import { LogDocument } from './operations.ts';

/** Lines that the page requests when it opens, and the maximum that it keeps. */
const INITIAL_LINES = 500;
const MAX_LINES = 5000;

type LogLine = LogOfJobSubscription['jobLog']['lines'][number];

/** A line with a number that stays the same when older lines are dropped. */
export type NumberedLine = LogLine & { readonly number: number };

/** The live log of a job. */
export interface JobLog {
  readonly lines: Store<readonly NumberedLine[]>;
  /** Continues after the last line that was read. Returns a function that stops it. */
  follow(): () => void;
}

export function createJobLog(session: Session, id: string): JobLog {
  const lines = createStore<readonly NumberedLine[]>([]);
  let count = 0;
  let after: string | undefined;
  const batch = batchByFrame<number, LogLine>((more) => {
    const numbered = more.map((line) => ({ ...line, number: ++count }));
    lines.set([...lines.get(), ...numbered].slice(-MAX_LINES));
  });
  let arrived = 0;
  return {
    lines,
    follow() {
      const unsubscribe = session.subscribe(
        LogDocument,
        // The feed completes when the job ends. A new attempt appends to the same log.
        after === undefined ? { id, last: INITIAL_LINES } : { id, after },
        ({ jobLog: page }) => {
          after = page.cursor;
          if (page.gap) {
            // The lines do not follow those on the page, for example because the log was rotated.
            batch.flush();
            lines.set([]);
          }
          for (const line of page.lines) batch.add(++arrived, line);
        },
      );
      return () => {
        unsubscribe();
        batch.flush();
      };
    },
  };
}

import { setImmediate as nextTurn } from 'node:timers/promises';

/** Sizes that a measurement applies before other work of the event loop gets its turn. */
const SLICE = 1_000;

/** Running totals of what is stored, of each user and of all. Everything but a measurement takes constant time. */
export interface StoredBytes {
  readonly total: number;
  /** Bytes of one user. */
  of(user: string): number;
  /** Whether a thing is known. */
  has(key: string): boolean;
  /** Sets the size of one thing: a job, a dataset, or an upload in progress. */
  set(key: string, user: string | null, bytes: number): void;
  delete(key: string): void;
  /**
   * Starts a measurement. Its sizes replace all earlier ones, except those of things that change while it runs: what a measurement
   * read of them may be out of date.
   */
  startMeasurement(): Measurement;
}

export interface Measurement {
  /** Adds the size of one file to the thing that it belongs to. */
  add(key: string, bytes: number): void;
  /**
   * Applies the sizes, in slices. Things that change meanwhile keep their newer size.
   * @param userOf whom a thing counts for; null for no user, so that it counts in the total only
   */
  apply(userOf: (key: string) => string | null): Promise<void>;
}

interface Entry {
  readonly user: string | null;
  readonly bytes: number;
}

export function createStoredBytes(): StoredBytes {
  const entries = new Map<string, Entry>();
  const byUser = new Map<string, number>();
  let total = 0;
  /** Keys that have changed since the measurement in progress began; null without a measurement. */
  let changed: Set<string> | null = null;

  function count({ user, bytes }: Entry, sign: 1 | -1): void {
    total += sign * bytes;
    if (user === null) return;
    const ofUser = (byUser.get(user) ?? 0) + sign * bytes;
    if (ofUser > 0) byUser.set(user, ofUser);
    else byUser.delete(user);
  }

  function replace(key: string, entry: Entry | undefined): void {
    const before = entries.get(key);
    if (before) count(before, -1);
    if (entry) {
      entries.set(key, entry);
      count(entry, 1);
    } else entries.delete(key);
  }

  return {
    get total() {
      return total;
    },
    of: (user) => byUser.get(user) ?? 0,
    has: (key) => entries.has(key),
    set(key, user, bytes) {
      changed?.add(key);
      replace(key, { user, bytes });
    },
    delete(key) {
      changed?.add(key);
      replace(key, undefined);
    },
    startMeasurement() {
      const meanwhile = new Set<string>();
      changed = meanwhile;
      const sizes = new Map<string, number>();
      return {
        add: (key, bytes) => void sizes.set(key, (sizes.get(key) ?? 0) + bytes),
        async apply(userOf) {
          let applied = 0;
          for (const [key, bytes] of sizes) {
            if (!meanwhile.has(key)) replace(key, { user: userOf(key), bytes });
            if (++applied % SLICE === 0) await nextTurn();
          }
          for (const key of entries.keys()) {
            if (!sizes.has(key) && !meanwhile.has(key)) replace(key, undefined);
            if (++applied % SLICE === 0) await nextTurn();
          }
          if (changed === meanwhile) changed = null;
        },
      };
    },
  };
}

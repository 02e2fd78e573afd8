import { firstIndex } from './first-index.ts';

/** Entries in the order of a comparison. Finding one takes logarithmic time; adding and removing also move the entries behind it. */
export interface SortedList<Entry> {
  /** Adds an entry. Two entries that compare as equal must be the same one. */
  add(entry: Entry): void;
  /** Removes an entry, if it is there. Its place must not have changed since it was added. */
  remove(entry: Entry): void;
  /** From 0; -1 if it is not there. */
  indexOf(entry: Entry): number;
  at(index: number): Entry | undefined;
  readonly length: number;
  /** The entries in order, not a copy. */
  readonly entries: readonly Entry[];
}

/** @param compare negative if the first argument comes first, 0 only for the same entry */
export function createSortedList<Entry>(compare: (a: Entry, b: Entry) => number): SortedList<Entry> {
  const entries: Entry[] = [];

  /** Number of entries before `entry`. */
  function rank(entry: Entry): number {
    return firstIndex(entries.length, (index) => compare(entries[index] as Entry, entry) >= 0);
  }

  function indexOf(entry: Entry): number {
    const index = rank(entry);
    const found = entries[index];
    return found !== undefined && compare(found, entry) === 0 ? index : -1;
  }

  return {
    add: (entry) => void entries.splice(rank(entry), 0, entry),
    remove(entry) {
      const index = indexOf(entry);
      if (index !== -1) entries.splice(index, 1);
    },
    indexOf,
    at: (index) => entries[index],
    get length() {
      return entries.length;
    },
    entries,
  };
}

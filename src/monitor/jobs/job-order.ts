import type { JobOrderField, JobRowFragment } from '../graphql/graphql.ts';

/** The ids of the loaded rows in order: the start of the list. */
export interface RowOrder {
  readonly length: number;
  at(index: number): string | undefined;
  /** Appends a page. Ids that are already present (the rows have moved) keep their position. */
  append(ids: readonly string[]): void;
  /** Inserts a row at its position. Returns false when it is present, or when its position is after the loaded rows. */
  insert(row: JobRowFragment, isNew: boolean): boolean;
  remove(id: string): boolean;
  clear(): void;
}

/**
 * Keeps rows ordered by creation time, in the direction of `byCreation`. With any other order new rows come first and no row moves: a list
 * must not reorder itself while a user reads it.
 */
export function createRowOrder(
  byCreation: 'ASC' | 'DESC' | null,
  rowOf: (id: string) => JobRowFragment | undefined,
  isComplete: () => boolean,
): RowOrder {
  let ids: string[] = [];
  let known = new Set<string>();

  function comesFirst(a: JobRowFragment, b: JobRowFragment): boolean {
    const isOlder = a.createdAt === b.createdAt ? a.id < b.id : a.createdAt < b.createdAt;
    return byCreation === 'ASC' ? isOlder : !isOlder;
  }

  return {
    get length() {
      return ids.length;
    },
    at: (index) => ids[index],
    append(more) {
      for (const id of more) {
        if (known.has(id)) continue;
        known.add(id);
        ids.push(id);
      }
    },
    insert(row, isNew) {
      if (known.has(row.id)) return false;
      let low = 0;
      if (byCreation === null) {
        if (!isNew && !isComplete()) return false;
      } else {
        let high = ids.length;
        while (low < high) {
          const middle = (low + high) >>> 1;
          const other = rowOf(ids[middle] ?? '');
          if (other && comesFirst(other, row)) low = middle + 1;
          else high = middle;
        }
        if (low === ids.length && !isComplete()) return false;
      }
      known.add(row.id);
      ids.splice(low, 0, row.id);
      return true;
    },
    remove(id) {
      if (!known.delete(id)) return false;
      ids.splice(ids.indexOf(id), 1);
      return true;
    },
    clear() {
      ids = [];
      known = new Set();
    },
  };
}

/** Whether a change may move a job in an order that the list does not maintain. */
export function mayMove(field: JobOrderField, before: JobRowFragment | undefined, after: JobRowFragment): boolean {
  switch (field) {
    case 'CREATED_AT':
      return false;
    case 'NAME':
      return before?.name !== after.name;
    case 'ENDED_AT':
      return before?.finishedAt !== after.finishedAt;
    case 'PROGRESS':
    case 'SCORE':
    case 'METRIC':
    case 'QUEUE_POSITION':
      return true;
    default:
      return field satisfies never;
  }
}

/** Values by key, each with its own listeners: a change of one row renders no other row. */
export interface RowStore<Row> {
  get(key: string): Row | undefined;
  subscribe(key: string, listener: () => void): () => void;
  set(key: string, row: Row): void;
  remove(key: string): void;
}

export function createRowStore<Row>(): RowStore<Row> {
  const rows = new Map<string, Row>();
  const listeners = new Map<string, Set<() => void>>();
  const notify = (key: string) => {
    for (const listener of listeners.get(key) ?? []) listener();
  };
  return {
    get: (key) => rows.get(key),
    subscribe(key, listener) {
      const others = listeners.get(key) ?? new Set();
      listeners.set(key, others.add(listener));
      return () => {
        others.delete(listener);
        if (others.size === 0 && listeners.get(key) === others) listeners.delete(key);
      };
    },
    set(key, row) {
      rows.set(key, row);
      notify(key);
    },
    remove(key) {
      if (rows.delete(key)) notify(key);
    },
  };
}

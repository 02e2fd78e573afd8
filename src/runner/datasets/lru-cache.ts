/** A cache that drops the least recently used entries. */
export interface LruCache<Value> {
  get(key: string): Value | undefined;
  /** @param size the size of this entry, in the unit of `maxSize` */
  set(key: string, value: Value, size: number): void;
}

/** Keeps at most `maxEntries` entries with a total size of at most `maxSize`. */
export function createLruCache<Value>(maxEntries: number, maxSize: number): LruCache<Value> {
  /** The least recently used entry first. */
  const entries = new Map<string, { readonly value: Value; readonly size: number }>();
  let total = 0;

  function remove(key: string): void {
    total -= entries.get(key)?.size ?? 0;
    entries.delete(key);
  }

  return {
    get(key) {
      const found = entries.get(key);
      if (!found) return undefined;
      entries.delete(key);
      entries.set(key, found);
      return found.value;
    },
    set(key, value, size) {
      remove(key);
      entries.set(key, { value, size });
      total += size;
      for (const oldest of entries.keys()) {
        if (entries.size <= maxEntries && total <= maxSize) break;
        remove(oldest);
      }
    },
  };
}

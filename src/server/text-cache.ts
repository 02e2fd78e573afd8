/** Caches values that are texts or derived from texts, within a bound of characters. */
export interface TextCache<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
}

/**
 * Creates a cache that evicts the least recently used entries first.
 * @param maxCharacters of all texts together. A text of more than a tenth of it is not cached.
 * @param textOf the text that an entry counts with
 */
export function createTextCache<Value>(
  maxCharacters: number,
  textOf: (key: string, value: Value) => string,
): TextCache<Value> {
  // A Map keeps the order of insertion: the first entry is the least recently used one.
  const entries = new Map<string, Value>();
  let characters = 0;

  function evict(key: string): void {
    const value = entries.get(key);
    if (value === undefined) return;
    entries.delete(key);
    characters -= textOf(key, value).length;
  }

  function set(key: string, value: Value): void {
    evict(key);
    const { length } = textOf(key, value);
    if (length > maxCharacters / 10) return;
    entries.set(key, value);
    characters += length;
    for (const oldest of entries.keys()) {
      if (characters <= maxCharacters) break;
      evict(oldest);
    }
  }

  return {
    get(key) {
      const value = entries.get(key);
      if (value !== undefined) set(key, value);
      return value;
    },
    set,
  };
}

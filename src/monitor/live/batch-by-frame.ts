/** Gathers what comes between two frames, and hands it over once: of each key only the newest, in the order in which keys came. */
export interface FrameBatch<Key, Item> {
  add(key: Key, item: Item): void;
  /** Hands over what waits, now. */
  flush(): void;
  /** Forgets what waits. */
  clear(): void;
}

/**
 * A hidden page has no frames. What comes then waits until it is shown: no more than there are keys.
 */
export function batchByFrame<Key, Item>(handOver: (items: readonly Item[]) => void): FrameBatch<Key, Item> {
  const waiting = new Map<Key, Item>();
  let frame: number | undefined;

  function flush(): void {
    const items = [...waiting.values()];
    clear();
    if (items.length > 0) handOver(items);
  }

  function clear(): void {
    if (frame !== undefined) cancelAnimationFrame(frame);
    frame = undefined;
    waiting.clear();
  }

  return {
    flush,
    clear,
    add(key, item) {
      waiting.set(key, item);
      frame ??= requestAnimationFrame(flush);
    },
  };
}

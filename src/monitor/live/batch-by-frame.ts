/** Collects the items of one animation frame: the newest item of each key, in the order in which keys arrived. */
export interface FrameBatch<Key, Item> {
  add(key: Key, item: Item): void;
  /** Delivers pending items now. */
  flush(): void;
  /** Discards pending items. */
  clear(): void;
}

/**
 * Delivers items once per animation frame. A hidden page has no frames: items then wait until the page is visible, at most one for each key.
 */
export function batchByFrame<Key, Item>(onBatch: (items: readonly Item[]) => void): FrameBatch<Key, Item> {
  const pending = new Map<Key, Item>();
  let frame: number | undefined;

  function flush(): void {
    const items = [...pending.values()];
    clear();
    if (items.length > 0) onBatch(items);
  }

  function clear(): void {
    if (frame !== undefined) cancelAnimationFrame(frame);
    frame = undefined;
    pending.clear();
  }

  return {
    flush,
    clear,
    add(key, item) {
      pending.set(key, item);
      frame ??= requestAnimationFrame(flush);
    },
  };
}

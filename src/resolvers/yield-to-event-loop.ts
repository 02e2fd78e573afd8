/** Maximum time that a consumer blocks the event loop before it yields, ms. */
const TIME_SLICE_MS = 3;
/** Up to this many entries are given at once: yielding would take longer. */
const FEW = 256;
/** Number of entries between two checks of the time. */
const ENTRIES_PER_CHECK = 32;

/** The newest request to yield. */
let lastYield: Promise<unknown> = Promise.resolve();

/** Resolves in a later round of the event loop. One consumer continues in each round, so there is one queue for the whole process. */
function yieldOnce(): Promise<unknown> {
  lastYield = lastYield.then(() => new Promise((resolve) => setImmediate(resolve)));
  return lastYield;
}

/** Iterates over the same entries. If there are many, yields to the event loop every few milliseconds, so that other requests run. */
export function yieldToEventLoop<Entry>(entries: Iterable<Entry> & { readonly length: number }): AsyncIterable<Entry> {
  const isShort = entries.length <= FEW;
  const iterator = entries[Symbol.iterator]();
  let given = 0;
  let sliceEnd = -Infinity;
  // Not an async generator: its promises for each entry would cost as much as the work on it.
  const next = (): IteratorResult<Entry> | Promise<IteratorResult<Entry>> => {
    const isOver = given++ % ENTRIES_PER_CHECK === 0 && performance.now() > sliceEnd;
    const entry = iterator.next();
    // Also after the last entry: what follows works on all of them.
    if (isShort || (!isOver && entry.done !== true)) return entry;
    return yieldOnce().then(() => {
      sliceEnd = performance.now() + TIME_SLICE_MS;
      return entry;
    });
  };
  return { [Symbol.asyncIterator]: () => ({ next: next as () => Promise<IteratorResult<Entry>> }) };
}

/** How long one piece of work may go on before everything else has had its turn, ms. */
const TURN_MS = 4;
/** How many entries are given between two looks at the clock. */
const ENTRIES = 32;

/** The end of the newest turn that was asked for. */
let lastTurn: Promise<unknown> = Promise.resolve();

/**
 * The same entries, so that whoever works through them never holds up the event loop for long. Of all that do this at a time
 * only one has its turn between two rounds of the loop, however many they are; which is why there is one queue for the process.
 */
export function takeTurns<Entry>(entries: Iterable<Entry>): AsyncIterableIterator<Entry> {
  const iterator = entries[Symbol.iterator]();
  let given = 0;
  let turnEnds = -Infinity;
  // Not an async generator: its promise for each entry would cost as much as the work on it.
  const next = (): IteratorResult<Entry> | Promise<IteratorResult<Entry>> => {
    if (given++ % ENTRIES > 0 || performance.now() < turnEnds) return iterator.next();
    lastTurn = lastTurn.then(() => new Promise((resolve) => setImmediate(resolve)));
    return lastTurn.then(() => {
      turnEnds = performance.now() + TURN_MS;
      return iterator.next();
    });
  };
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: next as () => Promise<IteratorResult<Entry>>,
  };
}

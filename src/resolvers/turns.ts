/** How long one piece of work may go on before everything else has had its turn, ms. */
const TURN_MS = 3;
/** So many entries are given at once: to wait for a turn would take longer. */
const FEW = 256;
/** How many entries are given between two looks at the clock. */
const ENTRIES = 32;

/** The newest turn that was asked for. */
let lastTurn: Promise<unknown> = Promise.resolve();

/** Waits for a turn: of all who do, one goes on between two rounds of the event loop. Hence one queue for the process. */
function turn(): Promise<unknown> {
  lastTurn = lastTurn.then(() => new Promise((resolve) => setImmediate(resolve)));
  return lastTurn;
}

/** The same entries, so that whoever works through them does not hold up the event loop for long: many are given in turns. */
export function inTurns<Entry>(entries: Iterable<Entry> & { readonly length: number }): AsyncIterable<Entry> {
  const isShort = entries.length <= FEW;
  const iterator = entries[Symbol.iterator]();
  let given = 0;
  let turnEnds = -Infinity;
  // Not an async generator: its promises for each entry would cost as much as the work on it.
  const next = (): IteratorResult<Entry> | Promise<IteratorResult<Entry>> => {
    const isOver = given++ % ENTRIES === 0 && performance.now() > turnEnds;
    const entry = iterator.next();
    // What is done with all of them together gets a turn of its own, too.
    if (isShort || (!isOver && entry.done !== true)) return entry;
    return turn().then(() => {
      turnEnds = performance.now() + TURN_MS;
      return entry;
    });
  };
  return { [Symbol.asyncIterator]: () => ({ next: next as () => Promise<IteratorResult<Entry>> }) };
}

/** Lets a limited number of pieces of work start in each turn of the event loop, so that other work waits for few of them. */
export interface TurnLimit {
  /** Resolves when a piece of work may start, in the order of the calls; undefined if it may start at once. */
  enter(): Promise<void> | undefined;
}

export function createTurnLimit(limit: number): TurnLimit {
  const waiting: (() => void)[] = [];
  let started = 0;
  let isCounting = false;

  function start(): void {
    started += 1;
    if (isCounting) return;
    isCounting = true;
    setImmediate(nextTurn);
  }

  function nextTurn(): void {
    isCounting = false;
    started = 0;
    for (const resume of waiting.splice(0, limit)) {
      start();
      resume();
    }
  }

  return {
    enter() {
      if (started >= limit) return new Promise((resolve) => waiting.push(resolve));
      start();
      return undefined;
    },
  };
}

/** Does one piece of work after the other, in the order of the calls; one that fails does not hold up the next. */
export type InTurn = <Value>(work: () => Promise<Value>) => Promise<Value>;

export function createTurns(): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const done = last.then(work);
    last = done.catch(() => undefined);
    return done;
  };
}

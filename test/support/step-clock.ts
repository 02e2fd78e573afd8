import { onTestFinished } from 'vitest';

/** Steps the wall clock of this process until the test ends; timers and the monotonic clock continue, as when a machine's clock is set. */
export function stepClock(by: number): void {
  const real = Date.now;
  Date.now = () => real() + by;
  onTestFinished(() => {
    Date.now = real;
  });
}

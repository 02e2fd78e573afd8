/** Failed attempts of each address to authenticate, in a table of bounded size. */
export interface FailedAttempts {
  /** Counts one more failure. @returns the recent failures of the address, and the time to wait before the answer */
  add(address: string): { readonly count: number; readonly waitMs: number };
}

/** Failures of one address that are answered at once. */
const FREE = 5;
const FIRST_WAIT_MS = 100;
const MAX_WAIT_MS = 2_000;
/** One failure is forgotten after this time, ms. */
const FORGET_MS = 10_000;
/** A higher count would not increase the delay, and would take too long to decrease. */
const MAX_COUNT = 60;
/** The most addresses that are remembered; the one with the oldest failure is dropped first. */
const MAX_ADDRESSES = 10_000;

/** @param now the clock, ms */
export function createFailedAttempts(now: () => number = () => performance.now()): FailedAttempts {
  const known = new Map<string, { count: number; at: number }>();
  return {
    add(address) {
      const time = now();
      const before = known.get(address);
      const left = before ? Math.max(0, before.count - (time - before.at) / FORGET_MS) : 0;
      const count = Math.min(MAX_COUNT, left + 1);
      // Deleted first: the order of a Map is that of insertion.
      known.delete(address);
      known.set(address, { count, at: time });
      const [oldest] = known.keys();
      if (known.size > MAX_ADDRESSES && oldest !== undefined) known.delete(oldest);
      const recent = Math.ceil(count);
      const waitMs = recent <= FREE ? 0 : Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** (recent - FREE - 1));
      return { count: recent, waitMs };
    },
  };
}

/** Uses per minute: a token bucket for each user, which holds a minute's worth, and one for all together. */
export interface RateQuota {
  /**
   * Counts uses, all or none. A full bucket lets more uses through than it holds, and the next ones wait until it has refilled.
   * @param uses default: one
   * @returns 0, or the seconds to wait if the quota does not allow them; then nothing is counted
   */
  take(user: string, uses?: number): number;
}

const MINUTE_MS = 60_000;
/** Buckets that are remembered; full ones are dropped first, which changes nothing. */
const MAX_USERS = 10_000;

interface Bucket {
  left: number;
  at: number;
}

/**
 * @param total null for no limit on all users together
 * @param now the clock, ms
 */
export function createRateQuota(
  { perUser, total }: { readonly perUser: number; readonly total: number | null },
  now: () => number = () => performance.now(),
): RateQuota {
  const users = new Map<string, Bucket>();
  const all: Bucket | null = total === null ? null : { left: total, at: now() };

  function refill(bucket: Bucket, size: number): Bucket {
    const time = now();
    bucket.left = Math.min(size, bucket.left + ((time - bucket.at) * size) / MINUTE_MS);
    bucket.at = time;
    return bucket;
  }

  function bucketOf(user: string): Bucket {
    const known = users.get(user) ?? { left: perUser, at: now() };
    users.set(user, known);
    if (users.size > MAX_USERS) {
      for (const [name, bucket] of users)
        if (name !== user && refill(bucket, perUser).left >= perUser) users.delete(name);
      const [oldest] = users.keys();
      if (users.size > MAX_USERS && oldest !== undefined && oldest !== user) users.delete(oldest);
    }
    return refill(known, perUser);
  }

  function secondsUntil(uses: number, { left }: Bucket, size: number): number {
    const needed = Math.min(uses, size);
    return left >= needed ? 0 : Math.max(1, Math.ceil(((needed - left) * MINUTE_MS) / size / 1000));
  }

  return {
    take(user, uses = 1) {
      const own = bucketOf(user);
      const shared = all && total !== null ? secondsUntil(uses, refill(all, total), total) : 0;
      const wait = Math.max(secondsUntil(uses, own, perUser), shared);
      if (wait === 0) {
        own.left -= uses;
        if (all) all.left -= uses;
      }
      return wait;
    },
  };
}

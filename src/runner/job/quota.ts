/** A limit for each user, and for all together. `Infinity` means no limit. */
export interface Quota {
  readonly perUser: number;
  readonly total: number;
}

export const NO_QUOTA: Quota = { perUser: Infinity, total: Infinity };

/** The used part of a quota. */
export interface Use {
  /** Null for something that belongs to no user, for which only the total counts. */
  readonly ofUser: number | null;
  readonly total: number;
}

/** The owner of the limit that does not allow `more`; null if both allow it. The total comes first: it concerns everyone. */
export function exceededQuota(quota: Quota, use: Use, more: number): 'SERVER' | 'USER' | null {
  if (use.total + more > quota.total) return 'SERVER';
  return use.ofUser !== null && use.ofUser + more > quota.perUser ? 'USER' : null;
}

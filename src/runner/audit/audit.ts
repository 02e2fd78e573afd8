import type { Role } from './role.ts';

/** `REFUSED`: the role did not allow it. `FAILED`: it was allowed and did not succeed. */
export type AuditOutcome = 'SUCCEEDED' | 'FAILED' | 'REFUSED';

/** A change that a user made, or tried to make. */
export interface AuditEntry {
  /** Position in the log. Rises; never used twice. */
  readonly number: number;
  /** Unix ms. */
  readonly at: number;
  /** Name of the token; null if the server had no tokens. */
  readonly user: string | null;
  readonly role: Role;
  /** The name of the mutation, or `uploadDataset`. */
  readonly action: string;
  /** Ids of jobs or deliveries, or names of datasets; the first {@link MAX_TARGETS}. */
  readonly targets: readonly string[];
  /** Network address of the client. */
  readonly address: string;
  readonly requestId: string;
  readonly outcome: AuditOutcome;
  /** For example `QUEUE_FULL`; null after a success. */
  readonly code: string | null;
}

export type NewAuditEntry = Omit<AuditEntry, 'number' | 'at'>;

/** A page by keyset, the newest entry first. */
export interface AuditQuery {
  /** Only older entries than this number. */
  readonly after?: number | null | undefined;
  /** Only newer entries than this number. */
  readonly before?: number | null | undefined;
  readonly limit: number;
  /** Takes the page from the end of the range instead of its start; the order stays. */
  readonly fromEnd?: boolean | undefined;
}

/**
 * The record of who did what. Entries are added and never changed. Only retention removes them: the oldest ones first, successes
 * and other entries separately, so that refused attempts cannot push out the record of a change.
 */
export interface AuditLog {
  /** @throws if it cannot be recorded */
  add(entry: NewAuditEntry): void;
  list(query: AuditQuery): readonly AuditEntry[];
}

/** The most targets of one entry that are recorded. */
export const MAX_TARGETS = 1_000;

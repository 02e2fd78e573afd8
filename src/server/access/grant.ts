import type { Role } from '../../runner/index.ts';

/** The access that a token gives. */
export interface Grant {
  /** The name of the token; null if the server has no tokens. */
  readonly user: string | null;
  readonly role: Role;
  /** Whether the token still gives this access: false once it is removed, changed or expired. */
  isValid(): boolean;
}

/** The access of every client of a server without tokens. Such a server listens on a loopback address only. */
export const EVERY_CLIENT: Grant = { user: null, role: 'admin', isValid: () => true };

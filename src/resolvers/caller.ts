import type { Role } from '../runner/index.ts';

/** The client on whose behalf an operation runs. */
export interface Caller {
  /** The name of its token; null if the server has no tokens. */
  readonly user: string | null;
  readonly role: Role;
  /** Its network address. */
  readonly address: string;
  /** The id of the HTTP request, or of the one that opened the WebSocket. */
  readonly requestId: string;
}

import type { Role } from '../runner/index.ts';
import type { Context } from './context.ts';

/** A user of the API. */
export interface User {
  /** The name of its token. */
  readonly name: string;
  readonly role: Role;
}

/** The user of an operation; null on a server without tokens. */
export function currentUser({ caller: { user, role } }: Pick<Context, 'caller'>): User | null {
  return user === null ? null : { name: user, role };
}

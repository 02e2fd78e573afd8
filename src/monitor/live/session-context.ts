import { createContext, use } from 'react';
import type { Session } from './session.ts';

export const SessionContext = createContext<Session | null>(null);

/** The session that the page is in. */
export function useSession(): Session {
  const session = use(SessionContext);
  if (session === null) throw new Error('There is no session around this component.');
  return session;
}

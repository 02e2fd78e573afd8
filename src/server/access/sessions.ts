import type { IncomingMessage } from 'node:http';
import { ExpectedError } from '../../runner/index.ts';
import type { Caller } from '../../resolvers/caller.ts';
import type { Forwarded } from '../http/forwarded.ts';
import { requestIdOf, type RequestScopes } from '../http/request-scope.ts';
import type { Grant } from './grant.ts';
import type { TokenSource } from './token-source.ts';

/** Interval at which every session is checked, ms. It bounds how long a session outlives its token. */
const CHECK_MS = 500;

/** Requests and WebSockets that have been authenticated. A session ends when its token does. */
export interface Sessions extends Disposable {
  /**
   * Opens a session.
   * @param end disconnects the client; called when the token is removed, changed or expired
   * @returns a function that closes the session, to be called when the client has gone
   */
  open(request: IncomingMessage, grant: Grant, end: () => void): () => void;
  /**
   * The caller of an operation.
   * @param request the HTTP request of the operation, or of its WebSocket
   * @throws SessionEndedError when there is no session, or its token is no longer valid
   */
  callerOf(request: IncomingMessage): Caller;
  /** The user and address that a request with a session counts for in limits, also when the session or the connection has ended. */
  originOf(request: IncomingMessage): Pick<Caller, 'user' | 'address'>;
}

/** The token of a request or of a WebSocket is no longer valid. */
class SessionEndedError extends ExpectedError {
  readonly code = 'UNAUTHENTICATED';
  constructor() {
    super('Authentication failed: the token is no longer valid. Connect again with a valid token.');
  }
}

interface Session {
  readonly grant: Grant;
  /** Kept, because a request whose body was too large has no socket any more, and so no address. */
  readonly address: string;
  readonly end: () => void;
}

/** @param tokens null for a server without tokens, whose sessions do not end */
export function createSessions(
  tokens: TokenSource | null,
  scopes: RequestScopes,
  addressOf: Forwarded['addressOf'],
): Sessions {
  const sessions = new WeakMap<IncomingMessage, Session>();
  const open = new Set<Session>();

  function check(): void {
    for (const session of open) {
      if (session.grant.isValid()) continue;
      open.delete(session);
      session.end();
    }
  }

  tokens?.onChange(check);
  const timer = tokens && setInterval(check, CHECK_MS).unref();

  return {
    open(request, grant, end) {
      const session = { grant, address: addressOf(request), end };
      sessions.set(request, session);
      open.add(session);
      return () => open.delete(session);
    },
    callerOf(request) {
      const session = sessions.get(request);
      if (!session?.grant.isValid()) throw new SessionEndedError();
      return {
        user: session.grant.user,
        role: session.grant.role,
        address: session.address,
        requestId: scopes.current?.requestId ?? requestIdOf(request),
      };
    },
    originOf(request) {
      const session = sessions.get(request);
      return { user: session?.grant.user ?? null, address: session?.address ?? '' };
    },
    [Symbol.dispose]() {
      if (timer) clearInterval(timer);
    },
  };
}

import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Logger } from './logger.ts';

/** On whose behalf something is done. */
export interface RequestScope {
  /** Of the HTTP request, or of the WebSocket. */
  readonly requestId: string;
  /** Of one operation on a WebSocket, which carries many. */
  readonly operationId?: string;
}

/** Knows, wherever something is done, for which request it is, however much was awaited in between. */
export interface RequestScopes {
  /** Runs `work`, and whatever it starts, on behalf of this request. */
  run<Result>(requestId: string, work: () => Result): Result;
  /** Says that the rest is done for this operation of the request. */
  enterOperation(operationId: string): void;
  /** Undefined outside of any request. */
  readonly current: RequestScope | undefined;
  /** The log, which says in each line on whose behalf it is written. */
  readonly logger: Logger;
}

/** Scopes whose lines go to `logger`. */
export function createRequestScopes(logger: Logger): RequestScopes {
  const scopes = new AsyncLocalStorage<{ requestId: string; operationId?: string }>();
  return {
    run: (requestId, work) => scopes.run({ requestId }, work),
    enterOperation(operationId) {
      const scope = scopes.getStore();
      if (scope) scope.operationId = operationId;
    },
    get current() {
      return scopes.getStore();
    },
    get logger() {
      const scope = scopes.getStore();
      return scope ? logger.child(scope) : logger;
    },
  };
}

/** Letters, digits and what ids are made of; nothing that could break a line of a log, a header or a shell. */
const HARMLESS_ID = /^[\w.:+/=-]{1,128}$/;

/** An id that somebody else gave, when it is harmless; otherwise a new one. */
export function acceptId(given: unknown): string {
  return typeof given === 'string' && HARMLESS_ID.test(given) ? given : randomUUID();
}

/** The id of a request: its `X-Request-Id`, so that a proxy's log and this one agree, or a new one. */
export function requestIdOf({ headers }: IncomingMessage): string {
  return acceptId(headers['x-request-id']);
}

import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Logger } from '../logger.ts';

/** Ids of the request and the operation that started the current work. */
export interface RequestScope {
  /** Id of the HTTP request or of the WebSocket. */
  readonly requestId: string;
  /** Id of one operation on a WebSocket. */
  readonly operationId?: string;
}

/** Tracks the current request across asynchronous calls. */
export interface RequestScopes {
  /** Runs `work`, and everything that it starts, in the scope of this request. */
  run<Result>(requestId: string, work: () => Result): Result;
  /** Sets the operation for the rest of the current scope. */
  enterOperation(operationId: string): void;
  /** The current scope; undefined outside a request. */
  readonly current: RequestScope | undefined;
  /** Logger that adds the current scope to each line. */
  readonly logger: Logger;
}

/** Creates scopes that write to `logger`. */
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

/** Characters that are safe in a log line, a header and a shell. */
const SAFE_ID = /^[\w.:+/=-]{1,128}$/;

/** The given id if it is safe; otherwise a new one. */
export function acceptId(given: unknown): string {
  return typeof given === 'string' && SAFE_ID.test(given) ? given : randomUUID();
}

/** The id of a request: its `X-Request-Id`, so that it matches a proxy's log, or a new one. */
export function requestIdOf({ headers }: IncomingMessage): string {
  return acceptId(headers['x-request-id']);
}

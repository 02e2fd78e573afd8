import type { IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { GraphQLError } from 'graphql';
import { isAsyncIterable, type Plugin } from 'graphql-yoga';
import { createTokenBucket, type MessageRate, type TokenBucket } from './message-rate.ts';

/**
 * Slows down users whose operations are refused because they are invalid or too expensive. Such a refusal takes CPU time too, which all
 * clients share.
 * Only the refusals of a user wait, never an operation that is valid. On the connection of a refusal, the next request waits behind it.
 */
export interface RefusalPace {
  /** Counts a refusal. @returns the time that it must wait, ms */
  count(request: IncomingMessage): number;
}

/** Codes of refusals that count: the client has to send something else. */
const COUNTED: ReadonlySet<unknown> = new Set([
  'BAD_REQUEST',
  'BAD_USER_INPUT',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'OPERATION_TOO_COMPLEX',
  'PERSISTED_QUERY_HASH_MISMATCH',
  'REQUEST_ENTITY_TOO_LARGE',
  'TOO_MANY_MUTATIONS',
  'VARIABLES_TOO_LARGE',
]);
/** The longest time that a refusal waits, ms: less than clients and the pings of a WebSocket wait for an answer. */
const MAX_WAIT_MS = 10_000;
/** The most users that are remembered; the one with the oldest refusal is dropped first. */
const MAX_USERS = 10_000;

/**
 * @param rate refusals of one user that are answered at once, and then each second
 * @param userOf the key of the user that a request counts for
 * @param now the clock, ms
 */
export function createRefusalPace(
  rate: MessageRate,
  userOf: (request: IncomingMessage) => string,
  now: () => number = () => performance.now(),
): RefusalPace {
  const users = new Map<string, TokenBucket>();
  return {
    count(request) {
      const user = userOf(request);
      const bucket = users.get(user) ?? createTokenBucket(rate, now(), MAX_WAIT_MS);
      // Deleted first: the order of a Map is that of insertion.
      users.delete(user);
      users.set(user, bucket);
      const [oldest] = users.keys();
      if (users.size > MAX_USERS && oldest !== undefined) users.delete(oldest);
      return bucket.take(now());
    },
  };
}

/** Whether an operation was refused before it ran, for its form or its cost. */
export function isRefused(errors: readonly GraphQLError[] | undefined): boolean {
  return errors?.some(({ extensions }) => COUNTED.has(extensions['code'])) === true;
}

/**
 * Waits for some milliseconds, or until the client disconnects.
 * @returns whether the client is still there
 */
export async function waitFor(milliseconds: number, gone: AbortSignal): Promise<boolean> {
  if (milliseconds > 0) await delay(milliseconds, undefined, { ref: false, signal: gone }).catch(() => {});
  return !gone.aborted;
}

/** Delays refusals over HTTP and server-sent events. The WebSocket endpoint delays its own. */
export function useRefusalPace(pace: RefusalPace): Plugin<object, { req: IncomingMessage }> {
  return {
    async onResultProcess({ result, request, serverContext }) {
      if (Array.isArray(result) || isAsyncIterable(result) || 'data' in result || !isRefused(result.errors)) return;
      await waitFor(pace.count(serverContext.req), request.signal);
    },
  };
}

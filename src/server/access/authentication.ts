import type { IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { networkOf } from '../rates/user-key.ts';
import type { Forwarded } from '../http/forwarded.ts';
import type { Refusal } from '../http/refusal.ts';
import type { RequestScopes } from '../http/request-scope.ts';
import { createFailedAttempts } from './failed-attempts.ts';
import { EVERY_CLIENT, type Grant } from './grant.ts';
import type { Denial, TokenSource } from './token-source.ts';

/**
 * Checks the `Authorization` value of a request or of a WebSocket's connection-init message.
 * @returns the access that it gives, or the reason for a refusal. A refusal may take up to two seconds.
 */
export type Authenticate = (authorization: unknown, request: Origin) => Promise<Grant | Refusal>;

/** The request that brings the token, or that opened the WebSocket. */
type Origin = Pick<IncomingMessage, 'headers' | 'socket'>;

const UNAUTHENTICATED: Refusal = {
  status: 401,
  code: 'UNAUTHENTICATED',
  message: 'Authentication failed. Send the header "Authorization: Bearer <token>" with a valid token.',
  headers: { 'www-authenticate': 'Bearer' },
};

const EXPIRED: Refusal = {
  ...UNAUTHENTICATED,
  message: 'Authentication failed: this token has expired. Ask an administrator of the server for a new one.',
};

const TOO_MANY_FAILURES: Refusal = {
  status: 429,
  code: 'TOO_MANY_FAILURES',
  message: 'Authentication failed too often from this address. Check the token, and try again in a few seconds.',
  headers: { 'retry-after': '5' },
};

const NO_ROLE: Refusal = {
  status: 403,
  code: 'FORBIDDEN',
  message: 'This token gives no role on this server (viewer, operator or admin). Ask an administrator for one.',
};

const UNAVAILABLE: Refusal = {
  status: 503,
  code: 'IDENTITY_PROVIDER_UNAVAILABLE',
  message: 'The keys of the identity provider cannot be read, so this token cannot be checked. Try again later.',
  headers: { 'retry-after': '10' },
};

const REFUSALS: Readonly<Record<Exclude<Denial['denied'], 'UNAVAILABLE'>, Refusal>> = {
  INVALID: UNAUTHENTICATED,
  EXPIRED,
  NO_ROLE,
};

/** Maximum length of a token: Node's limit for the headers of a request. */
const MAX_TOKEN_LENGTH = 16_384;

/** Failures that may wait for their answer at the same time: of one address, and in total. */
const WAITING_PER_ADDRESS = 16;
const WAITING = 1_000;

export function isRefusal(result: Grant | Refusal): result is Refusal {
  return 'status' in result;
}

/**
 * Checks bearer tokens. A valid token is accepted at once, also from an address with many failures: clients behind one proxy
 * share an address. Failures are logged without the token, and answered with growing delays. @param tokens null accepts every client
 */
export function createAuthentication(
  tokens: TokenSource | null,
  scopes: RequestScopes,
  addressOf: Forwarded['addressOf'],
): Authenticate {
  if (tokens === null) return () => Promise.resolve(EVERY_CLIENT);
  const failures = createFailedAttempts();
  const waiting = new Map<string, number>();
  let waitingTotal = 0;

  async function refuse(reason: string, refusal: Refusal, address: string): Promise<Refusal> {
    const network = networkOf(address);
    const { count, waitMs } = failures.add(network);
    // Fewer and fewer lines: an attacker must not fill the disk.
    if (Number.isInteger(Math.log2(count))) {
      scopes.logger.warn({ address, recentFailures: count, reason }, 'authentication failed');
    }
    if (waitMs === 0) return refusal;
    const ofAddress = waiting.get(network) ?? 0;
    if (ofAddress >= WAITING_PER_ADDRESS || waitingTotal >= WAITING) return TOO_MANY_FAILURES;
    waiting.set(network, ofAddress + 1);
    waitingTotal += 1;
    await delay(waitMs, undefined, { ref: false });
    waitingTotal -= 1;
    const left = (waiting.get(network) ?? 1) - 1;
    if (left > 0) waiting.set(network, left);
    else waiting.delete(network);
    return refusal;
  }

  return async (authorization, request) => {
    // The first request of a browser page has no token, and does not count as an attempt.
    if (authorization === undefined) return UNAUTHENTICATED;
    const address = addressOf(request);
    const bearer = typeof authorization === 'string' ? /^Bearer +(\S+)$/i.exec(authorization)?.[1] : undefined;
    if (bearer === undefined) return refuse('not a bearer token', UNAUTHENTICATED, address);
    if (bearer.length > MAX_TOKEN_LENGTH) return refuse('token is too long', UNAUTHENTICATED, address);
    const result = await tokens.check(bearer);
    if (result === null) return refuse('unknown token', UNAUTHENTICATED, address);
    if (!('denied' in result)) return result;
    // Not a guess, and the log has the reason already.
    if (result.denied === 'UNAVAILABLE') return UNAVAILABLE;
    return refuse(result.reason, REFUSALS[result.denied], address);
  };
}

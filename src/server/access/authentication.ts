import { createHash, timingSafeEqual } from 'node:crypto';
import type { Token } from '../settings/tokens.ts';
import type { Refusal } from './refusal.ts';

/** Whether somebody who sends this `Authorization` value may use the API. */
export type Authentication = (authorization: unknown) => boolean;

export const UNAUTHENTICATED: Refusal = {
  status: 401,
  code: 'UNAUTHENTICATED',
  message: 'This server needs a token: send the header "Authorization: Bearer <token>".',
  headers: { 'www-authenticate': 'Bearer' },
};

/** Checks bearer tokens; without any tokens set, everybody who can reach the server may use it. */
export function createAuthentication(tokens: readonly Token[] | null): Authentication {
  if (tokens === null) return () => true;
  return (authorization) => {
    const bearer = typeof authorization === 'string' ? /^Bearer +(\S+)$/i.exec(authorization)?.[1] : undefined;
    if (bearer === undefined) return false;
    const digest = createHash('sha256').update(bearer).digest();
    // Every token is compared, and each in constant time: how long it takes tells nothing of which one came close.
    return tokens.reduce((known, token) => timingSafeEqual(token.digest, digest) || known, false);
  };
}

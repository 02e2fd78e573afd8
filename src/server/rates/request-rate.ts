import type { IncomingMessage } from 'node:http';
import { RateLimitedError } from '../../runner/index.ts';
import type { Grant } from '../access/grant.ts';
import type { Forwarded } from '../http/forwarded.ts';
import { createRateQuota } from './rate-quota.ts';
import { userKeyOf } from './user-key.ts';

/** Limits the requests of one user: HTTP requests, and operations on a WebSocket. There is no total: it would refuse everyone. */
export interface RequestRate {
  /**
   * Counts a request.
   * @param grant the access that its token gives; null for a request without a valid token, which counts for its address
   * @returns why it is refused; null if it is not
   */
  count(request: Pick<IncomingMessage, 'headers' | 'socket'>, grant: Grant | null): RateLimitedError | null;
}

export function createRequestRate(perMinute: number, addressOf: Forwarded['addressOf']): RequestRate {
  const quota = createRateQuota({ perUser: perMinute, total: null });
  return {
    count(request, grant) {
      const wait = quota.take(userKeyOf({ user: grant?.user ?? null, address: addressOf(request) }));
      return wait > 0 ? new RateLimitedError('requests', wait) : null;
    },
  };
}

import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Forwarded } from './forwarded.ts';

/** Key of the client that a request counts for, for limits per client. */
export type ClientKey = (request: Pick<IncomingMessage, 'headers' | 'socket'>) => string;

/**
 * Uses the token if tokens are configured, because many users may share one address. Otherwise uses the IPv4 address or the IPv6
 * network (/64), because one machine has all addresses of such a network.
 * @param hasTokens whether tokens are configured, so that these requests have a valid one
 */
export function createClientKey(hasTokens: boolean, addressOf: Forwarded['addressOf']): ClientKey {
  return (request) => {
    if (!hasTokens) return `address ${networkOf(addressOf(request))}`;
    const token = (request.headers.authorization ?? '').replace(/^Bearer +/i, '');
    return `token ${createHash('sha256').update(token).digest('hex')}`;
  };
}

/** An IPv4 address unchanged, or the first half of an IPv6 address. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!address.includes(':')) return address;
  const [before = [], after = []] = address.split('::').map((half) => half.split(':').filter((group) => group !== ''));
  const zeros = Array<string>(8 - before.length - after.length).fill('0');
  return [...before, ...zeros, ...after].slice(0, 4).join(':');
}

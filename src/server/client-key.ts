import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Whom a request counts for, where something is limited per client. */
export type ClientKey = (request: Pick<IncomingMessage, 'headers' | 'socket'>) => string;

/**
 * The token, where tokens are set: many people may share one address. Otherwise the address, of IPv6 the network (/64), of which one
 * machine has all addresses.
 * @param hasTokens whether requests that get so far bring a token that is known
 */
export function createClientKey(hasTokens: boolean): ClientKey {
  return ({ headers, socket }) => {
    if (!hasTokens) return `address ${networkOf(socket.remoteAddress ?? '')}`;
    const token = (headers.authorization ?? '').replace(/^Bearer +/i, '');
    return `token ${createHash('sha256').update(token).digest('hex')}`;
  };
}

/** An IPv4 address as it stands, the first half of an IPv6 address. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!address.includes(':')) return address;
  const [before = [], after = []] = address.split('::').map((half) => half.split(':').filter((group) => group !== ''));
  const zeros = Array<string>(8 - before.length - after.length).fill('0');
  return [...before, ...zeros, ...after].slice(0, 4).join(':');
}

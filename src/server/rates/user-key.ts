import type { Caller } from '../../resolvers/caller.ts';

/**
 * The key of the user whom a request counts for, for limits per user. Uses the name of the user if there is one, because many users may
 * share one address, and a user may have many tokens. Otherwise uses the IPv4 address or the IPv6 network (/64), because one machine can
 * use all addresses of such a network.
 */
export function userKeyOf({ user, address }: Pick<Caller, 'user' | 'address'>): string {
  return user === null ? `address ${networkOf(address)}` : `user ${user}`;
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

import { lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** The address of a webhook is not allowed. */
export class RefusedAddressError extends Error {
  override readonly name = 'RefusedAddressError';
  constructor(address: string) {
    super(
      `${address} is not an address on the public internet, and this webhook has no "allowPrivateAddresses": true.`,
    );
  }
}

/**
 * Whether an IP address is on the public internet: not this machine, a private network, a cloud's metadata service, or reserved. An
 * IPv4 address in IPv6 notation counts as the IPv4 address.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const ip = ipaddr.process(address);
  if (ip.range() !== 'unicast') return false;
  // All allocated IPv6 unicast addresses are in 2000::/3 (RFC 4291). Outside of it are also old notations of IPv4 addresses.
  return !(ip instanceof ipaddr.IPv6) || (ip.parts[0] ?? 0) >> 13 === 1;
}

/** The literal IP address in a URL, which needs no lookup; null if the URL has a name. */
export function addressIn({ hostname }: URL): string | null {
  const host = hostname.replace(/^\[|\]$/g, '');
  return isIP(host) === 0 ? null : host;
}

/** Whether a URL is not public, judged without a lookup. For most names, only a lookup can decide. */
export function isPrivateHost(url: URL): boolean {
  const address = addressIn(url);
  return address === null ? /(^|\.)localhost\.?$/.test(url.hostname) : !isPublicAddress(address);
}

/**
 * Looks up a name for a connection, and fails if any of its addresses is not public. The connection itself uses this lookup, so the name
 * cannot resolve to another address between the check and the connection (DNS rebinding).
 */
export const lookUpPublic: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) {
      callback(error, []);
      return;
    }
    const refused = addresses.find(({ address }) => !isPublicAddress(address));
    const [first] = addresses;
    if (refused) callback(new RefusedAddressError(`${hostname} (${refused.address})`), []);
    else if (options.all || !first) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
};

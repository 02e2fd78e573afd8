import { lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** A webhook is at an address where nothing is sent to. */
export class RefusedAddressError extends Error {
  override readonly name = 'RefusedAddressError';
  constructor(address: string) {
    super(
      `${address} is not an address on the public internet, and this webhook has no "allowPrivateAddresses": true.`,
    );
  }
}

/**
 * Whether an IP address is one of the public internet: not of this machine, a private network, a cloud's metadata service, or
 * reserved. An IPv4 address that is written as an IPv6 one is judged as what it is.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const ip = ipaddr.process(address);
  if (ip.range() !== 'unicast') return false;
  // All of IPv6 that is given out is 2000::/3 (RFC 4291); outside of it are also old ways to write IPv4 addresses.
  return !(ip instanceof ipaddr.IPv6) || (ip.parts[0] ?? 0) >> 13 === 1;
}

/** The IP address that stands in a URL as it is, so that nothing is looked up; null where a name stands. */
export function addressIn({ hostname }: URL): string | null {
  const host = hostname.replace(/^\[|\]$/g, '');
  return isIP(host) === 0 ? null : host;
}

/** Whether a URL tells by itself that it is not public; most names have to be looked up to know. */
export function isPrivateHost(url: URL): boolean {
  const address = addressIn(url);
  return address === null ? /(^|\.)localhost\.?$/.test(url.hostname) : !isPublicAddress(address);
}

/**
 * Looks a name up for a connection, and refuses it when any of its addresses is not public. It is what the connection itself
 * asks, so the name cannot be another address between the check and the connection (DNS rebinding).
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

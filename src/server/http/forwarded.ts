import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

/** The address and headers of a request as its client sent them, where a trusted proxy says so. */
export interface Forwarded {
  /** The client's IP address; empty over a Unix socket. */
  addressOf(request: Pick<IncomingMessage, 'headers' | 'socket'>): string;
  /** The headers, with the host that the client asked the proxy for. */
  headersOf(request: Pick<IncomingMessage, 'headers' | 'socket'>): IncomingHttpHeaders;
}

/** Maximum length of the chain of proxies that is checked. */
const MAX_CHAIN = 32;

/**
 * Reads `X-Forwarded-For` and `X-Forwarded-Host` of connections from trusted proxies. Every client can send these headers, so they are
 * ignored on any other connection. Of the chain of addresses the last one that is not a trusted proxy is the client: a proxy appends the
 * address that it sees, and addresses before it may be forged.
 * @param trusted IP addresses and networks (`10.0.0.0/8`), and `unix` for a proxy on the Unix socket
 */
export function createForwarded(trusted: readonly string[] = []): Forwarded {
  const proxies = new BlockList();
  for (const entry of trusted.filter((name) => name !== 'unix')) {
    const [address = '', bits] = entry.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) proxies.addAddress(address, family);
    else proxies.addSubnet(address, Number(bits), family);
  }
  const trustsSocket = trusted.includes('unix');

  function isTrusted(address: string): boolean {
    if (address === '') return trustsSocket;
    const family = isIP(address);
    return family !== 0 && proxies.check(address, family === 6 ? 'ipv6' : 'ipv4');
  }

  return {
    addressOf({ headers, socket }) {
      const peer = socket.remoteAddress ?? '';
      if (trusted.length === 0 || !isTrusted(peer)) return peer;
      const chain = String(headers['x-forwarded-for'] ?? '')
        .split(',')
        .slice(-MAX_CHAIN)
        .map((address) => address.trim())
        .reverse();
      let client = peer;
      for (const address of chain) {
        if (isIP(address) === 0) break;
        client = address;
        if (!isTrusted(address)) break;
      }
      return client;
    },
    headersOf({ headers, socket }) {
      const host = headers['x-forwarded-host'];
      if (trusted.length === 0 || typeof host !== 'string' || !isTrusted(socket.remoteAddress ?? '')) return headers;
      return { ...headers, host: host.split(',').at(-1)?.trim() };
    },
  };
}

import type { IncomingHttpHeaders } from 'node:http';
import { isIPv4 } from 'node:net';
import { quote } from '../../runner/index.ts';
import type { Settings } from '../../settings/settings.ts';
import type { Refusal } from '../http/refusal.ts';

/** Returns why a request is not allowed; null if it is. */
export type AccessCheck = (headers: IncomingHttpHeaders) => Refusal | null;

/**
 * Rejects requests from foreign web pages, on every path.
 *
 * - The Host header must be a name of this server. Otherwise a page could point its own host name to 127.0.0.1 and would then
 *   count as the same origin (DNS rebinding).
 * - The Origin, which browsers set and pages cannot change, must be this server's or an allowed one. This also protects
 *   WebSockets, to which the same-origin policy does not apply.
 */
export function createAccessCheck({
  host,
  allowedHosts,
  allowedOrigins,
}: Pick<Settings, 'host' | 'allowedHosts' | 'allowedOrigins'>): AccessCheck {
  const hosts = new Set([...allowedHosts, host.includes(':') ? `[${host}]` : host].map((name) => name.toLowerCase()));
  // A wildcard address to listen on is not a host name.
  for (const wildcard of ['0.0.0.0', '[::]']) if (!allowedHosts.includes(wildcard)) hosts.delete(wildcard);
  const origins = new Set(allowedOrigins);

  return ({ host: hostHeader, origin, ...headers }) => {
    const name = hostHeader?.toLowerCase() ?? '';
    const hostname = name.replace(/:\d{1,5}$/, '');
    if (!hosts.has(name) && !hosts.has(hostname) && !isLoopbackName(hostname)) {
      return {
        status: 403,
        code: 'HOST_NOT_ALLOWED',
        message: `Host not allowed: ${quote(name, 256)}. Use localhost, or add the host to TRAINYARD_ALLOWED_HOSTS.`,
      };
    }
    if (origin !== undefined && !origins.has(origin) && !isSameOrigin(origin, name)) {
      return {
        status: 403,
        code: 'ORIGIN_NOT_ALLOWED',
        message: `Origin not allowed: ${quote(origin, 256)}. To allow pages of this origin, add it to TRAINYARD_ALLOWED_ORIGINS.`,
      };
    }
    // A foreign page may link to the server, but must not load it as an image, script or form target.
    const embedded = headers['sec-fetch-mode'] !== undefined && headers['sec-fetch-mode'] !== 'navigate';
    if (origin === undefined && embedded && headers['sec-fetch-site'] === 'cross-site') {
      return {
        status: 403,
        code: 'ORIGIN_NOT_ALLOWED',
        message: 'Origin not allowed: pages of other sites cannot embed this server.',
      };
    }
    return null;
  };
}

function isLoopbackName(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    (isIPv4(hostname) && hostname.startsWith('127.'))
  );
}

/** Ignores the scheme: it differs behind a TLS proxy, and no other origin can have this host and port. */
function isSameOrigin(origin: string, host: string): boolean {
  return URL.canParse(origin) && new URL(origin).host === host;
}

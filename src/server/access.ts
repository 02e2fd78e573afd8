import type { IncomingHttpHeaders } from 'node:http';
import { isIPv4 } from 'node:net';
import { quote } from '../runner/index.ts';
import type { Settings } from '../settings/settings.ts';
import type { Refusal } from './refusal.ts';

/** Says why a request must not be served; null when it may. */
export type AccessCheck = (headers: IncomingHttpHeaders) => Refusal | null;

/**
 * Keeps web pages of others away, on every path alike.
 *
 * - The Host header must be a name of this server. Otherwise a page could let its own name point to 127.0.0.1, and
 *   would then count as the same origin (DNS rebinding).
 * - The Origin, which browsers send and pages cannot change, must be this server's or an allowed one. That also guards
 *   WebSockets, to which the same-origin policy does not apply.
 */
export function createAccessCheck({
  host,
  allowedHosts,
  allowedOrigins,
}: Pick<Settings, 'host' | 'allowedHosts' | 'allowedOrigins'>): AccessCheck {
  const hosts = new Set([...allowedHosts, host.includes(':') ? `[${host}]` : host].map((name) => name.toLowerCase()));
  // Listening on every address is no name to be called by.
  for (const wildcard of ['0.0.0.0', '[::]']) if (!allowedHosts.includes(wildcard)) hosts.delete(wildcard);
  const origins = new Set(allowedOrigins);

  return ({ host: hostHeader, origin, ...headers }) => {
    const name = hostHeader?.toLowerCase() ?? '';
    const hostname = name.replace(/:\d{1,5}$/, '');
    if (!hosts.has(name) && !hosts.has(hostname) && !isLoopbackName(hostname)) {
      return {
        status: 403,
        code: 'HOST_NOT_ALLOWED',
        message: `This server does not answer to the host ${quote(name, 256)}. Use localhost, or add the host to TRAINYARD_ALLOWED_HOSTS.`,
      };
    }
    if (origin !== undefined && !origins.has(origin) && !isSameOrigin(origin, name)) {
      return {
        status: 403,
        code: 'ORIGIN_NOT_ALLOWED',
        message: `Pages of ${quote(origin, 256)} may not use this server. Add the origin to TRAINYARD_ALLOWED_ORIGINS.`,
      };
    }
    // A link to the server is fine; an image, script or form of a foreign page that points to it is not.
    const embedded = headers['sec-fetch-mode'] !== undefined && headers['sec-fetch-mode'] !== 'navigate';
    if (origin === undefined && embedded && headers['sec-fetch-site'] === 'cross-site') {
      return { status: 403, code: 'ORIGIN_NOT_ALLOWED', message: 'Pages of other sites may not embed this server.' };
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

/** The scheme is left out: behind a proxy that speaks TLS it differs, and no other origin can have this host and port. */
function isSameOrigin(origin: string, host: string): boolean {
  return URL.canParse(origin) && new URL(origin).host === host;
}

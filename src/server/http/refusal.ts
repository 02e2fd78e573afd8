import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { RateLimitedError } from '../../runner/index.ts';

/** An error response to a request that is rejected before GraphQL runs. */
export interface Refusal {
  /** HTTP status. */
  readonly status: number;
  /** Value of `extensions.code`. */
  readonly code: string;
  /** The problem and the advice. */
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Set if waiting helps, as `Retry-After` and as `extensions.retryAfterSeconds`. */
  readonly retryAfterSeconds?: number;
}

/** The body of the response: a GraphQL response with one error. */
export function refusalBody({ code, message, retryAfterSeconds }: Refusal): string {
  return JSON.stringify({ errors: [{ message, extensions: { code, retryAfterSeconds } }] });
}

/** The refusal of a request that exceeds a limit. */
export function tooManyRequests({ code, message, retryAfterSeconds }: RateLimitedError): Refusal {
  return { status: 429, code, message, retryAfterSeconds };
}

/** Sends an error response. */
export function sendRefusal(response: ServerResponse, refusal: Refusal): void {
  response.writeHead(refusal.status, {
    ...refusal.headers,
    ...(refusal.retryAfterSeconds !== undefined && { 'retry-after': String(refusal.retryAfterSeconds) }),
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
  });
  response.end(refusalBody(refusal));
}

/** Rejects a WebSocket upgrade. */
export function refuseUpgrade(socket: Duplex, refusal: Refusal): void {
  const body = refusalBody(refusal);
  const headers = {
    ...refusal.headers,
    connection: 'close',
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
  };
  // A client that never closes its side would leave the socket half open and prevent the server from closing.
  socket.once('finish', () => socket.destroy());
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${refusal.status} Refused\r\n${lines.join('')}\r\n${body}`);
}

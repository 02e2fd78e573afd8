import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** Why a request is not served, before GraphQL has seen it. */
export interface Refusal {
  /** HTTP status. */
  readonly status: number;
  /** For `extensions.code`. */
  readonly code: string;
  /** A sentence that says what to do. */
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A refusal as a GraphQL response. */
export function refusalBody({ code, message }: Refusal): string {
  return JSON.stringify({ errors: [{ message, extensions: { code } }] });
}

/** Answers a request that is refused. */
export function sendRefusal(response: ServerResponse, refusal: Refusal): void {
  response.writeHead(refusal.status, { ...refusal.headers, 'content-type': 'application/json; charset=utf-8' });
  response.end(refusalBody(refusal));
}

/** Answers a request for a WebSocket that is refused. */
export function refuseUpgrade(socket: Duplex, refusal: Refusal): void {
  const body = refusalBody(refusal);
  const headers = {
    ...refusal.headers,
    connection: 'close',
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
  };
  // Left half open by a client that never closes its side, it would keep the server from ever closing.
  socket.once('finish', () => socket.destroy());
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${refusal.status} Refused\r\n${lines.join('')}\r\n${body}`);
}

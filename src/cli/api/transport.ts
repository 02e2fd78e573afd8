import { request as overHttp } from 'node:http';
import { request as overHttps } from 'node:https';
import { Readable } from 'node:stream';
import { WebSocket } from 'ws';

/** A request by other means than `fetch`, which knows neither Unix sockets nor a certificate to accept. */
export interface NodeRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** For example `/graphql`. */
  readonly path: string;
  readonly headers?: Record<string, string>;
  /** A stream is sent in pieces, and fails the request when it fails. */
  readonly body?: string | Readable;
  readonly signal: AbortSignal;
  /** PEM of the one certificate that a server at a `https:` address may have, whatever its name; default: those of Node. */
  readonly certificate?: string | undefined;
}

/** The path of a `unix:/path` address; null for another kind of address. */
export function socketPathOf(url: string): string | null {
  return url.startsWith('unix:') ? url.slice('unix:'.length) : null;
}

/** How to reach the WebSocket of a server on a Unix socket, as options of a graphql-ws client. */
export function webSocketOverSocket(socketPath: string): { readonly url: string; readonly webSocketImpl: unknown } {
  return { url: `ws+unix:${socketPath}:/graphql`, webSocketImpl: WebSocket };
}

/** Sends a request to a server at a `http:`, `https:` or `unix:` address. @throws a system error when no server responds */
export function sendRequest(
  url: string,
  { method, path, headers = {}, body, signal, certificate }: NodeRequest,
): Promise<Response> {
  const socketPath = socketPathOf(url);
  const options = { method, signal, agent: false };
  return new Promise((resolve, reject) => {
    const request =
      socketPath !== null
        ? overHttp({ ...options, socketPath, path, headers: { host: 'localhost', ...headers } })
        : url.startsWith('https:')
          ? overHttps(`${url}${path}`, { ...options, headers, ...accepting(certificate) })
          : overHttp(`${url}${path}`, { ...options, headers });
    request.once('error', reject);
    request.once('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () => resolve(new Response(Buffer.concat(chunks), { status: response.statusCode ?? 500 })));
    });
    if (body instanceof Readable) {
      body.once('error', (error) => {
        request.destroy();
        reject(error);
      });
      body.pipe(request);
    } else request.end(body);
  });
}

/** TLS options that accept one certificate, also one whose issuer is unknown or which is for another name than the address. */
function accepting(certificate: string | undefined): object {
  if (certificate === undefined) return {};
  return { ca: certificate, allowPartialTrustChain: true, checkServerIdentity: () => undefined };
}

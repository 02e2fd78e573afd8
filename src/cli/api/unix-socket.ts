import { request as send } from 'node:http';
import { WebSocket } from 'ws';

/** The path of a `unix:/path` address; null for another kind of address. */
export function socketPathOf(url: string): string | null {
  return url.startsWith('unix:') ? url.slice('unix:'.length) : null;
}

/** How to reach the WebSocket of a server on a Unix socket, as options of a graphql-ws client. */
export function webSocketOverSocket(socketPath: string): { readonly url: string; readonly webSocketImpl: unknown } {
  return { url: `ws+unix:${socketPath}:/graphql`, webSocketImpl: WebSocket };
}

/** Sends a POST over a Unix socket, which `fetch` cannot. @throws a system error when no server listens */
export function postOverSocket(
  socketPath: string,
  {
    headers,
    body,
    signal,
  }: { readonly headers: Record<string, string>; readonly body: string; readonly signal: AbortSignal },
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const request = send({
      socketPath,
      path: '/graphql',
      method: 'POST',
      headers: { host: 'localhost', ...headers },
      signal,
    });
    request.once('error', reject);
    request.once('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () => resolve(new Response(Buffer.concat(chunks), { status: response.statusCode ?? 500 })));
    });
    request.end(body);
  });
}

import type { IncomingMessage, ServerResponse } from 'node:http';

/** Readiness of the server. */
export type Readiness = 'starting' | 'ready' | 'failed' | 'closing';

/**
 * Answers `/health` (always 200: the process is alive) and `/ready` (200 if the server is ready, otherwise 503). Returns false for
 * every other path.
 */
export function answerProbe(
  path: string,
  readiness: () => Readiness,
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  if (path !== '/health' && path !== '/ready') return false;
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end();
    return true;
  }
  const state = readiness();
  const [status, body] = path === '/health' ? [200, 'ok'] : [state === 'ready' ? 200 : 503, state];
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  response.end(JSON.stringify({ status: body }));
  return true;
}

import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Adds CORS headers for pages of allowed origins. Call it after the access check, which rejects every other origin.
 * Returns true if the request was a preflight request and has been answered.
 */
export function applyCors(
  allowedOrigins: readonly string[],
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  if (allowedOrigins.length === 0) return false;
  response.setHeader('vary', 'origin');
  const { origin } = request.headers;
  if (origin === undefined || !allowedOrigins.includes(origin)) return false;
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-expose-headers', 'x-request-id, content-disposition, content-range, etag');
  if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) return false;
  response.writeHead(204, {
    'access-control-allow-methods': 'GET, HEAD, POST, PUT',
    'access-control-allow-headers':
      'content-type, authorization, range, if-range, if-none-match, x-request-id, traceparent, tracestate',
    'access-control-max-age': '600',
  });
  response.end();
  return true;
}

import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { EXAMPLES } from './graphiql-examples.ts';

interface Page {
  readonly etag: string;
  readonly policy: string;
  readonly plain: Buffer;
  readonly zipped: Buffer;
}

/**
 * Serves GraphiQL with all that it needs inside the page, so that it works without internet. The page is built at its first
 * use: it is 9 MB of script, which a server that nobody looks at need not hold.
 */
export function createGraphiQL(): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  let building: Promise<Page> | undefined;
  return async (request, response) => {
    building ??= buildPage();
    const page = await building;
    response.setHeader('content-security-policy', page.policy);
    response.setHeader('cache-control', 'no-cache');
    response.setHeader('etag', page.etag);
    response.setHeader('vary', 'accept, accept-encoding');
    if (request.headers['if-none-match'] === page.etag) {
      response.writeHead(304).end();
      return;
    }
    const zip = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
    if (zip) response.setHeader('content-encoding', 'gzip');
    const body = zip ? page.zipped : page.plain;
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-length': body.length });
    response.end(request.method === 'HEAD' ? undefined : body);
  };
}

/** Whether a person with a browser asks, rather than a program. */
export function wantsPage({ method, headers }: IncomingMessage): boolean {
  return (method === 'GET' || method === 'HEAD') && (headers.accept?.includes('text/html') ?? false);
}

async function buildPage(): Promise<Page> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const html = renderGraphiQL({
    title: 'Trainyard',
    defaultTabs: EXAMPLES.map((query) => ({ query })),
    // Over server-sent events the headers tab, and with it a token, goes along; a WebSocket cannot send any.
    subscriptionsProtocol: 'SSE',
    shouldPersistHeaders: false,
  });
  const plain = Buffer.from(html);
  return {
    etag: `"${createHash('sha256').update(plain).digest('base64url')}"`,
    policy: contentSecurityPolicy(html),
    plain,
    zipped: await promisify(gzip)(plain),
  };
}

/** Only the page's own scripts may run, and they may speak to this server only. */
function contentSecurityPolicy(html: string): string {
  const scripts = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(
    ([, script = '']) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`,
  );
  return [
    "default-src 'none'",
    `script-src ${scripts.join(' ')}`,
    // The editor's language services run in workers made of text inside the page.
    'worker-src blob:',
    // The editor places its parts with style attributes.
    "style-src 'unsafe-inline'",
    'img-src data:',
    'font-src data:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

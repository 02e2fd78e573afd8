import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { EXAMPLES } from './graphiql-examples.ts';
import { type PreparedBody, prepareBody, sendPrepared } from './prepared-body.ts';

interface Page {
  readonly policy: string;
  readonly body: PreparedBody;
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
    sendPrepared(request, response, page.body, 'text/html; charset=utf-8');
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
  return { policy: contentSecurityPolicy(html), body: await prepareBody(Buffer.from(html)) };
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

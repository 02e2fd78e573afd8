import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { BROWSER_SCRIPT } from './browser-script.ts';
import { EXAMPLES } from './examples.ts';
import { type PrecompressedBody, precompress, sendPrecompressed } from '../http/precompressed.ts';

/** A link to the monitor page, in the place of GraphiQL's logo. */
const BACK =
  '<a href="/" title="Back to the jobs" aria-label="Back to the jobs" style="color: inherit; text-decoration: none">\u2190</a>';

/** GraphiQL leaves the start of an animation on its tabs. On a press, the tab would move away, and the click would miss it. */
const STILL_TABS = '<style>.graphiql-tab { transform: none !important; }</style>';

interface Page {
  readonly policy: string;
  readonly body: PrecompressedBody;
}

/**
 * Serves GraphiQL as one page with all scripts inside, so that it works offline. The page is built on first use: its 9 MB of
 * script stay out of memory if no browser opens it.
 */
export function createGraphiQL(): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  let building: Promise<Page> | undefined;
  return async (request, response) => {
    building ??= buildPage();
    const page = await building;
    response.setHeader('content-security-policy', page.policy);
    response.setHeader('cache-control', 'no-cache');
    sendPrecompressed(request, response, page.body, 'text/html; charset=utf-8');
  };
}

/** Whether the request comes from a browser that opens a page. */
export function wantsPage({ method, headers }: IncomingMessage): boolean {
  return (method === 'GET' || method === 'HEAD') && (headers.accept?.includes('text/html') ?? false);
}

async function buildPage(): Promise<Page> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const page = renderGraphiQL({
    title: 'Trainyard',
    logo: BACK,
    defaultTabs: EXAMPLES.map((query) => ({ query })),
    // Server-sent events carry the headers of the headers tab, such as a token; a browser's WebSocket cannot.
    subscriptionsProtocol: 'SSE',
    shouldPersistHeaders: false,
  });
  const html = page.replace(
    '<div id="root">',
    () => `${STILL_TABS}<script>${BROWSER_SCRIPT}</script>\n<div id="root">`,
  );
  return { policy: contentSecurityPolicy(html), body: await precompress(Buffer.from(html)) };
}

/** Only the page's own scripts may run, and they may connect only to this server. */
function contentSecurityPolicy(html: string): string {
  const scripts = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(
    ([, script = '']) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`,
  );
  return [
    "default-src 'none'",
    `script-src ${scripts.join(' ')}`,
    // The editor's language services run in workers that are created from text inside the page.
    'worker-src blob:',
    // The editor positions its elements with style attributes.
    "style-src 'unsafe-inline'",
    'img-src data:',
    'font-src data:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

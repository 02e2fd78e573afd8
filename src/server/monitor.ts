import { readdir, readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { wantsPage } from './graphiql.ts';
import { GRAPHQL_PATH } from './graphql.ts';
import { type PreparedBody, prepareBody, sendPrepared } from './prepared-body.ts';

/** Where `npm run build:monitor` puts the page. */
const MONITOR_FOLDER = fileURLToPath(new URL('../../dist/monitor/', import.meta.url));

/** Only the page's own files, and it may speak to this server only. Styles are set through the DOM, never as text. */
const POLICY = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'";

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

const NOT_BUILT = `The monitor page is not built: run "npm run build:monitor" in the folder of Trainyard, then load this page again. The API and GraphiQL are at ${GRAPHQL_PATH}.\n`;

/**
 * Serves the monitor page: its files, and the page itself for every other address that a browser opens, since the page knows
 * what lies there. Resolves with false when nothing of that kind was asked for.
 */
export type Monitor = (path: string, request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

/** The page that was built into `folder`. It is read into memory at its first use: well under a megabyte. */
export function createMonitor(folder = MONITOR_FOLDER): Monitor {
  let reading: Promise<ReadonlyMap<string, PreparedBody>> | undefined;

  return async (path, request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return false;
    reading ??= readFiles(folder);
    const files = await reading.catch((error: unknown) => {
      // Half of a page that is being built, for example.
      reading = undefined;
      throw error;
    });
    const name = files.has(path) ? path : wantsPage(request) ? '/index.html' : undefined;
    if (name === undefined) return false;
    const body = files.get(name);
    if (body === undefined) {
      // It may be built by the next time.
      reading = undefined;
      response.writeHead(503, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
      response.end(NOT_BUILT);
      return true;
    }
    response.setHeader('content-security-policy', POLICY);
    // The names of assets hold a digest of what is in them; everything else is asked for again each time.
    response.setHeader(
      'cache-control',
      name.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
    );
    sendPrepared(request, response, body, CONTENT_TYPES[extname(name)] ?? 'application/octet-stream');
    return true;
  };
}

/** Every file below `folder` by its path as browsers ask for it; none when it does not exist. */
async function readFiles(folder: string): Promise<ReadonlyMap<string, PreparedBody>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = new Map<string, PreparedBody>();
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(`/${relative(folder, path).replaceAll(sep, '/')}`, await prepareBody(await readFile(path)));
  }
  return files;
}

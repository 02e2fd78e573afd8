import { readdir, readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { wantsPage } from './graphiql/graphiql.ts';
import { GRAPHQL_PATH } from './graphql.ts';
import { type PrecompressedBody, precompress, sendPrecompressed } from './http/precompressed.ts';

/** Output folder of `npm run build:monitor`. */
const MONITOR_FOLDER = fileURLToPath(new URL('../../dist/monitor/', import.meta.url));

/** The page may load only its own files and connect only to this server. Styles are set through the DOM, never as text. */
const POLICY = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'";

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

const NOT_BUILT = `The monitor page is not built. Run "npm run build:monitor" in the Trainyard folder, then reload this page. The API and GraphiQL are at ${GRAPHQL_PATH}.\n`;

/**
 * Serves the monitor page: its files, and the page itself for every other path that a browser opens, because the page routes on
 * the client side. Resolves with false for any other request.
 */
export type Monitor = (path: string, request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

/** Serves the page that was built into `folder`. It is read into memory on first use: well under a megabyte. */
export function createMonitor(folder = MONITOR_FOLDER): Monitor {
  let reading: Promise<ReadonlyMap<string, PrecompressedBody>> | undefined;

  return async (path, request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return false;
    reading ??= readFiles(folder);
    const files = await reading.catch((error: unknown) => {
      // For example, the page was being built while it was read.
      reading = undefined;
      throw error;
    });
    const name = files.has(path) ? path : wantsPage(request) ? '/index.html' : undefined;
    if (name === undefined) return false;
    const body = files.get(name);
    if (body === undefined) {
      // The page may be built before the next request.
      reading = undefined;
      response.writeHead(503, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
      response.end(NOT_BUILT);
      return true;
    }
    response.setHeader('content-security-policy', POLICY);
    // The names of assets contain a content hash; all other files are revalidated on each request.
    response.setHeader(
      'cache-control',
      name.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
    );
    sendPrecompressed(request, response, body, CONTENT_TYPES[extname(name)] ?? 'application/octet-stream');
    return true;
  };
}

/** All files in `folder` by URL path; empty if the folder does not exist. */
async function readFiles(folder: string): Promise<ReadonlyMap<string, PrecompressedBody>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = new Map<string, PrecompressedBody>();
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(`/${relative(folder, path).replaceAll(sep, '/')}`, await precompress(await readFile(path)));
  }
  return files;
}

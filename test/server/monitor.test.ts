import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createMonitor } from '../../src/server/monitor.ts';
import { temporaryHome } from '../support/home.ts';
import { ask, codesOf, serve } from './support.ts';

const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

/** A server of nothing but a page in `folder`. */
async function servePage(folder: string): Promise<{ port: number }> {
  const answer = createMonitor(folder);
  const server = createServer((request, response) => {
    void answer(request.url ?? '/', request, response).then((done) => done || response.writeHead(404).end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port };
}

function buildPage(folder: string): void {
  mkdirSync(join(folder, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>A page</title>');
  writeFileSync(join(folder, 'assets', 'index-1a2b.js'), 'console.log(1)');
}

test('the page is served at / and at each of its routes, and revalidated each time', async () => {
  const folder = temporaryHome();
  buildPage(folder);
  const server = await servePage(folder);
  for (const path of ['/', '/start', '/jobs/job_1_00000000']) {
    const { status, headers, text } = await ask(server, { path, headers: HTML });
    expect([status, headers['content-type'], headers['cache-control']]).toEqual([
      200,
      'text/html; charset=utf-8',
      'no-cache',
    ]);
    expect(text).toContain('<title>A page</title>');
    const etag = headers.etag ?? '';
    expect((await ask(server, { path, headers: { ...HTML, 'if-none-match': etag } })).status).toBe(304);
  }
});

test('its assets, whose names contain a content hash, are cached indefinitely', async () => {
  const folder = temporaryHome();
  buildPage(folder);
  const { status, headers, text } = await ask(await servePage(folder), { path: '/assets/index-1a2b.js' });
  expect([status, headers['content-type'], text]).toEqual([200, 'text/javascript; charset=utf-8', 'console.log(1)']);
  expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
});

test('only its own scripts may run, and they may connect only to this server', async () => {
  const folder = temporaryHome();
  buildPage(folder);
  const { headers } = await ask(await servePage(folder), { path: '/', headers: HTML });
  const policy = String(headers['content-security-policy']);
  expect(policy).toContain("default-src 'self'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toMatch(/unsafe|https?:|\*/);
});

test.each(['/assets/../../package.json', '/..%2f..%2fpackage.json', '/assets/missing.js', '//etc/passwd'])(
  'nothing but the files of the page is at %s',
  async (path) => {
    const folder = temporaryHome();
    buildPage(folder);
    expect((await ask(await servePage(folder), { path })).status).toBe(404);
  },
);

test('a page that is not built gets instructions to build it, and is served once it is built', async () => {
  const folder = temporaryHome();
  const server = await servePage(folder);
  const missing = await ask(server, { path: '/', headers: HTML });
  expect(missing.status).toBe(503);
  expect(missing.text).toContain('npm run build:monitor');
  buildPage(folder);
  expect((await ask(server, { path: '/', headers: HTML })).status).toBe(200);
});

test('a request that does not accept HTML gets a 404', async () => {
  const answer = await ask(await serve(), { path: '/no/such/thing' });
  expect(answer.status).toBe(404);
  expect(codesOf(answer.json())).toEqual(['NOT_FOUND']);
});

test('the page is not served to foreign hosts and origins', async () => {
  const server = await serve();
  expect((await ask(server, { path: '/', headers: { ...HTML, host: 'evil.example' } })).status).toBe(403);
  expect((await ask(server, { path: '/', headers: { ...HTML, origin: 'http://evil.example' } })).status).toBe(403);
});

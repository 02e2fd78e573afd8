import { describe, expect, test } from 'vitest';
import { ask, codesOf, openSocket, post, serve } from './support.ts';

const QUERY = '{ __typename }';

/** Paths that must all enforce the same access rules. */
const PATHS = ['/graphql', '/health', '/ready', '/metrics', '/'];

describe('the Host header', () => {
  test.each([
    'localhost',
    'localhost:4000',
    '127.0.0.1',
    '127.0.0.1:1',
    '127.1.2.3',
    '[::1]:4000',
    'app.localhost',
    'LOCALHOST',
  ])('%s is served', async (host) => {
    const server = await serve();
    expect((await post(server, QUERY, { headers: { host } })).status).toBe(200);
    expect(await openSocket(server, { headers: { host } })).not.toBe(403);
  });

  test.each(['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', '127.0.0.1@evil.example', '10.0.0.1'])(
    '"%s" is refused on every path, over WebSocket too',
    async (host) => {
      const server = await serve();
      for (const path of PATHS) {
        const answer = await ask(server, { path, headers: { host } });
        expect(answer.status).toBe(403);
        expect(codesOf(answer.json())).toEqual(['HOST_NOT_ALLOWED']);
      }
      expect((await post(server, QUERY, { headers: { host } })).status).toBe(403);
      expect(await openSocket(server, { headers: { host } })).toBe(403);
    },
  );

  test('may be one of TRAINYARD_ALLOWED_HOSTS, with any port or the one that is named', async () => {
    const server = await serve({ settings: { allowedHosts: ['lab.example', 'other.example:4000'] } });
    const status = async (host: string) => (await ask(server, { path: '/health', headers: { host } })).status;
    expect(await status('lab.example')).toBe(200);
    expect(await status('Lab.Example:8080')).toBe(200);
    expect(await status('other.example:4000')).toBe(200);
    expect(await status('other.example')).toBe(403);
    expect(await status('other.example:4001')).toBe(403);
  });
});

describe('the Origin header', () => {
  test.each(['https://evil.example', 'http://localhost:1', 'null', 'nonsense', 'file://'])(
    '%s is refused on every path, over WebSocket too',
    async (origin) => {
      const server = await serve();
      const headers = { host: `localhost:${server.port}`, origin };
      for (const path of PATHS) expect((await ask(server, { path, headers })).status).toBe(403);
      const answer = await post(server, QUERY, { headers });
      expect(answer.status).toBe(403);
      expect(codesOf(answer.json())).toEqual(['ORIGIN_NOT_ALLOWED']);
      expect(answer.headers['access-control-allow-origin']).toBeUndefined();
      expect(await openSocket(server, { headers })).toBe(403);
    },
  );

  test('of the server itself is served', async () => {
    const server = await serve();
    const headers = { host: `localhost:${server.port}`, origin: `http://localhost:${server.port}` };
    expect((await post(server, QUERY, { headers })).status).toBe(200);
    expect(await openSocket(server, { headers })).not.toBe(403);
  });

  test('may be one of TRAINYARD_ALLOWED_ORIGINS, whose pages may then read the answers', async () => {
    const origin = 'https://lab.example';
    const server = await serve({ settings: { allowedOrigins: [origin] } });
    const answer = await post(server, QUERY, { headers: { origin } });
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({ 'access-control-allow-origin': origin, vary: 'origin' });
    expect(answer.headers['access-control-allow-credentials']).toBeUndefined();
    expect(await openSocket(server, { headers: { origin } })).not.toBe(403);

    const preflight = await ask(server, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers['access-control-allow-headers']).toMatch(/content-type/);
    expect((await post(server, QUERY, { headers: { origin: 'https://evil.example' } })).status).toBe(403);
  });

  test('is not reflected when no other origin is allowed', async () => {
    const server = await serve();
    const preflight = await ask(server, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    });
    expect(preflight.status).toBe(403);
    const headerNames = Object.keys((await post(server, QUERY)).headers);
    expect(headerNames.filter((name) => name.startsWith('access-control'))).toEqual([]);
  });
});

describe('a foreign page', () => {
  test('cannot embed the server, but may link to it', async () => {
    const server = await serve();
    const from = (mode: string) => ({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': mode });
    const path = `/graphql?query=${encodeURIComponent(QUERY)}`;
    expect((await ask(server, { path, headers: from('no-cors') })).status).toBe(403);
    expect((await ask(server, { path, headers: from('navigate') })).status).toBe(200);
  });

  test.each([
    ['application/x-www-form-urlencoded', `query=${encodeURIComponent(QUERY)}`],
    ['multipart/form-data; boundary=x', `--x\r\ncontent-disposition: form-data; name="operations"\r\n\r\n{}\r\n--x--`],
    ['text/plain', JSON.stringify({ query: QUERY })],
    ['application/graphql', QUERY],
    ['text/plain; x=application/json', JSON.stringify({ query: QUERY })],
  ])('cannot post a form: %s is refused', async (type, body) => {
    const answer = await ask(await serve(), { method: 'POST', headers: { 'content-type': type }, body });
    expect(answer.status).toBe(415);
    expect(codesOf(answer.json())).toEqual(['UNSUPPORTED_MEDIA_TYPE']);
  });

  test('cannot post without a content type', async () => {
    expect((await ask(await serve(), { method: 'POST', body: JSON.stringify({ query: QUERY }) })).status).toBe(415);
  });

  test('cannot start or stop anything with a GET', async () => {
    const { runner, ...server } = await serve();
    const mutation = 'mutation { startTraining(input: { backend: SIMULATION }) { __typename } }';
    const answer = await ask(server, { path: `/graphql?query=${encodeURIComponent(mutation)}` });
    expect(answer.status).toBe(405);
    expect(runner.count()).toBe(0);
  });
});

test('every response has headers against content sniffing and framing', async () => {
  const server = await serve();
  for (const path of [...PATHS, '/nothing']) {
    const { headers } = await ask(server, { path, headers: { accept: 'text/html' } });
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['content-security-policy']).toMatch(/default-src '(none|self)'.*frame-ancestors 'none'/);
  }
});

test('unknown paths get a 404 that gives the path of the API', async () => {
  const server = await serve();
  const answer = await ask(server, { path: '/nothing' });
  expect(answer.status).toBe(404);
  expect(answer.json().errors?.[0]?.message).toMatch(/\/graphql/);
  expect(await openSocket(server, { path: '/nothing' })).toBe(404);
});

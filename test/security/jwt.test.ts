import { once } from 'node:events';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { base64url, exportSPKI, generateSecret, importJWK, SignJWT } from 'jose';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { createJwtSource } from '../../src/server/access/jwt/jwt-source.ts';
import {
  codesOf,
  connect,
  openSocket,
  overWebSocket,
  post,
  queueJob,
  serve,
  type TestServer,
} from '../server/support.ts';
import { temporaryHome } from '../support/home.ts';
import {
  AUDIENCE,
  generateKey,
  type IdentityProvider,
  inSeconds,
  ISSUER,
  startIdentityProvider,
} from '../support/identity-provider.ts';
import { stepClock } from '../support/step-clock.ts';
import { bearer, tokenOf } from '../support/tokens.ts';
import { until } from '../support/until.ts';

/** How long a session may outlive its token, ms. */
const TWO_SECONDS = 2_000;
const HOUR_SECONDS = 3600;
const QUERY = '{ jobs { totalCount } }';
const START =
  'mutation { startTraining(input: { backend: SIMULATION }) { ... on StartTrainingSuccess { job { startedBy } } } }';

async function serveJwt(alg?: string): Promise<{ server: TestServer; provider: IdentityProvider }> {
  const provider = await startIdentityProvider(alg);
  return { provider, server: await serve({ settings: { jwt: provider.settings } }) };
}

const answerFor = (server: TestServer, token: string, query = QUERY) => post(server, query, { headers: bearer(token) });
const statusFor = async (server: TestServer, token: string) => (await answerFor(server, token)).status;
const reasonsIn = ({ log }: TestServer) =>
  log.filter(({ msg }) => msg === 'authentication failed').map((line) => (line as { reason?: string }).reason);

test.each(['RS256', 'PS256', 'ES384', 'EdDSA'])('a valid token with %s has the rights of its role', async (alg) => {
  const { server, provider } = await serveJwt(alg);
  const token = await provider.sign();
  expect((await answerFor(server, token, START)).json()).toEqual({
    data: { startTraining: { job: { startedBy: 'ada' } } },
  });
  expect(await overWebSocket(connect(server, bearer(token)), QUERY)).toEqual([{ data: { jobs: { totalCount: 1 } } }]);
  const viewer = await provider.sign({ sub: 'vera', roles: 'viewer' });
  expect(codesOf((await answerFor(server, viewer, START)).json())).toEqual(['FORBIDDEN']);
});

test('tokens of the file and of the provider are valid side by side', async () => {
  const provider = await startIdentityProvider();
  const server = await serve({ settings: { tokens: [tokenOf('bob', 'bob-secret')], jwt: provider.settings } });
  expect(await statusFor(server, 'bob-secret')).toBe(200);
  expect(await statusFor(server, await provider.sign())).toBe(200);
  expect(await statusFor(server, 'other')).toBe(401);
});

/** A token that Ada's would be, but for one thing. */
const FORGERIES: readonly (readonly [id: string, forge: (provider: IdentityProvider) => Promise<string>])[] = [
  ['jwt-issuer', (provider) => provider.sign({ iss: 'https://evil.example/' })],
  ['jwt-issuer-missing', (provider) => provider.sign({ iss: undefined })],
  ['jwt-audience', (provider) => provider.sign({ aud: ['another', 'service'] })],
  ['jwt-audience-missing', (provider) => provider.sign({ aud: undefined })],
  ['jwt-expired', (provider) => provider.sign({ exp: inSeconds(-1) })],
  ['jwt-without-expiry', (provider) => provider.sign({ exp: undefined })],
  ['jwt-not-before', (provider) => provider.sign({ nbf: inSeconds(60) })],
  ['jwt-nameless', (provider) => provider.sign({ sub: undefined })],
  ['jwt-name-control', (provider) => provider.sign({ sub: 'ada\u202e' })],
  ['jwt-name-long', (provider) => provider.sign({ sub: 'a'.repeat(256) })],
  [
    'jwt-none',
    async (provider) => {
      const [, payload = ''] = (await provider.sign()).split('.');
      return `${base64url.encode('{"alg":"none"}')}.${payload}.`;
    },
  ],
  [
    'jwt-none-signed',
    async (provider) => {
      const [, payload = '', signature = ''] = (await provider.sign()).split('.');
      return `${base64url.encode('{"alg":"none"}')}.${payload}.${signature}`;
    },
  ],
  [
    'jwt-confusion',
    // CVE-2015-9235: the public key as the secret of an HMAC.
    async ({ keys }) => {
      const { publicJwk, kid } = keys[0] ?? expect.fail();
      const pem = await exportSPKI((await importJWK(publicJwk)) as CryptoKey);
      return new SignJWT({ iss: ISSUER, aud: AUDIENCE, sub: 'ada', roles: 'admin', exp: inSeconds(60) })
        .setProtectedHeader({ alg: 'HS256', kid })
        .sign(new TextEncoder().encode(pem));
    },
  ],
  ['jwt-other-key', async (provider) => provider.sign({}, await generateKey('first'))],
  [
    'jwt-embedded-key',
    // CVE-2018-0114: the token brings its own key.
    async ({ keys }) => {
      const key = await generateKey('mine');
      return new SignJWT({ iss: ISSUER, aud: AUDIENCE, sub: 'ada', roles: 'admin', exp: inSeconds(60) })
        .setProtectedHeader({
          alg: key.alg,
          kid: keys[0]?.kid ?? '',
          jwk: key.publicJwk,
          jku: 'http://127.0.0.1:1/jwks',
        })
        .sign(key.privateKey);
    },
  ],
  [
    'jwt-changed',
    async (provider) => {
      const [header, payload = '', signature] = (await provider.sign()).split('.');
      const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
      return [header, base64url.encode(JSON.stringify({ ...claims, roles: ['admin'] })), signature].join('.');
    },
  ],
];

test.each(FORGERIES)('[%s] a token that is not valid is refused with 401, and the log says why', async (_id, forge) => {
  const { server, provider } = await serveJwt();
  const token = await forge(provider);
  const { status, text } = await answerFor(server, token);
  expect(status).toBe(401);
  expect(text).not.toContain('ada');
  expect(reasonsIn(server)).toHaveLength(1);
  expect(JSON.stringify(server.log)).not.toContain(token.split('.')[1]);
  await expect(overWebSocket(connect(server, bearer(token)), QUERY)).rejects.toMatchObject({ code: 4403 });
});

test('[jwt-shared-secret] a symmetric key in the key set signs no token', async () => {
  const { server, provider } = await serveJwt();
  const secret = await generateSecret('HS256', { extractable: true });
  const jwk = { kty: 'oct', k: Buffer.alloc(32, 1).toString('base64url'), kid: 'shared' };
  provider.keys = [...provider.keys, { alg: 'HS256', kid: 'shared', privateKey: secret, publicJwk: jwk }];
  server.server.reloadTokens();
  const token = await new SignJWT({ iss: ISSUER, aud: AUDIENCE, sub: 'ada', roles: 'admin', exp: inSeconds(60) })
    .setProtectedHeader({ alg: 'HS256', kid: 'shared' })
    .sign(Buffer.alloc(32, 1));
  expect(await statusFor(server, token)).toBe(401);
});

test.each([
  ['owner'],
  [undefined],
  [[]],
  [['offline_access', 'Admin']],
  [{ admin: true }],
  ['viewer admin'],
  [[['admin']]],
  [true],
])('[jwt-role] the roles %j give no access, and the answer says so', async (roles) => {
  const { server, provider } = await serveJwt();
  const { status, json } = await answerFor(server, await provider.sign({ roles }));
  expect(status).toBe(403);
  expect(json().errors?.[0]?.message).toContain('gives no role on this server');
  expect(reasonsIn(server)).toEqual(['JWT of ada without a role in the claim roles']);
});

test.each([
  ['viewer', 'FORBIDDEN'],
  [['viewer', 'offline_access', 'admin', 'operator'], null],
])('[jwt-roles] of the roles %j the highest counts', async (roles, code) => {
  const { server, provider } = await serveJwt();
  const { json } = await answerFor(server, await provider.sign({ roles }), '{ auditLog { edges { node { id } } } }');
  expect(codesOf(json())).toEqual(code === null ? [] : [code]);
});

test('[jwt-expires] a token that expires loses HTTP access at once, and its WebSocket within two seconds', async () => {
  const { server, provider } = await serveJwt();
  const token = await provider.sign({ exp: inSeconds(HOUR_SECONDS) });
  const { id } = await queueJob(server.runner);
  const socket = await openSocket(server);
  if (typeof socket === 'number') throw new Error(`refused with ${socket}`);
  socket.send(JSON.stringify({ type: 'connection_init', payload: bearer(token) }));
  await once(socket, 'message');
  const query = `subscription { jobProgress(id: "${id}") { status } }`;
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }));
  await once(socket, 'message');
  const closed = once(socket, 'close') as Promise<[number]>;
  stepClock(HOUR_SECONDS * 1000);
  const expired = performance.now();
  const { status, json } = await answerFor(server, token);
  expect(status).toBe(401);
  expect(json().errors?.[0]?.message).toContain('this token has expired');
  expect((await closed)[0]).toBe(4403);
  expect(performance.now() - expired).toBeLessThan(TWO_SECONDS);
});

test('[jwt-large] a token of a megabyte is refused before it is read', async () => {
  const { server } = await serveJwt();
  const authorization = `Bearer ${'a'.repeat(300_000)}.${'b'.repeat(300_000)}.${'c'.repeat(300_000)}`;
  await expect(overWebSocket(connect(server, { authorization }), QUERY)).rejects.toMatchObject({ code: 4403 });
  expect(reasonsIn(server)).toEqual(['token is too long']);
});

test('[jwt-kid-flood] tokens with unknown keys cause no request each', async () => {
  const { server, provider } = await serveJwt();
  expect(await statusFor(server, await provider.sign())).toBe(200);
  const tokens = Array.from({ length: 50 }, (_, index) =>
    provider.sign({}, { ...(provider.keys[0] ?? expect.fail()), kid: `unknown-${index}` }),
  );
  const statuses = await Promise.all(tokens.map(async (token) => statusFor(server, await token)));
  expect(statuses.filter((status) => status !== 401 && status !== 429)).toEqual([]);
  expect(provider.requests()).toBeLessThanOrEqual(2);
  expect(await statusFor(server, await provider.sign())).toBe(200);
});

/** The source alone, with short times. */
async function openSource(times: Parameters<typeof createJwtSource>[2], provider?: IdentityProvider) {
  const chosen = provider ?? (await startIdentityProvider());
  const log: { level: number; msg: string }[] = [];
  const logger = pino({}, { write: (line: string) => void log.push(JSON.parse(line) as (typeof log)[number]) });
  const source = createJwtSource(chosen.settings, logger, times);
  onTestFinished(() => source[Symbol.dispose]());
  const check = async (token: string) => {
    const result = await source.check(token);
    return result === null ? 'UNKNOWN' : 'denied' in result ? result.denied : result.role;
  };
  return { provider: chosen, log, source, check };
}

test('[jwt-rotation] a new key is read when a token names it, and a withdrawn one is no longer accepted', async () => {
  const { provider, check } = await openSource({ cooldown: 50, maxAge: 200 });
  const old = await provider.sign();
  expect(await check(old)).toBe('operator');
  provider.keys = [await generateKey('second')];
  const fresh = await provider.sign({ roles: 'admin' });
  await until('the new key is read', async () => (await check(fresh)) === 'admin');
  await until('the old key has gone', async () => (await check(old)) === 'INVALID');
});

test('[jwt-keys-kept] keys are read once, not for each token', async () => {
  const { provider, check } = await openSource({});
  for (let index = 0; index < 20; index++) expect(await check(await provider.sign())).toBe('operator');
  expect(provider.requests()).toBe(1);
});

test.each([
  [
    'an error',
    (provider: IdentityProvider) => (provider.answer = (response) => response.writeHead(500).end()),
    /status 500/,
  ],
  [
    'a redirect',
    (provider: IdentityProvider) =>
      (provider.answer = (response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()),
    /status 302/,
  ],
  ['no JSON', (provider: IdentityProvider) => (provider.answer = (response) => response.end('<html>')), /not JSON/],
  [
    'no keys',
    (provider: IdentityProvider) => (provider.answer = (response) => response.end('{"keys":[]}')),
    /no public key/,
  ],
  [
    'an endless answer',
    (provider: IdentityProvider) =>
      (provider.answer = (response) => {
        const send = () => {
          if (!response.destroyed) response.write(Buffer.alloc(65_536, ' '), send);
        };
        send();
      }),
    /more than 262144 bytes/,
  ],
  ['silence', (provider: IdentityProvider) => (provider.answer = () => undefined), /no answer within 0.5 seconds/],
  [
    'an answer that never ends',
    (provider: IdentityProvider) => (provider.answer = (response) => response.write('{')),
    /no answer within 0.5 seconds/,
  ],
])(
  '[jwt-provider-down] %s instead of the keys is logged once, and asked for again only after a while',
  async (_what, spoil, problem) => {
    const provider = await startIdentityProvider();
    spoil(provider);
    const { check, log } = await openSource({ timeout: 500, cooldown: 60_000 }, provider);
    for (let index = 0; index < 5; index++) expect(await check(await provider.sign())).toBe('UNAVAILABLE');
    expect(provider.requests()).toBe(1);
    expect(log.map(({ msg }) => msg)).toEqual([expect.stringMatching(problem)]);
  },
);

test('[jwt-provider-outage] keys that were read stay in use for a while, and then no token is accepted', async () => {
  const { provider, check, log } = await openSource({ cooldown: 20, maxAge: 20, maxStale: 3_000 });
  const token = await provider.sign();
  expect(await check(token)).toBe('operator');
  provider.answer = (response) => response.writeHead(503).end();
  await until('the outage is seen', async () => (await check(token)) === 'operator' && log.length > 0);
  expect(log[0]?.msg).toMatch(/stay in use/);
  expect(await check(token)).toBe('operator');
  await until('they are too old', async () => (await check(token)) === 'UNAVAILABLE');
  provider.answer = null;
  await until('it is over', async () => (await check(token)) === 'operator');
});

test('[jwt-unavailable] without keys a JWT gets 503, its WebSocket 1013, and a token of the file is still valid', async () => {
  const provider = await startIdentityProvider();
  provider.answer = (response) => response.writeHead(500).end();
  const server = await serve({ settings: { tokens: [tokenOf('bob', 'bob-secret')], jwt: provider.settings } });
  const token = await provider.sign();
  const { status, headers, json } = await answerFor(server, token);
  expect(status).toBe(503);
  expect(headers['retry-after']).toBe('10');
  expect(codesOf(json())).toEqual(['IDENTITY_PROVIDER_UNAVAILABLE']);
  await expect(overWebSocket(connect(server, bearer(token)), QUERY)).rejects.toMatchObject({ code: 1013 });
  expect(await statusFor(server, 'bob-secret')).toBe(200);
  provider.answer = null;
  server.server.reloadTokens();
  await until('the keys are read', async () => (await statusFor(server, token)) === 200);
});

test('[jwt-keys-file] the keys may lie in a file, whose new version applies within seconds', async () => {
  const provider = await startIdentityProvider();
  const file = join(temporaryHome(), 'jwks.json');
  const write = () => {
    writeFileSync(`${file}.new`, JSON.stringify({ keys: provider.keys.map(({ publicJwk }) => publicJwk) }));
    renameSync(`${file}.new`, file);
  };
  write();
  const server = await serve({ settings: { jwt: { ...provider.settings, keys: pathToFileURL(file) } } });
  expect(await statusFor(server, await provider.sign())).toBe(200);
  provider.keys = [await generateKey('second')];
  write();
  const fresh = await provider.sign();
  await until('the new key applies', async () => (await statusFor(server, fresh)) === 200);
  expect(provider.requests()).toBe(0);
});

test('the claims of role and name may have other names, or lie deeper', async () => {
  const provider = await startIdentityProvider();
  const jwt = { ...provider.settings, roleClaim: 'realm_access.roles', nameClaim: 'https://lab.example/name' };
  const server = await serve({ settings: { jwt } });
  const claims = { roles: 'viewer', realm_access: { roles: ['operator'] }, 'https://lab.example/name': 'Ada Lovelace' };
  const { json } = await answerFor(server, await provider.sign(claims), START);
  expect(json()).toEqual({ data: { startTraining: { job: { startedBy: 'Ada Lovelace' } } } });
});

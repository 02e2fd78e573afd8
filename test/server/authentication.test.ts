import { once } from 'node:events';
import { expect, test } from 'vitest';
import { bearer, tokenOf } from '../support/tokens.ts';
import { ask, codesOf, connect, openSocket, overSse, overWebSocket, post, serve } from './support.ts';

const QUERY = '{ jobs { totalCount } }';
const TOKENS = ['first-secret', 'second-secret'].map((token, index) => tokenOf(`user${index}`, token));
const withTokens = () => serve({ settings: { tokens: TOKENS } });

test.each(['first-secret', 'second-secret'])('the token %s opens every path', async (token) => {
  const server = await withTokens();
  expect((await post(server, QUERY, { headers: bearer(token) })).json()).toEqual({ data: { jobs: { totalCount: 0 } } });
  expect(await overSse(server, QUERY, bearer(token))).toEqual([{ data: { jobs: { totalCount: 0 } } }]);
  expect(await overWebSocket(connect(server, bearer(token)), QUERY)).toEqual([{ data: { jobs: { totalCount: 0 } } }]);
});

test.each([
  {},
  bearer('wrong'),
  bearer(''),
  { authorization: 'first-secret' },
  { authorization: 'Basic first-secret' },
])('%j is refused over HTTP with a 401', async (headers: Record<string, string>) => {
  const server = await withTokens();
  for (const answer of [
    await post(server, QUERY, { headers }),
    await post(server, QUERY, { headers: { ...headers, accept: 'text/event-stream' } }),
    await ask(server, { path: `/graphql?query=${encodeURIComponent(QUERY)}`, headers }),
  ]) {
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
    expect(codesOf(answer.json())).toEqual(['UNAUTHENTICATED']);
  }
});

test.each([
  undefined,
  { authorization: 'Bearer wrong' },
  { authorization: 7 },
  { authorization: ['Bearer first-secret'] },
])('%j is refused over WebSocket by closing it with 4403', async (connectionParams?: Record<string, unknown>) => {
  const server = await withTokens();
  await expect(overWebSocket(connect(server, connectionParams), QUERY)).rejects.toMatchObject({ code: 4403 });
});

test('a WebSocket without connection_init gets no answer, and is closed', async () => {
  const server = await serve({ settings: { tokens: TOKENS }, limits: { connectionInit: 50 } });
  const silent = await openSocket(server);
  if (typeof silent === 'number') throw new Error(`refused with ${silent}`);
  const [silentCode] = (await once(silent, 'close')) as [number];
  expect(silentCode).toBe(4408);

  const eager = await openSocket(server);
  if (typeof eager === 'number') throw new Error(`refused with ${eager}`);
  eager.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: QUERY } }));
  const [eagerCode] = (await once(eager, 'close')) as [number];
  expect(eagerCode).toBe(4401);
});

test('health, readiness and the page of GraphiQL need no token', async () => {
  const server = await withTokens();
  for (const path of ['/health', '/ready']) expect((await ask(server, { path })).status).toBe(200);
  expect((await ask(server, { headers: { accept: 'text/html' } })).status).toBe(200);
});

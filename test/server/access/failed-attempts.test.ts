import { expect, test } from 'vitest';
import { createFailedAttempts } from '../../../src/server/access/failed-attempts.ts';
import { bearer, tokenOf } from '../../support/tokens.ts';
import { post, serve } from '../support.ts';

test('five failures are free, then the wait doubles up to two seconds; ten seconds forget one failure', () => {
  let now = 0;
  const failures = createFailedAttempts(() => now);
  const waits = Array.from({ length: 12 }, () => failures.add('a').waitMs);
  expect(waits).toEqual([0, 0, 0, 0, 0, 100, 200, 400, 800, 1600, 2000, 2000]);
  expect(failures.add('b')).toEqual({ count: 1, waitMs: 0 });
  now += 80_000;
  expect(failures.add('a')).toEqual({ count: 5, waitMs: 0 });
  now += 600_000;
  expect(failures.add('a')).toEqual({ count: 1, waitMs: 0 });
});

test('the table is bounded: the address with the oldest failure is forgotten first', () => {
  const failures = createFailedAttempts(() => 0);
  failures.add('oldest');
  failures.add('kept');
  failures.add('oldest');
  for (let index = 0; index < 9_999; index++) failures.add(`address ${index}`);
  expect(failures.add('oldest').count).toBe(3);
  expect(failures.add('kept').count).toBe(1);
});

const isFailure = ({ msg }: { msg: string }) => msg === 'authentication failed';

test('[token-guessing] guesses are logged without the token and slowed down, and a valid token is not', async () => {
  const server = await serve({ settings: { tokens: [tokenOf('ada', 'right')] } });
  const guess = async (token: string) => {
    const began = performance.now();
    const { status } = await post(server, '{ __typename }', { headers: bearer(token) });
    return { status, waited: performance.now() - began };
  };
  for (let index = 0; index < 8; index++) expect((await guess(`guess-${index}`)).status).toBe(401);
  const [slow, right] = await Promise.all([guess('guess-8'), guess('right')]);
  expect(slow.waited).toBeGreaterThan(750);
  expect(right.status).toBe(200);
  expect(right.waited).toBeLessThan(slow.waited);
  const lines = server.log.filter(isFailure);
  expect(lines.map((line) => (line as unknown as { recentFailures: number }).recentFailures)).toEqual([1, 2, 4, 8]);
  expect(lines[0]).toMatchObject({ level: 40, address: '127.0.0.1', reason: 'unknown token' });
  expect(JSON.stringify(server.log)).not.toMatch(/guess-|right/);
});

test('[token-guessing-flood] few guesses of an address wait for their answer; others get 429 at once', async () => {
  const server = await serve({ settings: { tokens: [tokenOf('ada', 'right')] } });
  const guesses = Array.from({ length: 100 }, () => post(server, '{ __typename }', { headers: bearer('wrong') }));
  const statuses = new Set((await Promise.all(guesses)).map(({ status }) => status));
  expect([...statuses].sort()).toEqual([401, 429]);
  expect((await post(server, '{ __typename }', { headers: bearer('right') })).status).toBe(200);
});

test('a request without a token does not count as a guess', async () => {
  const server = await serve({ settings: { tokens: [tokenOf('ada', 'right')] } });
  for (let index = 0; index < 10; index++) expect((await post(server, '{ __typename }')).status).toBe(401);
  expect(server.log.filter(isFailure)).toEqual([]);
});

import { expect, test } from 'vitest';
import { post, serve } from '../server/support.ts';
import { verdictOn, WAYS } from './attack.ts';
import type { Operation } from './operations.ts';
import { filtered, keys, nested, started, VARIABLE_ATTACKS } from './variable-attacks.ts';

test.each(VARIABLE_ATTACKS.map((attack) => [attack.id, attack.title, attack] as const))(
  '%s: %s is refused on every path with a short answer',
  async (_id, _title, { operation, code }) => {
    const server = await serve();
    for (const [way, send] of WAYS) {
      const outcome = await send(server, operation());
      expect({ way, ...verdictOn(outcome) }).toEqual({ way, code, data: null, isShort: true });
    }
  },
);

test.each([
  ['a filter of 10,000 ids', filtered({ ids: Array.from({ length: 10_000 }, (_, index) => `job_1_${index}`) })],
  ['options of 64 kB', started({ columns: Array.from({ length: 5000 }, (_, index) => `column ${index}`) })],
  ['nested options', started(nested(29))],
])('%s is within the limits on every path', async (_what, operation) => {
  const server = await serve();
  for (const [way, send] of WAYS) {
    const { answer } = await send(server, operation);
    expect({ way, errors: answer.errors }).toEqual({ way, errors: undefined });
  }
});

async function overHttp({ query, variables = {} }: Operation) {
  return (await post(await serve(), query, { variables })).json();
}

test('a refusal names the variable and the limit', async () => {
  const answer = await overHttp(filtered(keys(2000)));
  expect(answer.errors?.[0]?.message).toBe(
    'The variable $filter holds an object of more than 1000 keys. Send less in one operation.',
  );
});

test('an error of coercion names the problem, with the start of the value', async () => {
  const answer = await overHttp(filtered(keys(900)));
  expect(answer.errors?.[0]?.message).toMatch(/not to include unknown field "key0", found: \{ key0: 0, .*…$/);
  expect(answer.errors?.at(-1)?.message).toMatch(/Too many errors/);
});
